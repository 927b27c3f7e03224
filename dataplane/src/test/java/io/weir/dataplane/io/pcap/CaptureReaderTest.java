package io.weir.dataplane.io.pcap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;

import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

class CaptureReaderTest {
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final byte[] FRAME = Frames.tcp().syn().bytes();

    static List<ByteOrder> orders() {
        return List.of(LITTLE, ByteOrder.BIG_ENDIAN);
    }

    private static CaptureReader reader(byte[] file) throws IOException {
        return CaptureReader.of(new ByteArrayInputStream(file), "test.pcap");
    }

    private static List<CapturedFrame> readAll(byte[] file) throws IOException {
        List<CapturedFrame> frames = new ArrayList<>();
        try (CaptureReader reader = reader(file)) {
            CapturedFrame frame = reader.next();
            while (frame != null) {
                frames.add(frame);
                frame = reader.next();
            }
        }
        return frames;
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertDamaged(
            CaptureBytes file) {
        return assertThatThrownBy(() -> readAll(file.toByteArray()))
                .isInstanceOf(CaptureException.class)
                .hasMessageMatching("test.pcap: at offset \\d+: .*");
    }

    @ParameterizedTest
    @MethodSource("orders")
    void readsPcapOfBothUnits(ByteOrder order) throws IOException {
        byte[] micros =
                new CaptureBytes(order)
                        .pcapHeader(0xa1b2c3d4L)
                        .pcapFrame(1_700_000_000L, 123_456, FRAME, FRAME.length)
                        .pcapFrame(0xffff_ffffL, 1, new byte[0], 99)
                        .toByteArray();
        List<CapturedFrame> frames = readAll(micros);
        assertThat(frames).hasSize(2);
        assertThat(frames.get(0).timestampNanos()).isEqualTo(1_700_000_000_123_456_000L);
        assertThat(frames.get(0).bytes()).isEqualTo(FRAME);
        assertThat(frames.get(0).isTruncated()).isFalse();
        assertThat(frames.get(0).interfaceId()).isZero();
        assertThat(frames.get(1).timestampNanos()).isEqualTo(4_294_967_295_000_001_000L);
        assertThat(frames.get(1).originalLength()).isEqualTo(99);
        assertThat(frames.get(1).isTruncated()).isTrue();

        byte[] nanos =
                new CaptureBytes(order)
                        .pcapHeader(0xa1b23c4dL)
                        .pcapFrame(5, 123_456_789, FRAME, FRAME.length)
                        .toByteArray();
        assertThat(readAll(nanos).get(0).timestampNanos()).isEqualTo(5_123_456_789L);
    }

    @ParameterizedTest
    @MethodSource("orders")
    void readsPcapng(ByteOrder order) throws IOException {
        CaptureBytes file = new CaptureBytes(order).section();
        CaptureBytes described = file.body().u16(1).u16(0).u32(20);
        described.u16(2).u16(4).raw(Frames.ascii("eth1"));
        described.u16(9).u16(1).raw((byte) 9, (byte) 0, (byte) 0, (byte) 0);
        described.u16(14).u16(8).u64(100).u16(0).u16(0);
        file.block(1, described)
                .block(0x0bad, file.body().u64(7))
                .ethernetInterface()
                .block(5, file.body().u32(0).u64(0))
                .enhancedPacket(0, 1_234_567_890_123L, FRAME)
                .enhancedPacket(1, 1_700_000_000_123_456L, Arrays.copyOf(FRAME, 61))
                .block(3, file.body().u32(FRAME.length).raw(Arrays.copyOf(FRAME, 20)))
                .block(2, file.body().u16(1).u16(3).u32(0).u32(77).u32(4).u32(60).raw(new byte[4]));
        List<CapturedFrame> frames = readAll(file.toByteArray());
        assertThat(frames).hasSize(4);
        assertThat(frames.get(0).timestampNanos()).isEqualTo(1_334_567_890_123L);
        assertThat(frames.get(0).interfaceId()).isZero();
        assertThat(frames.get(0).bytes()).isEqualTo(FRAME);
        assertThat(frames.get(1).timestampNanos()).isEqualTo(1_700_000_000_123_456_000L);
        assertThat(frames.get(1).interfaceId()).isEqualTo(1);
        assertThat(frames.get(1).bytes()).isEqualTo(Arrays.copyOf(FRAME, 61));
        // A simple packet: cut at the first interface's limit, at the time of the one before.
        assertThat(frames.get(2).bytes()).isEqualTo(Arrays.copyOf(FRAME, 20));
        assertThat(frames.get(2).originalLength()).isEqualTo(FRAME.length);
        assertThat(frames.get(2).timestampNanos()).isEqualTo(1_700_000_000_123_456_000L);
        assertThat(frames.get(3).timestampNanos()).isEqualTo(77_000);
        assertThat(frames.get(3).originalLength()).isEqualTo(60);
    }

    @Test
    void startsAnewWithEachSection() throws IOException {
        CaptureBytes big = new CaptureBytes(ByteOrder.BIG_ENDIAN).section().ethernetInterface();
        CaptureBytes file =
                new CaptureBytes(LITTLE)
                        .section()
                        .ethernetInterface()
                        .enhancedPacket(0, 1, FRAME)
                        .raw(big.enhancedPacket(0, 2, FRAME).toByteArray());
        assertThat(readAll(file.toByteArray()))
                .extracting(CapturedFrame::timestampNanos)
                .containsExactly(1000L, 2000L);
        CaptureBytes forgotten = new CaptureBytes(LITTLE).section().ethernetInterface().section();
        assertDamaged(forgotten.enhancedPacket(0, 1, FRAME))
                .hasMessage(
                        "test.pcap: at offset 76: a frame of interface 0, which is not described");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 5, 5000000000",
        "3, 5, 5000000",
        "6, 1700000000123456, 1700000000123456000",
        "9, 42, 42",
        "12, 1999, 1",
        "27, 4000000000000000000, 4",
        "128, 5, 5000000000",
        "129, 3, 1500000000",
        "148, 1048577, 1000000953",
        "191, 4611686018427387904, 500000000"
    })
    void convertsTimestampsOfAnyResolution(int code, long ticks, long nanos) throws IOException {
        CaptureBytes file = new CaptureBytes(LITTLE).section();
        CaptureBytes described = file.body().u16(1).u16(0).u32(0);
        described.u16(9).u16(1).raw((byte) code).pad();
        file.block(1, described).enhancedPacket(0, ticks, FRAME);
        assertThat(readAll(file.toByteArray()).get(0).timestampNanos()).isEqualTo(nanos);
    }

