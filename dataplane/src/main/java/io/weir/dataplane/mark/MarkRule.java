package io.weir.dataplane.mark;

import io.weir.dataplane.net.Prefix;

/**
 * Gives the packets that it matches a mark: the bits of {@code mask} are cleared in the mark they
 * have so far, then those of {@code value} are changed, as iptables' {@code --set-xmark
 * value/mask}.
 *
 * @param protocol 6, 17 or 132; 0 for every protocol
 * @param source where the packet comes from
 * @param destination where it goes to, of the same family
 * @param firstPort the first destination port
 * @param lastPort the last one; 0 to 65535 matches packets without ports too
 * @param value the mark, when the mask is all ones
 * @param mask which bits of the mark are replaced
 */
public record MarkRule(
        int protocol,
        Prefix source,
        Prefix destination,
        int firstPort,
        int lastPort,
        int value,
        int mask) {
    /** The highest port. */
    public static final int LAST_PORT = 0xffff;

    /** The mask of a rule that replaces the whole mark. */
    public static final int WHOLE = -1;

    public MarkRule {
        if (source.network().ipv6() != destination.network().ipv6()) {
            throw new IllegalArgumentException(source + " and " + destination);
        }
        if (firstPort < 0 || firstPort > lastPort || lastPort > LAST_PORT) {
            throw new IllegalArgumentException("ports " + firstPort + " to " + lastPort);
        }
    }

    /** The rule that gives this destination and these ports a mark, from wherever they come. */
    public static MarkRule of(
            int protocol, Prefix destination, int firstPort, int lastPort, int mark) {
        Prefix source = Prefix.any(destination.network().ipv6());
        return new MarkRule(protocol, source, destination, firstPort, lastPort, mark, WHOLE);
    }

    public boolean ipv6() {
        return destination.network().ipv6();
    }

    /** Whether it matches whatever the port, or without one. */
    public boolean everyPort() {
        return firstPort == 0 && lastPort == LAST_PORT;
    }

    /** What becomes of a mark that a packet has when it gets to this rule. */
    public int apply(int mark) {
        return (mark & ~mask) ^ value;
    }
}
