package io.weir.dataplane.host;

import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.egress.LinkPorts;
import io.weir.dataplane.egress.ScratchFrames;
import io.weir.dataplane.egress.Transmitter;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.NeighbourResolver;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.Packet;

/**
 * The two ways to find neighbours on a link, for a balancer without a kernel beside it: ARP for
 * IPv4 and neighbour discovery for IPv6. Owned by the worker.
 */
public final class LinkNeighbours implements NeighbourResolver {
    private final ArpStack arp;
    private final NeighbourDiscovery discovery;

    public LinkNeighbours(
            Network network, LinkPorts ports, ScratchFrames frames, DropCounters drops) {
        arp = new ArpStack(network, ports, frames, drops);
        discovery = new NeighbourDiscovery(network, ports, frames, drops);
    }

    /** Takes an ARP frame. */
    public void arp(Packet packet, LinkPort in, Transmitter transmitter) {
        arp.deliver(packet, in, transmitter);
    }

    /** Takes a message of neighbour discovery. */
    public void discovery(Packet packet, LinkPort in, Transmitter transmitter) {
        discovery.deliver(packet, in, transmitter);
    }

    @Override
    public void resolve(int linkIndex, IpAddress address) {
        if (address.ipv6()) {
            discovery.resolve(linkIndex, address);
        } else {
            arp.resolve(linkIndex, address);
        }
    }
}
