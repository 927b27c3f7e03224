package io.weir.dataplane.egress;

import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.net.PathMtus;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.NextHop;
import io.weir.dataplane.packet.Packet;

import org.jspecify.annotations.Nullable;

/**
 * How long a packet to a real server may be: what its link takes, or less if ICMP has told so.
 * Owned by the worker.
 */
public final class PathMtu {
    private final PathMtus learned = new PathMtus();
    private final Network network;
    private final LinkPorts ports;
    private final CachedClock clock;
    private final DropCounters drops;
    private int changes;

    public PathMtu(Network network, LinkPorts ports, CachedClock clock, DropCounters drops) {
        this.network = network;
        this.ports = ports;
        this.clock = clock;
        this.drops = drops;
    }

    /** For a packet about to be sent to its next hop by a link with this MTU. */
    int forSending(Packet packet, int linkMtu) {
        NextHop hop = packet.nextHop();
        long high = hop.ipv6() ? hop.high() : 0;
        long low = hop.ipv6() ? hop.low() : PathMtus.mappedLow(hop.address());
        return learned.forSending(high, low, linkMtu, clock.millis());
    }

    /** Whether a router has said how long packets to an IPv4 address may be. */
    public boolean knows(int address) {
        return learned.knows(0, PathMtus.mappedLow(address), clock.millis());
    }

    /** Whether a router has said how long packets to an address of either family may be. */
    public boolean knows(NextHop hop) {
        return hop.ipv6()
                ? learned.knows(hop.high(), hop.low(), clock.millis())
                : knows(hop.address());
    }

    /** Takes what a router said about the way to an IPv4 address. */
    public void learn(int server, int mtu) {
        learn(0, PathMtus.mappedLow(server), mtu, linkMtu(network.nextHop(server)));
    }

    /** What the last packet to an IPv4 address was held to. */
    public int inUse(int server) {
        int linkMtu = linkMtu(network.nextHop(server));
        return learned.inUse(0, PathMtus.mappedLow(server), linkMtu, clock.millis());
    }

    /**
     * Takes what a router said about the way to an IPv6 address.
     *
     * @return what the next packet there is held to
     */
    public int learn(long high, long low, int mtu) {
        int linkMtu = linkMtu(network.nextHop(high, low));
        learn(high, low, mtu, linkMtu);
        return learned.forSending(high, low, linkMtu, clock.millis());
    }

    /** How often something was learned: what was decided by it before may not hold any more. */
    public int changes() {
        return changes;
    }

    private void learn(long high, long low, int mtu, int linkMtu) {
        network.wayChanges().note();
        changes++;
        if (!learned.learn(high, low, mtu, linkMtu, clock.millis())) {
            drops.count(DropReason.PATH_MTU_FORGOTTEN);
        }
    }

    private int linkMtu(@Nullable Neighbour hop) {
        LinkPort out = hop == null ? null : ports.onLink(hop.linkIndex());
        return out == null ? PathMtus.WIDEST : out.link().mtu();
    }
}
