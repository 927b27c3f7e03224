package io.weir.dataplane.worker;

import io.weir.dataplane.egress.IpOptions;
import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.egress.Transmitter;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.host.LinkNeighbours;
import io.weir.dataplane.host.NeighbourDiscovery;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.parse.PacketParser;

/**
 * The first look at a packet: finds its headers, answers ARP and neighbour discovery, and lets
 * nobody in who cannot be who he says he is. Owned by the worker.
 */
final class Intake {
    private final Network network;
    private final LinkNeighbours neighbours;
    private final Transmitter transmitter;
    private final FragmentIntake fragments;
    private final IpOptions ipOptions;
    private final DropCounters drops;
    private final PacketParser parser;

    Intake(
            Network network,
            LinkNeighbours neighbours,
            Transmitter transmitter,
            FragmentIntake fragments,
            IpOptions ipOptions,
            DropCounters drops) {
        this.network = network;
        this.neighbours = neighbours;
        this.transmitter = transmitter;
        this.fragments = fragments;
        this.ipOptions = ipOptions;
        this.drops = drops;
        this.parser = new PacketParser(drops);
    }

    /**
     * Takes a packet that came in by this link.
     *
     * @return whether it can be one of a connection; it may be undecided nevertheless
     */
    boolean take(Packet packet, LinkPort in) {
        packet.setLink(in.linkIndex());
        return switch (parser.ethertype(packet)) {
            case Ethernet.TYPE_IPV4 -> parseIpv4(packet, in);
            case Ethernet.TYPE_IPV6 -> parseIpv6(packet, in);
            case Ethernet.TYPE_ARP -> {
                neighbours.arp(packet, in, transmitter);
                yield false;
            }
            case -1 -> false;
            default -> {
                drops.drop(packet, DropReason.UNKNOWN_ETHERTYPE);
                yield false;
            }
        };
    }

    private boolean parseIpv4(Packet packet, LinkPort in) {
        if (Ethernet.destination(packet.frame()) != in.link().mac()) {
            drops.drop(packet, DropReason.NOT_OURS);
            return false;
        }
        return parser.ipv4(packet) && admit(packet);
    }

    // Neighbour discovery comes to multicast addresses, and from hosts that have no address yet.
    private boolean parseIpv6(Packet packet, LinkPort in) {
        if (!parser.ipv6(packet)) {
            return false;
        }
        if (NeighbourDiscovery.isFor(packet)) {
            neighbours.discovery(packet, in, transmitter);
            return false;
        }
        if (Ethernet.destination(packet.frame()) != in.link().mac()) {
            drops.drop(packet, DropReason.NOT_OURS);
            return false;
        }
        return parser.ipv6Addresses(packet) && admit(packet);
    }

    // Nobody else may speak with the host's own or a broadcast address: whoever answers such a
    // packet answers the host itself, or everybody (RFC 1812 5.3.7; the kernel calls it a martian
    // source).
    private boolean admit(Packet packet) {
        if (network.isSourceOwnOrBroadcast(packet.endpoints())) {
            drops.drop(packet, DropReason.SOURCE_INVALID);
            return false;
        }
        return fragments.admit(packet, parser)
                && ipOptions.receive(packet)
                && (packet.portsPresent() || packet.truncated());
    }
}
