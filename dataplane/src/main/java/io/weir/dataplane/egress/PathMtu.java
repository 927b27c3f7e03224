package io.weir.dataplane.egress;

import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.net.PathMtus;
import io.weir.dataplane.packet.NextHop;
import io.weir.dataplane.packet.Packet;

/**
 * How long a packet to a real server may be: what its link takes, or less if ICMP has told so.
 * Owned by the worker.
 */
public final class PathMtu {
    private static final long V4_MASK = 0xffff_ffffL;

    private final PathMtus learned = new PathMtus();
    private final Network network;
    private final LinkPorts ports;
    private final CachedClock clock;

    public PathMtu(Network network, LinkPorts ports, CachedClock clock) {
        this.network = network;
        this.ports = ports;
        this.clock = clock;
    }

    /** For a packet about to be sent to its next hop by a link with this MTU. */
    int forSending(Packet packet, int linkMtu) {
        NextHop hop = packet.nextHop();
        long high = hop.ipv6() ? hop.high() : 0;
        long low = hop.ipv6() ? hop.low() : hop.address() & V4_MASK;
        return learned.forSending(high, low, linkMtu, clock.millis());
    }

    /** Takes what a router said about the way to an IPv4 address. */
    public void learn(int server, int mtu) {
        learned.learn(0, server & V4_MASK, mtu, linkMtu(server), clock.millis());
    }

    /** What the last packet to an IPv4 address was held to. */
    public int inUse(int server) {
        return learned.inUse(0, server & V4_MASK, linkMtu(server), clock.millis());
    }

    private int linkMtu(int server) {
        Neighbour hop = network.nextHop(server);
        LinkPort out = hop == null ? null : ports.onLink(hop.linkIndex());
        return out == null ? PathMtus.WIDEST : out.link().mtu();
    }
}
