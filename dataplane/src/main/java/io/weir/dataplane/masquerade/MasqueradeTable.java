package io.weir.dataplane.masquerade;

import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Masquerading rules made ready for the worker. As in iptables, where these targets end the chain,
 * the first rule that matches counts. Immutable; {@link #match} allocates nothing.
 */
public final class MasqueradeTable {
    /**
     * The most rules; the kernel's steering compares every packet that is left with all of them.
     */
    public static final int CAPACITY = 16;

    /** Masquerades nothing. */
    public static final MasqueradeTable EMPTY = new MasqueradeTable(List.of());

    private static final int TCP = 6;
    private static final int UDP = 17;

    private final List<MasqueradeRule> rules;
    private final MasqueradeRule[] inOrder;

    /**
     * Makes a table.
     *
     * @throws IllegalArgumentException if there are more than {@value #CAPACITY} rules
     */
    public MasqueradeTable(List<MasqueradeRule> rules) {
        if (rules.size() > CAPACITY) {
            throw new IllegalArgumentException(rules.size() + " masquerading rules");
        }
        this.rules = List.copyOf(rules);
        this.inOrder = rules.toArray(MasqueradeRule[]::new);
    }

    /** The rules it was made of. */
    public List<MasqueradeRule> rules() {
        return rules;
    }

    public boolean isEmpty() {
        return inOrder.length == 0;
    }

    /** The rule for a packet that opens a connection, or null. */
    public @Nullable MasqueradeRule match(Endpoints ends) {
        for (MasqueradeRule rule : inOrder) {
            if (matches(rule, ends)) {
                return rule;
            }
        }
        return null;
    }

    private static boolean matches(MasqueradeRule rule, Endpoints ends) {
        if (rule.ipv6() != ends.ipv6()
                || (rule.sourcePort() != 0 && rule.sourcePort() != ends.sourcePort())) {
            return false;
        }
        boolean protocol =
                rule.protocol() == 0
                        ? ends.protocol() == TCP || ends.protocol() == UDP
                        : ends.protocol() == rule.protocol();
        if (!protocol) {
            return false;
        }
        return ends.ipv6()
                ? covers(rule.source(), ends.sourceHigh(), ends.sourceLow())
                        && covers(rule.destination(), ends.destinationHigh(), ends.destinationLow())
                : covers(rule.source(), ends.source())
                        && covers(rule.destination(), ends.destination());
    }

    private static boolean covers(Prefix prefix, int address) {
        int length = prefix.length();
        return length == 0 || (prefix.network().v4() ^ address) >>> (Integer.SIZE - length) == 0;
    }

    private static boolean covers(Prefix prefix, long high, long low) {
        IpAddress network = prefix.network();
        int length = prefix.length();
        return ((network.high() ^ high) & IpAddress.maskHigh(length)) == 0
                && ((network.low() ^ low) & IpAddress.maskLow(length)) == 0;
    }
}
