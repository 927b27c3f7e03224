package io.weir.dr;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.CLIENT_6;
import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.SERVER_6;
import static io.weir.dataplane.testing.WorkerBench.VIP;
import static io.weir.dataplane.testing.WorkerBench.VIP_6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.TunnelSettings;
import io.weir.dataplane.service.TunnelSettings.Checksum;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;

/** IPv6 in IPv6, IPv4 in IPv6 and IPv6 in IPv4, in every kind of tunnel. */
class MixedFamiliesTest {
    private static final String WAY = "srv 02:00:00:00:00:02 > 02:00:00:00:02:0b ";
    private static final String OUTER6 = WAY + "fd02::1 > fd02::11 ";
    private static final String OUTER4 = WAY + "10.2.0.1 > 10.2.0.11 ";
    private static final String INNER4 = "[10.1.0.11:4000 > 10.1.0.100:53 udp len 4 ";
    private static final String INNER6 = "[[fd01::11]:4000 > [fd01::100]:53 udp len 4 ";

    private static FrameBuilder ipv4() {
        return Frames.udp().from(CLIENT, 4000).to(VIP, 53).payload("who?");
    }

    private static FrameBuilder ipv6() {
        return Frames.udp().from(CLIENT_6, 4000).to(VIP_6, 53).payload("who?");
    }

    private static WorkerBench bench(
            String virtual, String server, TunnelSettings.Type type, Checksum checksum) {
        int port = type == TunnelSettings.Type.GUE ? 6080 : 0;
        return TunnelBench.of(virtual, server, new TunnelSettings(type, port, checksum));
    }

    private static List<String> sent(
            String virtual,
            String server,
            TunnelSettings.Type type,
            Checksum checksum,
            FrameBuilder packet) {
        try (WorkerBench bench = bench(virtual, server, type, checksum)) {
            List<String> words = bench.fromClient(packet);
            assertThat(bench.faults()).isEmpty();
            return words;
        }
    }

    @Test
    void putsIpv6IntoIpv6() {
        assertThat(
                        sent(
                                VIP_6,
                                SERVER_6,
                                TunnelSettings.Type.IPIP,
                                Checksum.NONE,
                                ipv6().tos(0xb8).ttl(9)))
                .containsExactly(OUTER6 + "6in " + INNER6 + "tos 184 ttl 8] tos 184 ttl 8");
    }

    @Test
    void putsIpv4IntoIpv6() {
        assertThat(
                        sent(
                                VIP,
                                SERVER_6,
                                TunnelSettings.Type.IPIP,
                                Checksum.NONE,
                                ipv4().tos(3).dontFragment()))
                .containsExactly(OUTER6 + "ipip " + INNER4 + "tos 3 ttl 63 df] tos 2 ttl 63");
    }

    @Test
    void putsIpv6IntoIpv4() {
        assertThat(sent(VIP_6, SERVER, TunnelSettings.Type.IPIP, Checksum.NONE, ipv6().tos(3)))
                .containsExactly(OUTER4 + "6in " + INNER6 + "tos 3 ttl 63] tos 2 ttl 63 id 1");
    }

    @Test
    void putsBothIntoGre() {
        assertThat(sent(VIP_6, SERVER_6, TunnelSettings.Type.GRE, Checksum.FULL, ipv6()))
                .containsExactly(OUTER6 + "gre checksum " + INNER6 + "ttl 63] ttl 63");
        assertThat(sent(VIP, SERVER_6, TunnelSettings.Type.GRE, Checksum.NONE, ipv4()))
                .containsExactly(OUTER6 + "gre " + INNER4 + "ttl 63] ttl 63");
        assertThat(sent(VIP_6, SERVER, TunnelSettings.Type.GRE, Checksum.FULL, ipv6()))
                .containsExactly(OUTER4 + "gre checksum " + INNER6 + "ttl 63] ttl 63 id 1");
    }

    @Test
    void putsBothIntoGue() {
        for (Checksum checksum : Checksum.values()) {
            String sum = checksum == Checksum.NONE ? " no-checksum" : "";
            assertThat(gue(VIP_6, SERVER_6, checksum, ipv6(), 62))
                    .containsExactly(
                            "fd02::11]:6080 udp len 56" + sum + " ttl 63",
                            "0029",
                            INNER6 + "ttl 63]");
            assertThat(gue(VIP, SERVER_6, checksum, ipv4(), 62))
                    .containsExactly(
                            "fd02::11]:6080 udp len 36" + sum + " ttl 63",
                            "0004",
                            INNER4 + "ttl 63]");
            assertThat(gue(VIP_6, SERVER, checksum, ipv6(), 42))
                    .containsExactly(
                            "10.2.0.11:6080 udp len 56" + sum + " ttl 63 id 1",
                            "0029",
                            INNER6 + "ttl 63]");
        }
    }

