package io.weir.dataplane.host;

import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.egress.LinkPorts;
import io.weir.dataplane.egress.ScratchFrames;
import io.weir.dataplane.egress.Transmitter;
import io.weir.dataplane.header.Arp;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NeighbourResolver;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;

/**
 * ARP (RFC 826) for a balancer without a kernel beside it: answers for its addresses, asks for next
 * hops, learns from answers to its own questions and from requests to itself. Owned by the worker.
 */
public final class ArpStack implements NeighbourResolver {
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
        boolean forUs = Arp.isEthernetIpv4(arp) && network.isLocal(Arp.targetAddress(arp));
        if (!forUs || Arp.senderAddress(arp) == 0 || network.isLocal(Arp.senderAddress(arp))) {
            drops.drop(packet, DropReason.HOST_IGNORED);
            return;
        }
        learn(arp, in, transmitter);
        if (Arp.operation(arp) == Arp.REQUEST) {
            long mac = Arp.senderMac(arp);
            send(in, mac, Arp.REPLY, Arp.targetAddress(arp), mac, Arp.senderAddress(arp));
        }
        drops.drop(packet, DropReason.HOST_CONSUMED);
    }

    private void learn(long arp, LinkPort in, Transmitter transmitter) {
        IpAddress address = IpAddress.v4(Arp.senderAddress(arp));
        Neighbour neighbour =
                network.update(
                        new NeighbourEntry(
                                in.linkIndex(),
                                address,
                                NeighbourEntry.State.USABLE,
                                Arp.senderMac(arp)));
        if (neighbour != null) {
            transmitter.changed(neighbour);
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
