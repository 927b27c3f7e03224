package io.weir.dataplane.io.pcap;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import org.junit.jupiter.params.provider.MethodSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.stream.Stream;

/** A file of any bytes is read, or refused in one line; no frame has more bytes than the file. */
class CaptureReaderFuzzTest {
    private static final String NAME = "file";
    private static final long PCAP = 0xa1b2c3d4L;
    private static final long PCAP_NANOS = 0xa1b23c4dL;

    static Stream<byte[]> seeds() {
        byte[] frame = new byte[60];
        return Stream.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)
                .flatMap(
                        order ->
                                Stream.of(
                                        new CaptureBytes(order)
                                                .pcapHeader(PCAP)
                                                .pcapFrame(1, 2, frame, 60)
                                                .pcapFrame(1, 999_999, frame, 1500)
                                                .toByteArray(),
                                        new CaptureBytes(order)
                                                .pcapHeader(PCAP_NANOS)
                                                .pcapFrame(1, 999_999_999, frame, 60)
                                                .toByteArray(),
                                        new CaptureBytes(order)
                                                .section()
                                                .ethernetInterface()
                                                .enhancedPacket(0, 1_000_000, frame)
                                                .toByteArray()));
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsOrRefuses(byte[] file) throws IOException {
        long bytes = 0;
        try (CaptureReader reader = CaptureReader.of(new ByteArrayInputStream(file), NAME)) {
            for (CapturedFrame frame = reader.next(); frame != null; frame = reader.next()) {
                bytes += frame.bytes().length;
                assertThat(frame.interfaceId()).isNotNegative();
                assertThat(frame.originalLength()).isNotNegative();
            }
        } catch (CaptureException refused) {
            assertThat(refused.getMessage()).startsWith(NAME + ": ").doesNotContain("\n");
        }
        assertThat(bytes).isLessThanOrEqualTo(file.length);
    }
}
