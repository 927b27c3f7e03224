package io.weir.dr;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.CLIENT_6;
import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.SERVER_6;
import static io.weir.dataplane.testing.WorkerBench.VIP;
import static io.weir.dataplane.testing.WorkerBench.VIP_6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.TunnelSettings;
import io.weir.dataplane.service.TunnelSettings.Checksum;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;

/** What routers say about tunnels that have IPv6 outside, inside or both. */
class Ipv6TunnelErrorsTest {
    private static final String ROUTER_6 = "fd02::fe";
    private static final String OWN_6 = "fd02::1";

    private static TunnelSettings settings(TunnelSettings.Type type, Checksum checksum) {
        return new TunnelSettings(type, type == TunnelSettings.Type.GUE ? 6080 : 0, checksum);
    }

    private static FrameBuilder question(boolean ipv6, int payload) {
        FrameBuilder packet = Frames.udp().payload(new byte[payload]);
        return ipv6
                ? packet.from(CLIENT_6, 4000).to(VIP_6, 53)
                : packet.from(CLIENT, 4000).to(VIP, 53).dontFragment();
    }

    /** The outer packet of a question, from its IP header on. */
    private static byte[] outer(WorkerBench bench, FrameBuilder question) {
        bench.inject(
                WorkerBench.CLI, question.macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).bytes());
        bench.run();
        byte[] frame = bench.frames(WorkerBench.SRV).getFirst();
        return Arrays.copyOfRange(frame, 14, frame.length);
    }

    private static FrameBuilder error(int type, int code, int rest, byte[] quote) {
        return Frames.icmp(type, code, rest).from(ROUTER_6).to(OWN_6).payload(quote);
    }

    @Test
    void tellsClientsOfBothFamiliesWhatIsTooBig() {
        for (TunnelSettings.Type type : TunnelSettings.Type.values()) {
            for (Checksum checksum : List.of(Checksum.NONE, Checksum.FULL)) {
                for (boolean ipv6 : new boolean[] {false, true}) {
                    TunnelSettings tunnel = settings(type, checksum);
                    try (WorkerBench bench = TunnelBench.of(ipv6 ? VIP_6 : VIP, SERVER_6, tunnel)) {
                        FrameBuilder question = question(ipv6, 1300);
                        byte[] outer = outer(bench, question);
                        int overhead = outer.length - question.packet().length;
                        String told =
                                (ipv6
                                                ? "fd01::100 > fd01::11 icmpv6 2/0"
                                                : "10.1.0.100 > 10.1.0.11 icmp 3/4")
                                        + " rest 0x%x ".formatted(1380 - overhead);
                        assertThat(bench.fromServer(error(2, 0, 1380, outer)))
                                .singleElement()
                                .asString()
                                .startsWith("cli ")
                                .contains(told);
                        assertThat(bench.fromClient(question(ipv6, 1400)))
                                .as("the path is known now")
                                .singleElement()
                                .asString()
                                .startsWith("cli ")
                                .contains(told);
                        bench.pass(600_000);
                        assertThat(bench.fromClient(question(ipv6, 1400)))
                                .singleElement()
                                .asString()
                                .startsWith("srv ");
                        assertThat(bench.faults()).isEmpty();
                    }
                }
            }
        }
    }

    @Test
    void cutsWhatMayBeCutWithoutAWord() {
        try (WorkerBench bench = TunnelBench.of(VIP, SERVER_6, TunnelSettings.IPIP)) {
            FrameBuilder question =
                    Frames.udp().from(CLIENT, 4000).to(VIP, 53).payload(new byte[1400]);
            byte[] outer = outer(bench, question);
            assertThat(bench.fromServer(error(2, 0, 1300, outer))).isEmpty();
            assertThat(bench.fromClient(question)).hasSize(2).allMatch(f -> f.startsWith("srv "));
        }
    }

    @Test
    void noPathIsNarrowerThanIpv6Allows() {
        for (int mtu : new int[] {0, 600, -1}) {
            try (WorkerBench bench = TunnelBench.of(VIP, SERVER_6, TunnelSettings.IPIP)) {
                byte[] outer = outer(bench, question(false, 1400));
                int path = mtu < 0 ? 1500 : 1280;
                assertThat(bench.fromServer(error(2, 0, mtu, outer)))
                        .singleElement()
                        .asString()
                        .contains("icmp 3/4 rest 0x%x ".formatted(path - 40));
            }
        }
    }

    @Test
    void callsAServerUnreachable() {
        for (boolean ipv6 : new boolean[] {false, true}) {
            try (WorkerBench bench =
                    TunnelBench.of(ipv6 ? VIP_6 : VIP, SERVER_6, TunnelSettings.IPIP)) {
                byte[] outer = outer(bench, question(ipv6, 10));
                String told = ipv6 ? " icmpv6 1/3 " : " icmp 3/1 ";
                for (int type : new int[] {1, 3}) {
                    assertThat(bench.fromServer(error(type, 0, 0, outer)))
                            .singleElement()
                            .asString()
                            .contains(told);
                }
                assertThat(bench.fromServer(error(4, 0, 0, outer))).isEmpty();
                assertThat(bench.fromServer(error(128, 0, 0, outer)))
                        .as("an echo request is none")
                        .singleElement()
                        .asString()
                        .startsWith("srv ");
            }
        }
    }

    @Test
    void callsAnIpv4ServerOfAnIpv6ServiceUnreachable() {
        try (WorkerBench bench = TunnelBench.of(VIP_6, SERVER, TunnelSettings.IPIP)) {
            byte[] outer = outer(bench, question(true, 10));
            for (int[] kind : new int[][] {{3, 1}, {11, 0}}) {
                FrameBuilder error = Frames.icmpError(kind[0], kind[1], outer);
                assertThat(bench.fromServer(error.from("10.2.0.254").to("10.2.0.1")))
                        .singleElement()
                        .asString()
                        .contains("fd01::100 > fd01::11 icmpv6 1/3 ");
            }
            FrameBuilder tooBig = Frames.icmp(3, 4, 1000).payload(outer);
            assertThat(bench.fromServer(tooBig.from("10.2.0.254").to("10.2.0.1"))).isEmpty();
            FrameBuilder quench = Frames.icmpError(4, 0, outer);
            assertThat(bench.fromServer(quench.from("10.2.0.254").to("10.2.0.1"))).isEmpty();
        }
    }

    @Test
    void swallowsWhatSaysTooLittle() {
        try (WorkerBench bench = TunnelBench.of(VIP_6, SERVER_6, TunnelSettings.IPIP)) {
            byte[] outer = outer(bench, question(true, 10));
            for (int bytes = 0; bytes < 84; bytes++) {
                assertThat(bench.fromServer(error(1, 0, 0, Arrays.copyOf(outer, bytes))))
                        .as("%d", bytes)
                        .isEmpty();
            }
            assertThat(bench.fromServer(error(1, 0, 0, Arrays.copyOf(outer, 84)))).hasSize(1);
            byte[] stranger = outer.clone();
            stranger[39] = 99;
            assertThat(bench.fromServer(error(1, 0, 0, stranger))).isEmpty();
            long before = bench.drops(DropReason.ICMP_INVALID);
            assertThat(bench.fromServer(error(1, 0, 0, outer).wrongChecksum())).isEmpty();
            assertThat(bench.drops(DropReason.ICMP_INVALID)).isEqualTo(before + 1);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @Test
    void steeringKnowsTheEndsOfTunnels() {
        record Expected(String virtual, TunnelSettings.Type type, int protocol, int port) {}
        for (Expected expected :
                List.of(
                        new Expected(VIP, TunnelSettings.Type.IPIP, 4, 0),
                        new Expected(VIP_6, TunnelSettings.Type.IPIP, 41, 0),
                        new Expected(VIP, TunnelSettings.Type.GRE, 47, 0),
                        new Expected(VIP_6, TunnelSettings.Type.GUE, 17, 6080))) {
            TunnelSettings tunnel = settings(expected.type(), Checksum.NONE);
            try (WorkerBench bench = TunnelBench.of(expected.virtual(), SERVER_6, tunnel)) {
                assertThat(bench.worker().director().steeringRules().tunnelEndpoints())
                        .containsExactly(
                                new Endpoint(
                                        expected.protocol(),
                                        WorkerBench.address(SERVER_6),
                                        expected.port()));
                bench.worker().director().clear();
                assertThat(bench.worker().director().steeringRules().tunnelEndpoints()).isEmpty();
            }
        }
    }
}
