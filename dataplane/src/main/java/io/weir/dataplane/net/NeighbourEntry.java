package io.weir.dataplane.net;

/**
 * What is known of a neighbour's Ethernet address (ARP or neighbour discovery).
 *
 * @param linkIndex the interface it is reached by
 * @param address its IP address
 * @param state whether {@code mac} can be used
 * @param mac its Ethernet address in the low 48 bits; 0 unless usable
 */
public record NeighbourEntry(int linkIndex, IpAddress address, State state, long mac) {
    /** The usability of an entry, coarser than the kernel's NUD states. */
    public enum State {
        /** Reachable, permanent or noarp. */
        USABLE,
        /** Stale, delay or probe: usable, worth confirming. */
        STALE,
        /** A request is under way. */
        INCOMPLETE,
        /** Nobody answered. */
        FAILED,
        /** Forgotten. */
        GONE
    }
}
