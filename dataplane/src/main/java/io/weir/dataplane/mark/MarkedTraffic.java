package io.weir.dataplane.mark;

import java.util.List;
import java.util.Set;

/**
 * The packets that are balanced for their mark: those that the rules give a mark with a service.
 *
 * @param rules all of them, in their order
 * @param marks the marks of IPv4 services
 * @param marks6 the marks of IPv6 services
 */
public record MarkedTraffic(List<MarkRule> rules, Set<Integer> marks, Set<Integer> marks6) {
    /** No packet is. */
    public static final MarkedTraffic NONE = new MarkedTraffic(List.of(), Set.of(), Set.of());

    public MarkedTraffic {
        rules = List.copyOf(rules);
        marks = Set.copyOf(marks);
        marks6 = Set.copyOf(marks6);
    }

    /** Whether packets of a family that end up with this mark are balanced. */
    public boolean isServed(int mark, boolean ipv6) {
        return (ipv6 ? marks6 : marks).contains(mark);
    }
}