    @Test
    void refusesTimestampsThatNoClockShows() {
        CaptureBytes late = new CaptureBytes(LITTLE).section().ethernetInterface();
        assertDamaged(late.enhancedPacket(0, Long.MAX_VALUE / 100, FRAME))
                .hasMessageContaining("a timestamp out of range");
        CaptureBytes later = new CaptureBytes(LITTLE).section().ethernetInterface();
        assertDamaged(later.enhancedPacket(0, -1, FRAME))
                .hasMessageContaining("a timestamp out of range");
        CaptureBytes fine = new CaptureBytes(LITTLE).section();
        CaptureBytes described =
                fine.body().u16(1).u16(0).u32(0).u16(9).u16(1).raw((byte) 28).pad();
        assertDamaged(fine.block(1, described)).hasMessageContaining("resolution 28");
    }

    @Test
    void refusesWhatIsNoCapture() {
        assertThatThrownBy(() -> reader(new byte[0]))
                .hasMessage(
                        "test.pcap: at offset 0: the file is empty;"
                                + " a pcap or pcapng file is needed");
        assertThatThrownBy(() -> reader(Frames.ascii("ab")))
                .hasMessage("test.pcap: at offset 0: the file ends inside its first four bytes");
        assertThatThrownBy(() -> reader(Frames.ascii("hello, world")))
                .hasMessage("test.pcap: at offset 0: this is neither a pcap nor a pcapng file");
        assertThatThrownBy(() -> CaptureReader.open(Path.of("no/such/file.pcap")))
                .isInstanceOf(CaptureException.class)
                .hasMessage("no/such/file.pcap: no such file");
    }

    @Test
    void refusesOtherLinkTypesAndVersions() {
        CaptureBytes raw = new CaptureBytes(LITTLE).u32(0xa1b2c3d4L).u16(2).u16(4).u64(0);
        assertDamaged(raw.u32(65535).u32(101))
                .hasMessage(
                        "test.pcap: at offset 20:"
                                + " link type 101 is not supported; only Ethernet (1) is");
        CaptureBytes old = new CaptureBytes(LITTLE).u32(0xa1b2c3d4L).u16(1).u16(4).u64(0);
        assertDamaged(old.u32(65535).u32(1)).hasMessageContaining("pcap version 1 is not known");
        CaptureBytes wlan = new CaptureBytes(LITTLE).section();
        wlan.block(1, wlan.body().u16(127).u16(0).u32(0)).enhancedPacket(0, 1, FRAME);
        assertDamaged(wlan).hasMessageContaining("link type 127 is not supported");
        CaptureBytes future = new CaptureBytes(LITTLE);
        future.block(0x0a0d0d0aL, future.body().u32(0x1a2b3c4dL).u16(2).u16(0).u64(-1));
        assertDamaged(future).hasMessageContaining("pcapng version 2 is not known");
    }

