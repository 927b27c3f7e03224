package io.weir.dataplane.masquerade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.Collections;
import java.util.List;
import java.util.Random;

class MasqueradeTableTest {
    @Test
    void matchesAsTheFirstRuleThatFits() {
        Random random = Seed.ofThisRun().random();
        int matches = 0;
        for (int round = 0; round < 2000; round++) {
            List<MasqueradeRule> rules = RandomMasquerades.rules(random);
            MasqueradeTable table = new MasqueradeTable(rules);
            for (int i = 0; i < 20; i++) {
                boolean ipv6 = random.nextBoolean();
                IpAddress from = RandomMasquerades.address(random, ipv6);
                IpAddress to = RandomMasquerades.address(random, ipv6);
                int protocol = new int[] {6, 17, 132, 1}[random.nextInt(4)];
                int port = random.nextInt(3);
                Endpoints ends = ends(protocol, from, to).setPorts(port, 80);
                MasqueradeRule expected =
                        RandomMasquerades.firstMatch(rules, protocol, from, port, to);
                assertThat(table.match(ends))
                        .as("%s %s:%d > %s by %s", protocol, from, port, to, rules)
                        .isSameAs(expected);
                matches += expected == null ? 0 : 1;
            }
        }
        assertThat(matches).isGreaterThan(1000);
    }

    private static Endpoints ends(int protocol, IpAddress from, IpAddress to) {
        return from.ipv6()
                ? new Endpoints().setV6(protocol, from.high(), from.low(), to.high(), to.low())
                : new Endpoints().setV4(protocol, from.v4(), to.v4());
    }

    @Test
    void thereAreSixteenRulesAtMost() {
        MasqueradeRule rule = new MasqueradeRule(0, Prefix.any(false), 0, Prefix.any(false), null);
        assertThatThrownBy(() -> new MasqueradeTable(Collections.nCopies(17, rule)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
