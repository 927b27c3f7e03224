package io.weir.dataplane.mark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;

class MarkTableTest {
    private static final int TCP = 6;
    private static final IpAddress VIP = address("10.1.0.100");
    private static final IpAddress CLIENT = address("10.1.0.11");

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    private static int mark(MarkTable table, int protocol, IpAddress from, IpAddress to, int port) {
        Packet packet = new Packet();
        if (to.ipv6()) {
            packet.endpoints().setV6(protocol, from.high(), from.low(), to.high(), to.low());
        } else {
            packet.endpoints().setV4(protocol, from.v4(), to.v4());
        }
        if (port >= 0) {
            packet.setPorts(4000, port);
        }
        return table.mark(packet);
    }

    @Test
    void withoutRulesThereIsNoMark() {
        assertThat(mark(MarkTable.EMPTY, TCP, CLIENT, VIP, 80)).isZero();
    }

    @Test
    void theLastRuleThatMatchesWins() {
        MarkTable table =
                new MarkTable(
                        List.of(
                                MarkRule.of(TCP, Prefix.any(false), 80, 80, 1),
                                MarkRule.of(TCP, Prefix.host(VIP), 80, 443, 2),
                                MarkRule.of(0, Prefix.of(VIP, 24), 443, 443, 3)));
        assertThat(mark(table, TCP, CLIENT, CLIENT, 80)).isEqualTo(1);
        assertThat(mark(table, TCP, CLIENT, VIP, 80)).isEqualTo(2);
        assertThat(mark(table, TCP, CLIENT, VIP, 443)).isEqualTo(3);
        assertThat(mark(table, 17, CLIENT, VIP, 443)).isEqualTo(3);
        assertThat(mark(table, TCP, CLIENT, VIP, 444)).isZero();
    }

    @Test
    void aMaskReplacesItsBitsAlone() {
        Prefix any = Prefix.any(false);
        MarkTable table =
                new MarkTable(
                        List.of(
                                MarkRule.of(0, any, 0, MarkRule.LAST_PORT, 0x12345678),
                                new MarkRule(0, any, any, 80, 80, 0x0a00, 0xff00),
                                new MarkRule(0, any, any, 80, 80, 0xf, 0)));
        assertThat(mark(table, TCP, CLIENT, VIP, 80)).isEqualTo(0x12340a77);
        assertThat(mark(table, TCP, CLIENT, VIP, 81)).isEqualTo(0x12345678);
    }

    @Test
    void packetsWithoutPortsMatchRulesForEveryPort() {
        Prefix any = Prefix.any(false);
        MarkTable table =
                new MarkTable(
                        List.of(MarkRule.of(0, any, 0, 65535, 1), MarkRule.of(0, any, 0, 9, 2)));
        assertThat(mark(table, 1, CLIENT, VIP, -1)).isEqualTo(1);
        assertThat(mark(table, TCP, CLIENT, VIP, 0)).isEqualTo(2);
    }

    @Test
    void aRuleOfOneFamilyMatchesNoPacketOfTheOther() {
        IpAddress mapped = address("::ffff:10.1.0.100");
        MarkTable table =
                new MarkTable(
                        List.of(
                                MarkRule.of(0, Prefix.any(true), 0, 65535, 6),
                                MarkRule.of(0, Prefix.host(mapped), 0, 65535, 7)));
        assertThat(mark(table, TCP, CLIENT, VIP, 80)).isZero();
        assertThat(mark(table, TCP, address("2001:db8::1"), address("2001:db8::2"), 80))
                .isEqualTo(6);
        assertThat(mark(table, TCP, address("2001:db8::1"), mapped, 80)).isEqualTo(7);
    }

    @Test
    void aTableHasALimit() {
        MarkRule rule = MarkRule.of(TCP, Prefix.host(VIP), 80, 80, 1);
        assertThat(new MarkTable(Collections.nCopies(MarkTable.CAPACITY, rule)).rules())
                .hasSize(MarkTable.CAPACITY);
        assertThatThrownBy(() -> new MarkTable(Collections.nCopies(MarkTable.CAPACITY + 1, rule)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFullTableOfAddressesKnowsEachOfThem() {
        List<MarkRule> rules = new ArrayList<>();
        for (int i = 0; i < MarkTable.CAPACITY; i++) {
            rules.add(MarkRule.of(TCP, Prefix.host(IpAddress.v4(i << 16)), 80, 80, i + 1));
        }
        MarkTable table = new MarkTable(rules);
        for (int i = 0; i < MarkTable.CAPACITY; i++) {
            assertThat(mark(table, TCP, CLIENT, IpAddress.v4(i << 16), 80)).isEqualTo(i + 1);
            assertThat(mark(table, TCP, CLIENT, IpAddress.v4(i << 16 | 1), 80)).isZero();
        }
    }

    @Test
    void agreesWithTheModelOnRandomRules() {
        Random random = Seed.ofThisRun().random();
        int marked = 0;
        for (int round = 0; round < 500; round++) {
            List<MarkRule> rules = RandomMarks.rules(random, 12);
            MarkTable table = new MarkTable(rules);
            for (int i = 0; i < 100; i++) {
                boolean ipv6 = random.nextInt(3) == 0;
                int protocol = RandomMarks.protocol(random);
                IpAddress from = RandomMarks.address(random, ipv6);
                IpAddress to = RandomMarks.address(random, ipv6);
                int port = random.nextInt(9) == 0 ? -1 : RandomMarks.port(random);
                int expected = RandomMarks.mark(rules, protocol, from, to, port);
                marked += expected != 0 ? 1 : 0;
                assertThat(mark(table, protocol, from, to, port))
                        .as("%s %s", Seed.ofThisRun(), rules)
                        .isEqualTo(expected);
            }
        }
        assertThat(marked).isGreaterThan(5000);
    }
}