    @Test
    void refusesLyingLengths() {
        CaptureBytes pcap = new CaptureBytes(LITTLE).pcapHeader(0xa1b2c3d4L);
        assertDamaged(pcap.u64(0).u32(0xffff_ffffL).u32(60))
                .hasMessage(
                        "test.pcap: at offset 24:"
                                + " a frame of 4294967295 bytes is claimed; the file is damaged");
        CaptureBytes frame = new CaptureBytes(LITTLE).section().ethernetInterface();
        assertDamaged(frame.block(6, frame.body().u64(0).u32(0).u32(61).u32(61).raw(FRAME).pad()))
                .hasMessageContaining("a frame of 61 bytes is claimed");
        CaptureBytes block = new CaptureBytes(LITTLE).section().u32(6).u32(0x7fff_fffcL);
        assertDamaged(block).hasMessageContaining("a block's body of 2147483632 bytes");
        CaptureBytes odd = new CaptureBytes(LITTLE).section().u32(6).u32(33).raw(new byte[40]);
        assertDamaged(odd).hasMessageContaining("a block of 33 bytes is claimed");
        CaptureBytes unequal = new CaptureBytes(LITTLE).section().u32(99).u32(12).u32(16);
        assertDamaged(unequal).hasMessageContaining("two lengths, 12 and 16, differ");
        CaptureBytes option = new CaptureBytes(LITTLE).section();
        option.block(1, option.body().u16(1).u16(0).u32(0).u16(2).u16(9).u32(0));
        assertDamaged(option).hasMessageContaining("an option is longer than its block");
    }

    /** A block of 4 GB that nobody needs, in a file of 40 bytes. */
    @Test
    void skipsNoFurtherThanTheFileGoes(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("short.pcapng");
        CaptureBytes bytes = new CaptureBytes(LITTLE).section().u32(0x0bad).u32(0xffff_fffcL);
        Files.write(file, bytes.u32(0).toByteArray());
        try (CaptureReader reader = CaptureReader.open(file)) {
            assertThatThrownBy(reader::next)
                    .hasMessage(file + ": at offset 36: the file ends inside a block");
        }
    }

    @Test
    void tellsWhereAFileWasCut() throws IOException {
        CaptureBytes pcap = new CaptureBytes(LITTLE).pcapHeader(0xa1b2c3d4L);
        pcap.pcapFrame(1, 2, FRAME, FRAME.length);
        assertEndsProperlyOnlyAfter(pcap.toByteArray(), List.of(24));
        CaptureBytes pcapng = new CaptureBytes(LITTLE).section().ethernetInterface();
        pcapng.enhancedPacket(0, 1, FRAME);
        assertEndsProperlyOnlyAfter(pcapng.toByteArray(), List.of(28, 48));
    }

    private static void assertEndsProperlyOnlyAfter(byte[] whole, List<Integer> lengths)
            throws IOException {
        assertThat(readAll(whole)).hasSize(1);
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            if (lengths.contains(length)) {
                assertThat(readAll(cut)).isEmpty();
            } else {
                assertThatThrownBy(() -> readAll(cut))
                        .as("%d bytes", length)
                        .isInstanceOf(CaptureException.class)
                        .hasMessageMatching("test.pcap: at offset \\d+: the file ends inside .*");
            }
        }
    }

    /** Damage of every kind ends in a frame, the end, or the documented exception. */
    @Test
    void neverThrowsAnythingElse() {
        Seed seed = Seed.ofThisRun();
        Random random = seed.random();
        for (int round = 0; round < 30_000; round++) {
            byte[] file = sample(random.nextInt(4));
            if (random.nextInt(20) == 0) {
                random.nextBytes(file);
            }
            for (int changes = random.nextInt(6); changes > 0; changes--) {
                int at = random.nextInt(file.length);
                file[at] = (byte) (random.nextBoolean() ? random.nextInt() : -random.nextInt(2));
            }
            byte[] damaged = Arrays.copyOf(file, random.nextInt(file.length + 1));
            try {
                for (CapturedFrame frame : readAll(damaged)) {
                    assertThat(frame.bytes().length).isLessThanOrEqualTo(damaged.length);
                    assertThat(frame.timestampNanos()).isNotNegative();
                }
            } catch (CaptureException e) {
                assertThat(e).as("%s", seed).hasMessageStartingWith("test.pcap: at offset ");
            } catch (IOException | RuntimeException | Error e) {
                throw new AssertionError(seed + ", round " + round, e);
            }
        }
    }

    private static byte[] sample(int kind) {
        ByteOrder order = kind % 2 == 0 ? LITTLE : ByteOrder.BIG_ENDIAN;
        CaptureBytes file = new CaptureBytes(order);
        if (kind < 2) {
            file.pcapHeader(0xa1b23c4dL).pcapFrame(1, 2, FRAME, FRAME.length);
            return file.pcapFrame(3, 4, FRAME, FRAME.length).toByteArray();
        }
        CaptureBytes described = file.body().u16(1).u16(0).u32(65535);
        described.u16(9).u16(1).raw((byte) 0xa0).pad().u16(14).u16(8).u64(1).u32(0);
        file.section().block(1, described).enhancedPacket(0, 1L << 40, FRAME);
        return file.block(3, file.body().u32(FRAME.length).raw(FRAME).pad())
                .block(2, file.body().u32(0).u64(0).u32(4).u32(60).raw(new byte[4]))
                .toByteArray();
    }
}