    // The outer packet from its destination on, the first half of the GUE header, what is inside.
    private static List<String> gue(
            String virtual, String server, Checksum checksum, FrameBuilder packet, int at) {
        try (WorkerBench bench = bench(virtual, server, TunnelSettings.Type.GUE, checksum)) {
            packet.macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC);
            bench.inject(WorkerBench.CLI, packet.bytes());
            bench.run();
            byte[] frame = bench.frames(WorkerBench.SRV).getFirst();
            String outer = FrameWords.frame(frame);
            byte[] inner = Arrays.copyOfRange(frame, at + 4, frame.length);
            return List.of(
                    outer.substring(outer.lastIndexOf(server)),
                    "%02x%02x".formatted(frame[at], frame[at + 1]),
                    "[" + FrameWords.packet(inner) + "]");
        }
    }

    @Test
    void tellsTheRoomThatIsLeft() {
        FrameBuilder large = ipv6().payload(new byte[1452]);
        assertThat(sent(VIP_6, SERVER_6, TunnelSettings.Type.IPIP, Checksum.NONE, large).getFirst())
                .contains(" icmpv6 2/0 rest 0x5b4 "); // 1460 (recorded: ipv6-tun-1)
        assertThat(sent(VIP_6, SERVER_6, TunnelSettings.Type.GRE, Checksum.NONE, large).getFirst())
                .contains(" icmpv6 2/0 rest 0x5b0 "); // 1456 (recorded: ipv6-tun-2)
        assertThat(sent(VIP_6, SERVER, TunnelSettings.Type.GUE, Checksum.NONE, large).getFirst())
                .contains(" icmpv6 2/0 rest 0x5bc "); // 1468
        FrameBuilder whole = ipv4().payload(new byte[1472]).dontFragment();
        assertThat(sent(VIP, SERVER_6, TunnelSettings.Type.GUE, Checksum.FULL, whole).getFirst())
                .contains(" icmp 3/4 rest 0x5a8 "); // 1448
    }

    @Test
    void cutsTheOuterPacketWhereTheInnerOneMayBeCut() {
        assertThat(
                        sent(
                                VIP,
                                SERVER_6,
                                TunnelSettings.Type.IPIP,
                                Checksum.NONE,
                                ipv4().payload(new byte[1472])))
                .containsExactly(
                        OUTER6
                                + "ipip [10.1.0.11:4000 > 10.1.0.100:53 udp len 1420"
                                + " udp-length 1480 bad-checksum ttl 63 total-length 1500]"
                                + " ttl 63 fragment 0+",
                        OUTER6 + "ipip len 52 ttl 63 fragment 1448");
    }

    @Test
    void losesNoByteOfWhatItCuts() {
        for (int payload = 1420; payload < 1480; payload++) {
            byte[] bytes = new byte[payload];
            Arrays.fill(bytes, (byte) payload);
            try (WorkerBench bench = bench(VIP, SERVER_6, TunnelSettings.Type.GRE, Checksum.FULL)) {
                FrameBuilder packet = ipv4().payload(bytes);
                packet.macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC);
                bench.inject(WorkerBench.CLI, packet.bytes());
                bench.run();
                List<byte[]> fragments = bench.frames(WorkerBench.SRV);
                assertThat(fragments).hasSize(payload > 1424 ? 2 : 1);
                if (fragments.size() == 2) {
                    String gre = FrameWords.frame(joined(fragments));
                    assertThat(gre)
                            .startsWith(
                                    "02:00:00:00:00:02 > 02:00:00:00:02:0b fd02::1 > fd02::11 gre"
                                            + " checksum [10.1.0.11:4000 > 10.1.0.100:53 udp len "
                                            + payload
                                            + " ttl 63] ttl 63");
                }
            }
        }
    }

    // Two fragments put together to the packet that they were.
    private static byte[] joined(List<byte[]> fragments) {
        byte[] first = fragments.getFirst();
        byte[] last = fragments.getLast();
        byte[] whole = Arrays.copyOf(first, first.length - 8 + last.length - 62);
        System.arraycopy(first, 62, whole, 54, first.length - 62);
        System.arraycopy(last, 62, whole, first.length - 8, last.length - 62);
        whole[20] = first[54];
        whole[18] = (byte) ((whole.length - 54) >> 8);
        whole[19] = (byte) (whole.length - 54);
        return whole;
    }

    @Test
    void cutsMorePacketsThanThereAreFramesFor() {
        TunnelSettings gre = new TunnelSettings(TunnelSettings.Type.GRE, 0, Checksum.NONE);
        try (WorkerBench bench = TunnelBench.of(VIP, SERVER_6, gre, 300)) {
            FrameBuilder packet = ipv4().payload(new byte[1472]);
            packet.macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC);
            for (int i = 0; i < 64; i++) {
                bench.inject(WorkerBench.CLI, packet.bytes());
            }
            bench.run();
            int fragmentsOfEach = (1504 + 247) / 248;
            // More than there are frames for at one time: those before go out and make room.
            assertThat(bench.drops(DropReason.FRAGMENTS_LIMITED)).isZero();
            long beyondTheLink = bench.drops(DropReason.TRANSMIT_FULL);
            assertThat(bench.frames(WorkerBench.SRV).size() + beyondTheLink)
                    .isEqualTo(64L * fragmentsOfEach);
        }
    }

    @Test
    void cutsSuperFramesOfIpv6() {
        try (WorkerBench bench = bench(VIP_6, SERVER_6, TunnelSettings.Type.IPIP, Checksum.NONE)) {
            FrameBuilder data = Frames.tcp().from(CLIENT_6, 4000).to(VIP_6, 53).syn();
            data.payload(new byte[1500]).macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC);
            bench.injectOffloaded(data.partialChecksum().bytes(), VnetHeader.GSO_TCPV6, 1000);
            bench.run();
            String inner = "6in [[fd01::11]:4000 > [fd01::100]:53 tcp S seq ";
            assertThat(bench.words())
                    .containsExactly(
                            OUTER6 + inner + "0 win 65535 len 1000 ttl 63] ttl 63",
                            OUTER6 + inner + "1000 win 65535 len 500 ttl 63] ttl 63");
            assertThat(bench.drops(DropReason.TOO_BIG)).isZero();
        }
    }
}
