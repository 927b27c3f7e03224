package io.weir.dataplane.host;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.packet.Packet;

/** Checks the transport checksum of a packet for the host itself. Stateless. */
public final class ReceivedChecksum {
    private ReceivedChecksum() {}

    /**
     * Whether the checksum of a TCP, UDP or ICMPv6 packet is right. One still to be filled in by
     * the sender's hardware says nothing yet, and one the receiving hardware has seen need not be
     * looked at. A UDP length has been compared with what is there.
     */
    public static boolean good(Packet packet) {
        if (vouchedFor(packet)) {
            return true;
        }
        int bytes = packet.transportBytes();
        if (packet.protocol() == Ipv4.PROTOCOL_UDP) {
            bytes = Udp.length(packet.transport());
        }
        long pseudo =
                packet.ipv6()
                        ? InternetChecksum.pseudoHeaderV6(packet.ip(), packet.protocol(), bytes)
                        : InternetChecksum.pseudoHeaderV4(
                                packet.source(), packet.destination(), packet.protocol(), bytes);
        long sum = pseudo + InternetChecksum.sum(packet.transport(), bytes);
        return InternetChecksum.complement(sum) == 0;
    }

    /** Whether the sender's or the receiver's hardware answers for the checksum. */
    public static boolean vouchedFor(Packet packet) {
        long vnet = packet.vnetHeader();
        return vnet != 0 && VnetHeader.flags(vnet) != 0;
    }
}
