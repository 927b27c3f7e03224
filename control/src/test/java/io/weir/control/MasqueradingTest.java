package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.director.Masquerading;
import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Connections that real servers open, in an embedded balancer, in both directions. */
class MasqueradingTest {
    private static final String VIP = "10.1.0.100";
    private static final String CLIENT = "10.1.0.11";
    private static final String SERVER = "10.2.0.12";
    private static final String RULES =
            """
            -A -t 10.1.0.100:80 -s rr
            -a -t 10.1.0.100:80 -r 10.2.0.12:80 -m -w 1
            -A -t 10.1.0.100:20 -s rr
            """;
    private static final Pattern FROM = Pattern.compile("10\\.1\\.0\\.(?:100|1):([0-9]+) > ");

    private Balancer balancer;
    private MemoryLink clients;
    private MemoryLink servers;
    private long now = 1_000_000;

    private void build(String ipvs, String masquerade) {
        balancer =
                Balancer.builder()
                        .rules(ipvs)
                        .masquerade(masquerade)
                        .clock(() -> now)
                        .seed(7)
                        .build();
        clients = balancer.attachMemory("cli", 0x020000000002L, "10.1.0.1/24", VIP + "/32");
        servers = balancer.attachMemory("srv", 0x020000000102L, "10.2.0.1/24");
        balancer.neighbour(clients, CLIENT, 0x020000000001L);
        balancer.neighbour(servers, SERVER, 0x020000000101L);
    }

    @AfterEach
    void close() {
        balancer.close();
    }

    private String fromServer(FrameBuilder frame) {
        servers.inject(frame.macs("02:00:00:00:01:01", "02:00:00:00:01:02").bytes());
        balancer.runOnce();
        return words(clients.poll());
    }

    private String fromClient(FrameBuilder frame) {
        clients.inject(frame.bytes());
        balancer.runOnce();
        return words(servers.poll());
    }

    private static String words(byte[] frame) {
        return frame == null ? "nothing" : FrameWords.frame(frame);
    }

