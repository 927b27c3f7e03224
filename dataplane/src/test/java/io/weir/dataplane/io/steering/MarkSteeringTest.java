package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.mark.MarkedTraffic;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What firewall marks take from the host. */
class MarkSteeringTest extends SingleFrames {
    private static final String VIP = "192.0.2.10";
    private static final String REAL = "10.0.0.5";
    private static final String OWN = "10.0.0.1";
    private static final String CLIENT = "198.51.100.7";

    private static MarkRule tcpRule(String destination, int first, int last, int mark) {
        return MarkRule.of(6, host(destination), first, last, mark);
    }

    private void marks(List<MarkRule> rules, Integer... served) throws SteeringException {
        MarkedTraffic traffic = new MarkedTraffic(rules, Set.of(served), Set.of());
        steering.update(new SteeringRules(Set.of(), Set.of(), traffic));
    }

    @Test
    void packetsThatGetAServedMarkAreTaken() throws Exception {
        steering.updateHost(Set.of(host(OWN), host(VIP)));
        MarkRule range = tcpRule(VIP, 10000, 20000, 21);
        marks(List.of(range, tcpRule(VIP, 21, 21, 21), tcpRule(VIP, 80, 80, 80)), 21);
        for (int port : new int[] {21, 10000, 15000, 16384, 20000}) {
            assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, port))).isEqualTo(TAKEN);
        }
        for (int port : new int[] {0, 20, 22, 80, 9999, 20001, 65535}) {
            assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, port))).isEqualTo(LEFT);
        }
        assertThat(run(Frames.udp().from(CLIENT, 1).to(VIP, 10000))).isEqualTo(LEFT);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(OWN, 10000))).isEqualTo(LEFT);
        byte[] reply = Frames.tcp().ack(1).from(VIP, 12000).to(CLIENT, 4000).packet();
        assertThat(run(Frames.icmpError(3, 4, reply).from(CLIENT).to(VIP))).isEqualTo(TAKEN);
    }

    @Test
    void aRuleForANetworkTakesNoMoreThanTheHostsAddresses() throws Exception {
        steering.updateHost(Set.of(host(VIP), Prefix.of(IpAddress.parse("10.9.0.0"), 16)));
        marks(List.of(MarkRule.of(0, Prefix.any(false), 80, 80, 5)), 5);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, 80))).isEqualTo(TAKEN);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to("10.9.3.4", 80))).isEqualTo(TAKEN);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to("10.8.3.4", 80))).isEqualTo(LEFT);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(REAL, 80))).isEqualTo(LEFT);
        steering.updateHost(Set.of(host(VIP)));
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to("10.9.3.4", 80))).isEqualTo(LEFT);
    }

    @Test
    void anExceptionBehindAWideRuleIsTheHosts() throws Exception {
        steering.updateHost(Set.of(host(VIP)));
        MarkRule wide = MarkRule.of(6, Prefix.any(false), 0, MarkRule.LAST_PORT, 7);
        marks(List.of(wide, tcpRule(VIP, 22, 22, 0)), 7);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, 22))).isEqualTo(LEFT);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, 23))).isEqualTo(TAKEN);
    }

    @Test
    void tooManyCombinationsAreRefusedAndChangeNothing() throws Exception {
        List<MarkRule> before = List.of(tcpRule(VIP, 80, 80, 5));
        steering.updateHost(Set.of(host(VIP)));
        marks(before, 5);
        List<MarkRule> rules = new ArrayList<>();
        Set<Prefix> addresses = new HashSet<>();
        for (int i = 0; i < 400; i++) {
            IpAddress address = IpAddress.v4(0x0a090000 + i);
            addresses.add(Prefix.host(address));
            Prefix source = Prefix.host(IpAddress.v4(0xc6336400 + i));
            rules.add(MarkRule.of(6, Prefix.host(address), 80, 80, 5));
            rules.add(new MarkRule(6, source, Prefix.any(false), 81, 81, 5, -1));
        }
        steering.updateHost(addresses);
        assertThatThrownBy(() -> marks(rules, 5))
                .isInstanceOf(SteeringException.class)
                .hasMessageContaining("combinations");
        steering.updateHost(Set.of(host(VIP)));
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, 80))).isEqualTo(TAKEN);
    }

    @Test
    void changesOfRulesLeaveNothingBehind() throws Exception {
        steering.updateHost(Set.of(host(VIP)));
        for (int round = 0; round < 300; round++) {
            int port = 1 + round % 7;
            marks(List.of(tcpRule(VIP, port, port + 1000, 5)), 5);
            assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, port))).isEqualTo(TAKEN);
            assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, port - 1))).isEqualTo(LEFT);
        }
        steering.update(SteeringRules.NONE);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, 500))).isEqualTo(LEFT);
    }
}
