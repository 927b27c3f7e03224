package io.weir.dataplane.egress;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.packet.Packet;

/**
 * Fills in the TCP or UDP checksum that a sender left to its network card, for packets that no card
 * will see as they are: inside a tunnel, or cut into fragments. Stateless; runs on the worker.
 */
public final class PartialChecksum {
    private PartialChecksum() {}

    /** Whether the packet's checksum is still to be filled in. */
    public static boolean isPending(Packet packet) {
        long vnet = packet.vnetHeader();
        return vnet != 0 && (VnetHeader.flags(vnet) & VnetHeader.NEEDS_CHECKSUM) != 0;
    }

    /** Completes the packet's checksum if need be; its virtio_net_hdr has nothing to say then. */
    public static void complete(Packet packet) {
        if (isPending(packet) && packet.portsPresent()) {
            fill(packet);
        }
        packet.forgetVnetHeader();
    }

    private static void fill(Packet packet) {
        long transport = packet.transport();
        int bytes = packet.transportBytes();
        int protocol = packet.protocol();
        int checksum =
                packet.ipv6()
                        ? InternetChecksum.transportV6(packet.ip(), transport, bytes, protocol)
                        : InternetChecksum.transportV4(packet.ip(), transport, bytes, protocol);
        if (packet.protocol() == Ipv4.PROTOCOL_TCP) {
            Tcp.setChecksum(transport, checksum);
        } else if (packet.protocol() == Ipv4.PROTOCOL_UDP) {
            Udp.setChecksum(transport, checksum);
        }
    }
}