    private static int portIn(String words) {
        Matcher matcher = FROM.matcher(words);
        assertThat(matcher.find()).as(words).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    private long drops(DropReason reason) {
        return balancer.drops().getOrDefault(reason, 0L);
    }

    @Test
    void withoutARuleTheServersAddressIsSeen() {
        build(RULES, "");
        assertThat(fromServer(Frames.tcp().from(SERVER, 4000).to(CLIENT, 25).syn()))
                .contains(SERVER + ":4000 > " + CLIENT + ":25");
    }

    @Test
    void tcpGoesBothWaysBehindTheAddress() {
        build(RULES, "any 10.2.0.0/24 behind 10.1.0.100");
        String sent = fromServer(Frames.tcp().from(SERVER, 4000).to(CLIENT, 25).syn());
        assertThat(sent).contains(VIP + ":").contains("> " + CLIENT + ":25").doesNotContain("bad");
        int port = portIn(sent);
        assertThat(port).isBetween(61_000, 65_095);
        assertThat(fromClient(Frames.tcp().from(CLIENT, 25).to(VIP, port).syn().ack(1)))
                .contains(CLIENT + ":25 > " + SERVER + ":4000")
                .doesNotContain("bad");
        assertThat(portIn(fromServer(Frames.tcp().from(SERVER, 4000).to(CLIENT, 25).ack(1))))
                .isEqualTo(port);
        assertThat(balancer.ipvsadm("-Lnc").output())
                .contains("ESTABLISHED")
                .contains(CLIENT + ":25")
                .contains(VIP + ":" + port)
                .contains(SERVER + ":4000");
        assertThat(balancer.ipvsadm("-Ln").output()).contains("10.2.0.12:80");
    }

    @Test
    void datagramsGoBothWaysAndTheWayBackEndsWithTheConnection() {
        build(RULES, "udp 10.2.0.0/24 behind interface");
        String sent = fromServer(Frames.udp().from(SERVER, 5000).to(CLIENT, 53).payload("ask"));
        assertThat(sent).contains("10.1.0.1:").contains("> " + CLIENT + ":53");
        int port = portIn(sent);
        assertThat(fromClient(Frames.udp().from(CLIENT, 53).to("10.1.0.1", port).payload("yes")))
                .contains(CLIENT + ":53 > " + SERVER + ":5000");
        now += 400_000;
        for (int i = 0; i < 10_000 && balancer.runOnce() > 0; i++) {
            // until the clock's hands have come round
        }
        assertThat(balancer.ipvsadm("-Lnc").output()).doesNotContain(SERVER);
        assertThat(fromClient(Frames.udp().from(CLIENT, 53).to("10.1.0.1", port).payload("late")))
                .isEqualTo("nothing");
    }

    @Test
    void aPortThatARuleNamesStaysUnlessItIsTheServices() {
        build("-A -t 10.1.0.100:80 -s rr", "tcp 10.2.0.0/24 sport 20 behind 10.1.0.100");
        assertThat(fromServer(Frames.tcp().from(SERVER, 20).to(CLIENT, 4001).syn()))
                .contains(VIP + ":20 > " + CLIENT + ":4001");
        assertThat(portIn(fromServer(Frames.tcp().from("10.2.0.13", 20).to(CLIENT, 4001).syn())))
                .isGreaterThanOrEqualTo(61_000);
        assertThat(fromServer(Frames.tcp().from(SERVER, 21).to(CLIENT, 4001).syn()))
                .contains(SERVER + ":21 > ");
        balancer.close();
        build(RULES, "tcp 10.2.0.0/24 sport 20 behind 10.1.0.100");
        assertThat(portIn(fromServer(Frames.tcp().from(SERVER, 20).to(CLIENT, 4001).syn())))
                .isGreaterThanOrEqualTo(61_000);
    }

    @Test
    void anErrorAboutItIsTranslatedForTheServer() {
        build(RULES, "any 10.2.0.0/24 behind 10.1.0.100");
        int port = portIn(fromServer(Frames.udp().from(SERVER, 5000).to(CLIENT, 53).payload("x")));
        byte[] quoted = Frames.udp().from(VIP, port).to(CLIENT, 53).payload("x").packet();
        assertThat(fromClient(Frames.icmpError(3, 3, quoted).from(CLIENT).to(VIP)))
                .contains(CLIENT + " > " + SERVER)
                .contains(SERVER + ":5000 > " + CLIENT + ":53");
    }

    @Test
    void onlyWhatOpensAConnectionIsMasqueraded() {
        build(RULES, "any 10.2.0.0/24 to 10.1.0.0/24 behind 10.1.0.100");
        assertThat(fromServer(Frames.tcp().from(SERVER, 4000).to(CLIENT, 25).ack(1)))
                .contains(SERVER + ":4000 > ");
        assertThat(fromServer(Frames.ping(1, 1).from(SERVER).to(CLIENT))).contains(SERVER + " > ");
        assertThat(fromServer(Frames.tcp().from(SERVER, 4000).to("10.1.0.1", 25).syn()))
                .as("to the host itself")
                .isEqualTo("nothing");
    }

    @Test
    void portsTowardsOneEndAreDifferentAndTheirLimitIsCounted() {
        build(RULES, "tcp 10.2.0.0/24 behind 10.1.0.100");
        Set<Integer> ports = new HashSet<>();
        int sent = 0;
        while (drops(DropReason.MASQUERADE_PORTS) == 0 && sent < 200) {
            String words =
                    fromServer(Frames.tcp().from(SERVER, 10_000 + sent).to(CLIENT, 25).syn());
            if (!words.equals("nothing")) {
                assertThat(ports.add(portIn(words))).isTrue();
            }
            sent++;
        }
        assertThat(drops(DropReason.MASQUERADE_PORTS)).isEqualTo(1);
        assertThat(ports).hasSizeBetween(100, 128);
        assertThat(fromServer(Frames.tcp().from(SERVER, 4000).to(CLIENT, 26).syn()))
                .as("another end")
                .contains(VIP + ":");
    }

    @Test
    void thereIsALimitToThem() {
        build(RULES, "udp 10.2.0.0/24 behind 10.1.0.100");
        for (int i = 0; i < Masquerading.CAPACITY; i++) {
            assertThat(fromServer(Frames.udp().from(SERVER, 5000).to(CLIENT, 1 + i)))
                    .contains(VIP + ":");
        }
        assertThat(fromServer(Frames.udp().from(SERVER, 5000).to(CLIENT, 60_000)))
                .isEqualTo("nothing");
        assertThat(drops(DropReason.MASQUERADE_FULL)).isEqualTo(1);
        now += 400_000;
        for (int i = 0; i < 10_000 && balancer.runOnce() > 0; i++) {
            // until all have ended
        }
        assertThat(fromServer(Frames.udp().from(SERVER, 5000).to(CLIENT, 60_000)))
                .contains(VIP + ":");
    }

    @Test
    void aWrongRuleIsRefused() {
        build(RULES, "");
        assertThatThrownBy(() -> Balancer.builder().masquerade("tcp 10.2.0.0/24"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("masquerade:1: ");
    }
}
