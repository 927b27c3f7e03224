package io.weir.dataplane.mark;

import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.packet.Packet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Mark rules made ready for the worker. As in iptables, where the MARK target does not end the
 * chain, every rule that matches has its say, in their order, so that the last one wins.
 *
 * <p>Rules for one destination address are found by that address, together with those for a whole
 * network that it is in, so that a packet is compared with the rules of its own address only.
 * Immutable; {@link #mark} allocates nothing.
 */
public final class MarkTable {
    /** The most rules. */
    public static final int CAPACITY = 1024;

    /** Marks nothing. */
    public static final MarkTable EMPTY = new MarkTable(List.of());

    /** IPv4 addresses are compared as IPv6 ones of RFC 4291's mapped form. */
    private static final long MAPPED = 0xffffL << 32;

    private static final int NETWORKS = 0;

    private final List<MarkRule> rules;
    private final Matcher[] matchers;

    // Open addressing: the list of a destination address, NETWORKS where there is none.
    private final long[] high;
    private final long[] low;
    private final int[] lists;

    // List number n is matchers[order[starts[n]]] to matchers[order[starts[n + 1] - 1]].
    private final int[] starts;
    private final int[] order;

    /**
     * Makes a table.
     *
     * @throws IllegalArgumentException if there are more than {@value #CAPACITY} rules
     */
    public MarkTable(List<MarkRule> rules) {
        if (rules.size() > CAPACITY) {
            throw new IllegalArgumentException(rules.size() + " mark rules");
        }
        this.rules = List.copyOf(rules);
        matchers = new Matcher[rules.size()];
        for (int i = 0; i < matchers.length; i++) {
            matchers[i] = new Matcher(rules.get(i));
        }
        int slots = Integer.highestOneBit(Math.max(2, rules.size() * 4));
        high = new long[slots];
        low = new long[slots];
        lists = new int[slots];
        List<IpAddress> hosts = indexHosts();
        starts = new int[hosts.size() + 2];
        order = order(hosts);
    }

    private List<IpAddress> indexHosts() {
        List<IpAddress> hosts = new ArrayList<>();
        for (MarkRule rule : rules) {
            if (rule.destination().isHost()) {
                IpAddress address = rule.destination().network();
                int slot = slot(address.high(), low(address));
                if (lists[slot] == NETWORKS) {
                    high[slot] = address.high();
                    low[slot] = low(address);
                    hosts.add(address);
                    lists[slot] = hosts.size();
                }
            }
        }
        return hosts;
    }

    private int[] order(List<IpAddress> hosts) {
        int[] numbers = new int[(hosts.size() + 1) * rules.size()];
        int used = 0;
        for (int list = 0; list <= hosts.size(); list++) {
            starts[list] = used;
            for (int i = 0; i < matchers.length; i++) {
                Prefix destination = rules.get(i).destination();
                boolean belongs =
                        list == NETWORKS
                                ? !destination.isHost()
                                : destination.contains(hosts.get(list - 1));
                if (belongs) {
                    numbers[used] = i;
                    used++;
                }
            }
        }
        starts[hosts.size() + 1] = used;
        return Arrays.copyOf(numbers, used);
    }

    private static long low(IpAddress address) {
        return address.ipv6() ? address.low() : MAPPED | address.low();
    }

    /** The slot of an address, or the free one where it would be. */
    private int slot(long highBits, long lowBits) {
        long mixed = (highBits ^ Long.rotateLeft(lowBits, 29)) * 0x9E3779B97F4A7C15L;
        int at = (int) (mixed >>> 40) & (lists.length - 1);
        while (lists[at] != NETWORKS && (high[at] != highBits || low[at] != lowBits)) {
            at = (at + 1) & (lists.length - 1);
        }
        return at;
    }

    /** The rules it was made of. */
    public List<MarkRule> rules() {
        return rules;
    }

    /** The mark of a packet, 0 for none. */
    public int mark(Packet packet) {
        if (matchers.length == 0) {
            return 0;
        }
        Endpoints ends = packet.endpoints();
        int port = packet.portsPresent() ? ends.destinationPort() : Matcher.NO_PORT;
        if (ends.ipv6()) {
            return mark(
                    ends,
                    ends.sourceHigh(),
                    ends.sourceLow(),
                    ends.destinationHigh(),
                    ends.destinationLow(),
                    port);
        }
        long from = MAPPED | (ends.source() & 0xffff_ffffL);
        long to = MAPPED | (ends.destination() & 0xffff_ffffL);
        return mark(ends, 0, from, 0, to, port);
    }

    private int mark(
            Endpoints ends, long fromHigh, long fromLow, long toHigh, long toLow, int port) {
        int list = lists[slot(toHigh, toLow)];
        int end = starts[list + 1];
        int mark = 0;
        for (int i = starts[list]; i < end; i++) {
            Matcher matcher = matchers[order[i]];
            if (matcher.isFor(ends, port) && matcher.covers(fromHigh, fromLow, toHigh, toLow)) {
                mark = matcher.rule.apply(mark);
            }
        }
        return mark;
    }

    /** A rule in numbers. */
    private static final class Matcher {
        static final int NO_PORT = -1;

        private final MarkRule rule;
        private final boolean ipv6;
        private final int protocol;
        private final int firstPort;
        private final int lastPort;
        private final long sourceHigh;
        private final long sourceLow;
        private final long sourceHighMask;
        private final long sourceLowMask;
        private final long destinationHigh;
        private final long destinationLow;
        private final long destinationHighMask;
        private final long destinationLowMask;

        Matcher(MarkRule rule) {
            this.rule = rule;
            ipv6 = rule.ipv6();
            protocol = rule.protocol();
            firstPort = rule.everyPort() ? NO_PORT : rule.firstPort();
            lastPort = rule.lastPort();
            sourceHigh = rule.source().network().high();
            sourceLow = low(rule.source().network());
            sourceHighMask = ones(bits(rule.source()));
            sourceLowMask = ones(bits(rule.source()) - Long.SIZE);
            destinationHigh = rule.destination().network().high();
            destinationLow = low(rule.destination().network());
            destinationHighMask = ones(bits(rule.destination()));
            destinationLowMask = ones(bits(rule.destination()) - Long.SIZE);
        }

        private static int bits(Prefix prefix) {
            return prefix.network().ipv6() ? prefix.length() : 96 + prefix.length();
        }

        private static long ones(int count) {
            return count <= 0 ? 0 : -1L << Math.max(0, Long.SIZE - count);
        }

        private boolean isFor(Endpoints ends, int port) {
            return ipv6 == ends.ipv6()
                    && (protocol == 0 || protocol == ends.protocol())
                    && port >= firstPort
                    && port <= lastPort;
        }

        private boolean covers(long fromHigh, long fromLow, long toHigh, long toLow) {
            return ((toHigh ^ destinationHigh) & destinationHighMask) == 0
                    && ((toLow ^ destinationLow) & destinationLowMask) == 0
                    && ((fromHigh ^ sourceHigh) & sourceHighMask) == 0
                    && ((fromLow ^ sourceLow) & sourceLowMask) == 0;
        }
    }
}
