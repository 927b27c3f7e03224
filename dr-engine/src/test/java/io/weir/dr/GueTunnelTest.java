package io.weir.dr;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.service.TunnelSettings;
import io.weir.dataplane.service.TunnelSettings.Checksum;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.HexFormat;

class GueTunnelTest {
    private static final int TUNNEL_PORT = 6080;

    private static FrameBuilder question() {
        return Frames.udp().from(CLIENT, 4000).to(VIP, 53);
    }

    private static WorkerBench bench(Checksum checksum) {
        return TunnelBench.of(TunnelSettings.Type.GUE, TUNNEL_PORT, checksum);
    }

    private static byte[] sent(WorkerBench bench, FrameBuilder packet) {
        bench.inject(
                WorkerBench.CLI, packet.macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).bytes());
        bench.run();
        assertThat(bench.faults()).isEmpty();
        return bench.frames(WorkerBench.SRV).getFirst();
    }

    private static int sourcePort(byte[] frame) {
        return (frame[34] & 0xff) << 8 | (frame[35] & 0xff);
    }

    @Test
    void putsUdpAndFourBytesBeforeThePacket() {
        try (WorkerBench bench = bench(Checksum.NONE)) {
            byte[] frame = sent(bench, question().payload("who?").id(5).dontFragment().tos(3));
            assertThat(FrameWords.frame(frame))
                    .isEqualTo(
                            "02:00:00:00:00:02 > 02:00:00:00:02:0b 10.2.0.1:"
                                    + sourcePort(frame)
                                    + " > 10.2.0.11:6080 udp len 36 no-checksum tos 2 ttl 63 df");
            assertThat(HexFormat.of().formatHex(frame, 42, 46)).isEqualTo("00040000");
            assertThat(FrameWords.packet(Arrays.copyOfRange(frame, 46, frame.length)))
                    .isEqualTo("10.1.0.11:4000 > 10.1.0.100:53 udp len 4 tos 3 ttl 63 id 5 df");
        }
    }

    @Test
    void sumsWithBothChecksumOptions() {
        for (Checksum checksum : new Checksum[] {Checksum.FULL, Checksum.REMOTE}) {
            try (WorkerBench bench = bench(checksum)) {
                for (int length = 0; length < 9; length++) {
                    byte[] frame = sent(bench, question().payload(new byte[length]));
                    // FrameWords says so if a checksum is wrong or missing.
                    assertThat(FrameWords.frame(frame))
                            .contains(" udp len " + (32 + length) + " ttl 63 id ");
                }
            }
        }
    }

    @Test
    void givesAConnectionOneSourcePortOfTheKernelsRange() {
        try (WorkerBench bench = bench(Checksum.NONE)) {
            int port = sourcePort(sent(bench, question()));
            assertThat(port).isBetween(32768, 60999);
            assertThat(sourcePort(sent(bench, question().payload("again")))).isEqualTo(port);
        }
    }

    @Test
    void spreadsConnectionsOverTheSourcePorts() {
        int connections = 1 << 16;
        int[] used = new int[GueTunnel.PORTS];
        for (int connection = 0; connection < connections; connection++) {
            used[GueTunnel.sourcePort(connection) - GueTunnel.FIRST_PORT]++;
        }
        assertThat(Arrays.stream(used).min().orElseThrow()).isPositive();
        assertThat(Arrays.stream(used).max().orElseThrow()).isLessThan(6);
    }

    @Test
    void tellsTheRoomThatIsLeft() {
        try (WorkerBench bench = bench(Checksum.NONE)) {
            assertThat(bench.fromClient(question().payload(new byte[1441]).dontFragment()))
                    .singleElement()
                    .asString()
                    .contains(" icmp 3/4 rest 0x5bc "); // 1468
            assertThat(bench.fromClient(question().payload(new byte[1440]).dontFragment()))
                    .singleElement()
                    .asString()
                    .startsWith("srv ");
        }
    }

    @Test
    void cutsTheOuterPacket() {
        try (WorkerBench bench = bench(Checksum.FULL)) {
            assertThat(bench.fromClient(question().payload(new byte[1441])))
                    .hasSize(2)
                    .allMatch(frame -> frame.startsWith("srv ") && frame.contains(" fragment "));
        }
    }
}
