package io.weir.dataplane.masquerade;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random rules and ends that meet often, and the obvious way to match them. */
public final class RandomMasquerades {
    private RandomMasquerades() {}

    /** An address of a small world. */
    public static IpAddress address(Random random, boolean ipv6) {
        int host = random.nextInt(8);
        int network = random.nextInt(4);
        return ipv6
                ? IpAddress.v6(0xfd00L << 48 | network, (long) network << 63 | host)
                : IpAddress.v4(10 << 24 | network << 16 | host);
    }

    public static List<MasqueradeRule> rules(Random random) {
        List<MasqueradeRule> rules = new ArrayList<>();
        int count = random.nextInt(MasqueradeTable.CAPACITY + 1);
        while (rules.size() < count) {
            boolean ipv6 = random.nextBoolean();
            rules.add(
                    new MasqueradeRule(
                            new int[] {0, 6, 17}[random.nextInt(3)],
                            prefix(random, ipv6),
                            random.nextInt(3),
                            prefix(random, ipv6),
                            random.nextBoolean() ? null : address(random, ipv6)));
        }
        return rules;
    }

    private static Prefix prefix(Random random, boolean ipv6) {
        int most = ipv6 ? 128 : 32;
        int length = random.nextInt(3) == 0 ? random.nextInt(most + 1) : most - random.nextInt(18);
        return Prefix.of(address(random, ipv6), length);
    }

    /** The first rule that matches, or null. */
    public static @Nullable MasqueradeRule firstMatch(
            List<MasqueradeRule> rules, int protocol, IpAddress from, int fromPort, IpAddress to) {
        for (MasqueradeRule rule : rules) {
            if ((protocol == 6 || protocol == 17)
                    && (rule.protocol() == 0 || rule.protocol() == protocol)
                    && (rule.sourcePort() == 0 || rule.sourcePort() == fromPort)
                    && rule.source().contains(from)
                    && rule.destination().contains(to)) {
                return rule;
            }
        }
        return null;
    }
}
