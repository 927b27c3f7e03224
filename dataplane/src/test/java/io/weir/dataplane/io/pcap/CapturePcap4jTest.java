package io.weir.dataplane.io.pcap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pcap4j.core.PcapDumper;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapHandle.TimestampPrecision;
import org.pcap4j.core.Pcaps;
import org.pcap4j.packet.namednumber.DataLinkType;

import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Capture files of ours read by libpcap, and libpcap's by us. */
class CapturePcap4jTest {
    private static final int FRAMES = 200;

    private final Seed seed = Seed.ofThisRun();
    private final Random random = seed.random();
    private final List<byte[]> frames = new ArrayList<>();
    private final List<Long> times = new ArrayList<>();

    @BeforeAll
    static void needLibpcap() {
        boolean there;
        try {
            there = !Pcaps.libVersion().isEmpty();
        } catch (LinkageError e) {
            there = false;
        }
        assumeTrue(there, "needs libpcap (Debian: libpcap0.8)");
    }

    private void makeFrames() {
        for (int i = 0; i < FRAMES; i++) {
            byte[] frame = new byte[1 + random.nextInt(3000)];
            random.nextBytes(frame);
            frames.add(frame);
            times.add(random.nextLong(2_000_000_000_000_000_000L));
        }
    }

    private static long nanos(Timestamp timestamp) {
        Instant instant = timestamp.toInstant();
        return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
    }

    @ParameterizedTest
    @EnumSource(CaptureFormat.class)
    void libpcapReadsOurFiles(CaptureFormat format, @TempDir Path folder) throws Exception {
        makeFrames();
        Path file = folder.resolve("ours");
        try (CaptureWriter writer = CaptureWriter.create(file, format, List.of("eth0"))) {
            for (int i = 0; i < FRAMES; i++) {
                writer.write(times.get(i), 0, frames.get(i));
            }
        }
        long unit = format == CaptureFormat.PCAP_MICROSECONDS ? 1000 : 1;
        try (PcapHandle handle = Pcaps.openOffline(file.toString(), TimestampPrecision.NANO)) {
            assertThat(handle.getDlt()).isEqualTo(DataLinkType.EN10MB);
            for (int i = 0; i < FRAMES; i++) {
                assertThat(handle.getNextRawPacket()).as("%s", seed).isEqualTo(frames.get(i));
                assertThat(nanos(handle.getTimestamp()))
                        .as("%s", seed)
                        .isEqualTo(times.get(i) / unit * unit);
            }
            assertThat(handle.getNextRawPacket()).isNull();
        }
    }

    @Test
    void weReadTheFilesOfLibpcap(@TempDir Path folder) throws Exception {
        makeFrames();
        Path file = folder.resolve("theirs");
        try (PcapHandle handle =
                        Pcaps.openDead(DataLinkType.EN10MB, 65_535, TimestampPrecision.NANO);
                PcapDumper dumper = handle.dumpOpen(file.toString())) {
            for (int i = 0; i < FRAMES; i++) {
                long time = times.get(i);
                Instant instant = Instant.ofEpochSecond(0, time);
                dumper.dumpRaw(frames.get(i), Timestamp.from(instant));
            }
        }
        try (CaptureReader reader = CaptureReader.open(file)) {
            for (int i = 0; i < FRAMES; i++) {
                CapturedFrame frame = reader.next();
                assertThat(frame).isNotNull();
                assertThat(frame.bytes()).as("%s", seed).isEqualTo(frames.get(i));
                assertThat(frame.timestampNanos()).as("%s", seed).isEqualTo(times.get(i));
            }
            assertThat(reader.next()).isNull();
        }
    }
}
