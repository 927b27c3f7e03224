package io.weir.dataplane.host;

import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.egress.LinkPorts;
import io.weir.dataplane.egress.ScratchFrames;
import io.weir.dataplane.egress.Transmitter;
import io.weir.dataplane.header.Arp;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.NeighbourResolver;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;

/**
 * ARP (RFC 826) for a balancer without a kernel beside it: answers for its addresses, asks for next
 * hops, learns from answers to its own questions and from requests to itself, and follows
 * neighbours that announce a new Ethernet address. Owned by the worker.
 */
public final class ArpStack implements NeighbourResolver {
    private static final long GROUP_BIT = 1L << 40;

    private final Network network;
    private final LinkPorts ports;
    private final ScratchFrames frames;
    private final DropCounters drops;

    public ArpStack(Network network, LinkPorts ports, ScratchFrames frames, DropCounters drops) {
        this.network = network;
        this.ports = ports;
        this.frames = frames;
        this.drops = drops;
    }

    /** Takes an ARP frame that came in by this link. */
    public void deliver(Packet packet, LinkPort in, Transmitter transmitter) {
        long arp = packet.frame() + Ethernet.HEADER_BYTES;
        if (packet.frameBytes() < Ethernet.HEADER_BYTES + Arp.BYTES) {
            drops.drop(packet, DropReason.FRAME_TOO_SHORT);
            return;
        }
        if (!Arp.isEthernetIpv4(arp) || network.isLocal(Arp.senderAddress(arp))) {
            drops.drop(packet, DropReason.HOST_IGNORED);
            return;
        }
        boolean toUs = network.isLocal(Arp.targetAddress(arp));
        learn(arp, in, toUs, transmitter);
        if (toUs && Arp.operation(arp) == Arp.REQUEST) {
            answer(arp, in);
        }
        drops.drop(packet, toUs ? DropReason.HOST_CONSUMED : DropReason.HOST_IGNORED);
    }

    // Who is known already is believed whatever it says and to whom, so that an address that has
    // moved is found again (RFC 826, "Merge_flag"); a probe has no sender (RFC 5227 2.1.1), and
    // nobody's Ethernet address is a group's (RFC 1812 3.3.2).
    private void learn(long arp, LinkPort in, boolean toUs, Transmitter transmitter) {
        int sender = Arp.senderAddress(arp);
        long mac = Arp.senderMac(arp);
        if (sender == 0 || mac == 0 || (mac & GROUP_BIT) != 0) {
            return;
        }
        Neighbour neighbour = network.heardOf(in.linkIndex(), sender, mac, toUs);
        if (neighbour != null) {
            transmitter.changed(neighbour);
        }
    }

    private void answer(long arp, LinkPort in) {
        long mac = Arp.senderMac(arp);
        if (mac != 0 && (mac & GROUP_BIT) == 0) {
            send(in, mac, Arp.REPLY, Arp.targetAddress(arp), mac, Arp.senderAddress(arp));
        }
    }

    @Override
    public void resolve(int linkIndex, IpAddress address) {
        LinkPort out = ports.onLink(linkIndex);
        if (out != null) {
            int target = address.v4();
            send(out, Ethernet.BROADCAST, Arp.REQUEST, network.sourceFor(target), 0, target);
        }
    }

    private void send(
            LinkPort out, long to, int operation, int sender, long targetMac, int target) {
        long frame = frames.claim();
        if (frame == 0) {
            return;
        }
        long mac = out.link().mac();
        Ethernet.setDestination(frame, to);
        Ethernet.setSource(frame, mac);
        Ethernet.setType(frame, Ethernet.TYPE_ARP);
        long arp = frame + Ethernet.HEADER_BYTES;
        Arp.setEthernetIpv4(arp);
        Arp.setOperation(arp, operation);
        Arp.setSenderMac(arp, mac);
        Arp.setSenderAddress(arp, sender);
        Arp.setTargetMac(arp, targetMac);
        Arp.setTargetAddress(arp, target);
        if (!out.port().transmit(frame, Ethernet.HEADER_BYTES + Arp.BYTES, 0)) {
            drops.count(DropReason.TRANSMIT_FULL);
        }
    }
}
