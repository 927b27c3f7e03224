package io.weir.dataplane.mark;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

/** Random mark rules between few addresses and ports, and what they mean, rule by rule. */
public final class RandomMarks {
    private static final String[] V4 = {"10.0.0.1", "10.0.0.2", "10.0.0.3", "192.0.2.1"};
    private static final String[] V6 = {"2001:db8::1", "2001:db8::2", "2001:db8:1::1"};
    private static final int[] LENGTHS = {0, 8, 24, 30, 31, 32};
    private static final int[] LENGTHS6 = {0, 32, 48, 64, 127, 128};
    private static final int[] PORTS = {0, 1, 79, 80, 81, 443, 10000, 65535};
    private static final int[] PROTOCOLS = {0, 6, 17, 132};

    private RandomMarks() {}

    private static int pick(Random random, int[] numbers) {
        return numbers[random.nextInt(numbers.length)];
    }

    public static IpAddress address(Random random, boolean ipv6) {
        String[] pool = ipv6 ? V6 : V4;
        return Objects.requireNonNull(IpAddress.parse(pool[random.nextInt(pool.length)]));
    }

    public static Prefix prefix(Random random, boolean ipv6) {
        return Prefix.of(address(random, ipv6), pick(random, ipv6 ? LENGTHS6 : LENGTHS));
    }

    public static int port(Random random) {
        return pick(random, PORTS);
    }

    public static int protocol(Random random) {
        return PROTOCOLS[1 + random.nextInt(3)];
    }

    public static MarkRule rule(Random random) {
        boolean ipv6 = random.nextInt(3) == 0;
        int a = port(random);
        int b = random.nextBoolean() ? a : port(random);
        boolean everyPort = random.nextInt(4) == 0;
        return new MarkRule(
                pick(random, PROTOCOLS),
                random.nextInt(3) > 0 ? Prefix.any(ipv6) : prefix(random, ipv6),
                prefix(random, ipv6),
                everyPort ? 0 : Math.min(a, b),
                everyPort ? MarkRule.LAST_PORT : Math.max(a, b),
                random.nextInt(8),
                random.nextInt(3) == 0 ? random.nextInt(8) : MarkRule.WHOLE);
    }

    public static List<MarkRule> rules(Random random, int most) {
        List<MarkRule> rules = new ArrayList<>();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            rules.add(rule(random));
        }
        return rules;
    }

    public static MarkedTraffic traffic(Random random) {
        return new MarkedTraffic(rules(random, 8), marks(random), marks(random));
    }

    private static Set<Integer> marks(Random random) {
        Set<Integer> marks = new HashSet<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            marks.add(1 + random.nextInt(7));
        }
        return marks;
    }

    /**
     * The mark of a packet.
     *
     * @param port its destination port; negative if it has none
     */
    public static int mark(
            List<MarkRule> rules, int protocol, IpAddress from, IpAddress to, int port) {
        int mark = 0;
        for (MarkRule rule : rules) {
            boolean everyPort = rule.firstPort() == 0 && rule.lastPort() == 65535;
            if ((rule.protocol() == 0 || rule.protocol() == protocol)
                    && rule.source().contains(from)
                    && rule.destination().contains(to)
                    && (everyPort || (port >= rule.firstPort() && port <= rule.lastPort()))) {
                mark = (mark & ~rule.mask()) ^ rule.value();
            }
        }
        return mark;
    }
}
