package io.weir.dr;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.service.TunnelSettings;
import io.weir.dataplane.service.TunnelSettings.Checksum;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

class GreTunnelTest {
    private static final String OUTER =
            "srv 02:00:00:00:00:02 > 02:00:00:00:02:0b 10.2.0.1 > 10.2.0.11 gre ";

    private static FrameBuilder question() {
        return Frames.udp().from(CLIENT, 4000).to(VIP, 53);
    }

    private static List<String> sent(Checksum checksum, FrameBuilder packet) {
        try (WorkerBench bench = TunnelBench.of(TunnelSettings.Type.GRE, 0, checksum)) {
            List<String> words = bench.fromClient(packet);
            assertThat(bench.faults()).isEmpty();
            return words;
        }
    }

    @Test
    void putsFourBytesBeforeThePacket() {
        assertThat(sent(Checksum.NONE, question().payload("who?").id(5).tos(0xb8)))
                .containsExactly(
                        OUTER
                                + "[10.1.0.11:4000 > 10.1.0.100:53 udp len 4 tos 184 ttl 63 id 5]"
                                + " tos 184 ttl 63 id 1");
    }

    @Test
    void sumsThePacketInsideAndItsOwnHeader() {
        for (int length = 0; length < 9; length++) {
            byte[] payload = new byte[length];
            Arrays.fill(payload, (byte) 0xe7);
            assertThat(sent(Checksum.FULL, question().payload(payload)))
                    .singleElement()
                    .asString()
                    .startsWith(OUTER + "checksum [10.1.0.11:4000 > ");
        }
    }

    @Test
    void writesTheHeadersOfRfc2784() {
        try (WorkerBench bench = TunnelBench.of(TunnelSettings.Type.GRE, 0, Checksum.NONE)) {
            assertThat(header(bench)).isEqualTo("00000800");
        }
        try (WorkerBench bench = TunnelBench.of(TunnelSettings.Type.GRE, 0, Checksum.FULL)) {
            assertThat(header(bench)).startsWith("80000800").endsWith("00004500").hasSize(20);
        }
    }

    // What is between the outer header and the inner one, with the inner one's first two bytes if
    // there is a checksum.
    private static String header(WorkerBench bench) {
        bench.inject(
                WorkerBench.CLI, question().macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).bytes());
        bench.run();
        byte[] frame = bench.frames(WorkerBench.SRV).getFirst();
        int end = frame[34] == 0 ? 38 : 44;
        return HexFormat.of().formatHex(frame, 34, end);
    }

    @Test
    void tellsTheRoomThatIsLeft() {
        assertThat(tooBig(Checksum.NONE)).contains(" icmp 3/4 rest 0x5c4 "); // 1476
        assertThat(tooBig(Checksum.FULL)).contains(" icmp 3/4 rest 0x5c0 "); // 1472
    }

    private static String tooBig(Checksum checksum) {
        return sent(checksum, question().payload(new byte[1472]).dontFragment()).getFirst();
    }
}
