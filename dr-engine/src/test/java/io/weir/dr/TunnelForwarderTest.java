package io.weir.dr;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.List;

class TunnelForwarderTest {
    private static final String OUTER =
            "srv 02:00:00:00:00:02 > 02:00:00:00:02:0b 10.2.0.1 > 10.2.0.11 ipip ";

    private final WorkerBench bench =
            new WorkerBench(TunnelForwarder::new)
                    .service(ServiceId.UDP, 53, ForwardingMethod.TUNNEL, 53);

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static FrameBuilder question() {
        return Frames.udp().from(CLIENT, 4000).to(VIP, 53);
    }

    @Test
    void putsThePacketIntoAnother() {
        assertThat(bench.fromClient(question().payload("who?").id(5)))
                .containsExactly(
                        OUTER
                                + "[10.1.0.11:4000 > 10.1.0.100:53 udp len 4 ttl 63 id 5] ttl 63 id"
                                + " 1");
    }

    @Test
    void keepsDontFragmentTypeOfServiceAndTimeToLive() {
        assertThat(bench.fromClient(question().dontFragment().tos(0xb8).ttl(9)))
                .containsExactly(
                        OUTER
                                + "[10.1.0.11:4000 > 10.1.0.100:53 udp tos 184 ttl 8 df]"
                                + " tos 184 ttl 8 df");
    }

    @Test
    void doesNotCopyACongestionMark() {
        assertThat(bench.fromClient(question().tos(3)))
                .containsExactly(
                        OUTER
                                + "[10.1.0.11:4000 > 10.1.0.100:53 udp tos 3 ttl 63]"
                                + " tos 2 ttl 63 id 1");
        assertThat(bench.fromClient(question().tos(1)).getFirst()).contains("] tos 1 ");
    }

    @Test
    void leavesAMissingOrWrongChecksumAsItIs() {
        assertThat(bench.fromClient(question().noChecksum()).getFirst()).contains("no-checksum");
        assertThat(bench.fromClient(question().wrongChecksum()).getFirst())
                .contains("bad-checksum");
    }

    @Test
    void fillsInAChecksumThatNoCardWill() {
        bench.injectOffloaded(
                question().partialChecksum().macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).bytes(),
                0);
        bench.run();
        assertThat(bench.words())
                .containsExactly(OUTER + "[10.1.0.11:4000 > 10.1.0.100:53 udp ttl 63] ttl 63 id 1");
    }

    @Test
    void cutsSuperFrames() {
        bench.service(ServiceId.TCP, 80, ForwardingMethod.TUNNEL, 80);
        assertThat(superFrame(2500, 1000, true))
                .containsExactly(
                        OUTER + inner("S", 0, "len 1000 ttl 63 df") + " ttl 63 df",
                        OUTER + inner("S", 1000, "len 1000 ttl 63 id 1 df") + " ttl 63 df",
                        OUTER + inner("SP", 2000, "len 500 ttl 63 id 2 df") + " ttl 63 df");
    }

    @Test
    void cutsAndFragmentsSegmentsThatDoNotFit() {
        bench.service(ServiceId.TCP, 80, ForwardingMethod.TUNNEL, 80);
        assertThat(superFrame(2000, 1460, false))
                .hasSize(3)
                .element(2)
                .isEqualTo(OUTER + inner("SP", 1460, "len 540 ttl 63 id 1") + " ttl 63 id 2");
        assertThat(superFrame(2000, 1460, true)).singleElement().asString().contains(" 0x5c8 ");
    }

    private static String inner(String flags, int sequence, String rest) {
        return "[10.1.0.11:4000 > 10.1.0.100:80 tcp %s seq %d win 65535 %s]"
                .formatted(flags, sequence, rest);
    }

    private List<String> superFrame(int payload, int segmentBytes, boolean dontFragment) {
        FrameBuilder data = Frames.tcp().from(CLIENT, 4000).to(VIP, 80).syn().psh();
        data.payload(new byte[payload]).macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC);
        if (dontFragment) {
            data.dontFragment();
        }
        bench.injectOffloaded(data.partialChecksum().bytes(), segmentBytes);
        bench.run();
        return bench.words();
    }

    @Test
    void cutsTheOuterPacket() {
        assertThat(bench.fromClient(question().payload(new byte[1453])))
                .containsExactly(
                        OUTER
                                + "[10.1.0.11:4000 > 10.1.0.100:53 udp len 1452 udp-length 1461"
                                + " bad-checksum ttl 63 total-length 1481] ttl 63 id 1 fragment 0+",
                        OUTER + "len 1 ttl 63 id 1 fragment 1480");
    }

    // (recorded: mtu-pmtudisc)
    @Test
    void withoutPmtuDiscTheOuterPacketMayAlwaysBeCut() {
        bench.worker().director().sysctls().set(Sysctl.PMTU_DISC, 0);
        assertThat(bench.fromClient(question().payload(new byte[1453]).dontFragment()))
                .hasSize(2)
                .allSatisfy(words -> assertThat(words).contains(" id 1 fragment "));
        assertThat(bench.fromClient(question().dontFragment()))
                .singleElement()
                .asString()
                .endsWith("udp ttl 63 df] ttl 63 id 2");
    }

    @Test
    void tellsTheRoomThatIsLeft() {
        assertThat(bench.fromClient(question().payload(new byte[1453]).dontFragment()))
                .singleElement()
                .asString()
                .startsWith(
                        "cli 02:00:00:00:00:01 > 02:00:00:00:01:0b 10.1.0.100 > 10.1.0.11 icmp 3/4"
                                + " rest 0x5c8 [10.1.0.11:4000 > 10.1.0.100:53 udp ");
        assertThat(bench.drops(DropReason.TOO_BIG)).isEqualTo(1);
        assertThat(bench.fromClient(question().payload(new byte[1452]).dontFragment())).hasSize(1);
    }

    @Test
    void tunnelsErrorsAboutTheAnswers() {
        bench.fromClient(question());
        byte[] quoted = Frames.udp().from(VIP, 53).to(CLIENT, 4000).packet();
        assertThat(bench.fromClient(Frames.icmpError(3, 3, quoted).from(CLIENT).to(VIP)))
                .containsExactly(
                        OUTER
                                + "[10.1.0.11 > 10.1.0.100 icmp 3/3"
                                + " [10.1.0.100:53 > 10.1.0.11:4000 udp] ttl 63] ttl 63 id 2");
    }
}
