package io.weir.dataplane.io.pcap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class CaptureWriterTest {
    private static final byte[] FRAME = Frames.udp().payload("odd").bytes();

    private final Seed seed = Seed.ofThisRun();
    private final Random random = seed.random();

    @ParameterizedTest
    @EnumSource(CaptureFormat.class)
    void writesWhatTheReaderReads(CaptureFormat format, @TempDir Path folder) throws IOException {
        Path file = folder.resolve("capture");
        boolean pcapng = format == CaptureFormat.PCAPNG;
        List<String> names = pcapng ? List.of("eth0", "inside", "x") : List.of("eth0");
        List<Long> times = new ArrayList<>();
        List<byte[]> frames = new ArrayList<>();
        try (CaptureWriter writer = CaptureWriter.create(file, format, names)) {
            for (int i = 0; i < 500; i++) {
                byte[] frame = new byte[random.nextInt(2000)];
                random.nextBytes(frame);
                long time = random.nextLong(4_294_967_296_000_000_000L);
                writer.write(time, i % names.size(), frame);
                times.add(format == CaptureFormat.PCAP_MICROSECONDS ? time / 1000 * 1000 : time);
                frames.add(frame);
            }
        }
        try (CaptureReader reader = CaptureReader.open(file)) {
            for (int i = 0; i < 500; i++) {
                CapturedFrame frame = reader.next();
                assertThat(frame).isNotNull();
                assertThat(frame.timestampNanos()).as("%s", seed).isEqualTo(times.get(i));
                assertThat(frame.interfaceId()).isEqualTo(i % names.size());
                assertThat(frame.bytes()).as("%s", seed).isEqualTo(frames.get(i));
                assertThat(frame.isTruncated()).isFalse();
            }
            assertThat(reader.next()).isNull();
        }
    }

    @Test
    void writesFieldByFieldWhatTheFormatSays() throws IOException {
        CaptureBytes pcap =
                new CaptureBytes(ByteOrder.LITTLE_ENDIAN)
                        .u32(0xa1b2c3d4L)
                        .u16(2)
                        .u16(4)
                        .u64(0)
                        .u32(262_144)
                        .u32(1)
                        .pcapFrame(7, 8, FRAME, FRAME.length);
        assertThat(written(CaptureFormat.PCAP_MICROSECONDS)).isEqualTo(pcap.toByteArray());

        CaptureBytes pcapng = new CaptureBytes(ByteOrder.LITTLE_ENDIAN).section();
        CaptureBytes described = pcapng.body().u16(1).u16(0).u32(262_144);
        described.u16(2).u16(5).raw(Frames.ascii("eth10")).pad();
        described.u16(9).u16(1).raw((byte) 9).pad().u16(0).u16(0);
        pcapng.block(1, described).enhancedPacket(0, 7_000_008_999L, FRAME);
        assertThat(written(CaptureFormat.PCAPNG)).isEqualTo(pcapng.toByteArray());
    }

    private static byte[] written(CaptureFormat format) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (CaptureWriter writer = CaptureWriter.of(bytes, "x", format, List.of("eth10"));
                NativeBlock block = new NativeBlock(FRAME.length)) {
            Memory.copyIn(FRAME, 0, block.address(), FRAME.length);
            writer.write(7_000_008_999L, 0, block.address(), FRAME.length);
        }
        return bytes.toByteArray();
    }

    @Test
    void refusesWhatTheFormatCannotSay() throws IOException {
        OutputStream nowhere = OutputStream.nullOutputStream();
        assertThatThrownBy(
                        () ->
                                CaptureWriter.of(
                                        nowhere,
                                        "x",
                                        CaptureFormat.PCAP_NANOSECONDS,
                                        List.of("a", "b")))
                .isInstanceOf(IllegalArgumentException.class);
        try (CaptureWriter writer =
                CaptureWriter.of(nowhere, "x.pcap", CaptureFormat.PCAP_NANOSECONDS, List.of("a"))) {
            assertThatThrownBy(() -> writer.write(0, 1, FRAME))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.write(Long.MAX_VALUE, 0, FRAME))
                    .isInstanceOf(CaptureException.class)
                    .hasMessage("x.pcap: pcap has no timestamps after 2106; use pcapng");
            assertThatThrownBy(() -> writer.write(0, 0, new byte[262_145]))
                    .hasMessage("x.pcap: a frame of 262145 bytes is too large");
        }
    }

    @Test
    void tellsWhichFileCannotBeWritten(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("missing").resolve("x.pcap");
        assertThatThrownBy(() -> CaptureWriter.create(file, CaptureFormat.PCAPNG, List.of("a")))
                .isInstanceOf(CaptureException.class)
                .hasMessage(file + ": cannot be created: there is no such folder");
        OutputStream full =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("No space left on device");
                    }
                };
        CaptureWriter writer = CaptureWriter.of(full, "x", CaptureFormat.PCAPNG, List.of("a"));
        assertThatThrownBy(writer::close)
                .isInstanceOf(CaptureException.class)
                .hasMessage("x: cannot be written: No space left on device");
    }
}
