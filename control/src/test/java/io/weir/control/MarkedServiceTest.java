package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Services of firewall marks in an embedded balancer. */
class MarkedServiceTest {
    private static final String VIP = "10.1.0.100";
    private static final String RULES =
            """
            -A -f 80 -s rr -p 300
            -a -f 80 -r 10.2.0.11:0 -m -w 1
            -a -f 80 -r 10.2.0.12:0 -m -w 1
            """;
    private static final String MARKS = "tcp to 10.1.0.100 port 80,443 mark 80";

    private Balancer balancer;
    private MemoryLink clients;
    private MemoryLink servers;

    @BeforeEach
    void build() {
        balancer = Balancer.builder().rules(RULES).marks(MARKS).build();
        clients = balancer.attachMemory("cli", 0x020000000002L, "10.1.0.1/24", VIP + "/32");
        servers = balancer.attachMemory("srv", 0x020000000102L, "10.2.0.1/24");
        for (int i = 11; i < 15; i++) {
            balancer.neighbour(clients, "10.1.0." + i, 0x020000000001L);
            balancer.neighbour(servers, "10.2.0." + i, 0x020000000101L);
        }
    }

    @AfterEach
    void close() {
        balancer.close();
    }

    private String syn(String client, int port) {
        clients.inject(Frames.tcp().from(client, 4000).to(VIP, port).syn().bytes());
        balancer.runOnce();
        byte[] frame = servers.poll();
        if (frame != null) {
            return FrameWords.frame(frame);
        }
        byte[] answer = clients.poll();
        return answer == null ? "nothing" : FrameWords.frame(answer);
    }

    @Test
    void bothPortsOfAClientGoToOneServer() {
        assertThat(syn("10.1.0.11", 80)).contains("> 10.2.0.12:80");
        assertThat(syn("10.1.0.11", 443)).contains("> 10.2.0.12:443");
        assertThat(syn("10.1.0.12", 443)).contains("> 10.2.0.11:443");
        assertThat(syn("10.1.0.12", 80)).contains("> 10.2.0.11:80");
        assertThat(balancer.ipvsadm("-Lnc").output()).contains("0.0.0.80:0");
    }

    @Test
    void whatGetsNoMarkIsAnsweredByTheHost() {
        assertThat(syn("10.1.0.11", 81)).contains(VIP + ":81 > 10.1.0.11:4000").contains("R");
    }

    @Test
    void marksChangeWhileItRuns() {
        balancer.marks("iptables -t mangle -A PREROUTING -p tcp --dport 81 -j MARK --set-mark 80");
        assertThat(syn("10.1.0.11", 81)).contains("> 10.2.0.12:81");
        assertThat(syn("10.1.0.12", 80)).contains(VIP + ":80 > 10.1.0.12:4000");
        assertThat(balancer.administration().marks()).hasSize(1);
    }

    @Test
    void wrongMarksChangeNothing() {
        assertThatThrownBy(() -> balancer.marks("tcp to nowhere mark 1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("marks:1: ");
        assertThat(syn("10.1.0.11", 80)).contains("> 10.2.0.12:80");
    }

    @Test
    void steeringTakesWhatHasAServedMark() {
        assertThat(balancer.steeringRules().marked().isServed(80, false)).isTrue();
        assertThat(balancer.steeringRules().marked().isServed(80, true)).isFalse();
        assertThat(balancer.steeringRules().marked().rules()).hasSize(2);
        assertThat(balancer.steeringRules().serverEndpoints())
                .contains(new Endpoint(6, IpAddress.parse("10.2.0.11"), 0));
        assertThat(balancer.steeringStale()).isFalse();
        balancer.marks("");
        assertThat(balancer.steeringStale()).isTrue();
        assertThat(balancer.steeringRules().marked().rules()).isEmpty();
    }
}
