package io.weir.dataplane.egress;

import io.weir.dataplane.checksum.Crc32c;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Sctp;
import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.packet.Packet;

/**
 * Fills in the CRC32c that a local sender of SCTP left to its network card. It cannot be left to
 * ours: a virtio_net_hdr asks for Internet checksums alone. Owned by the worker.
 */
final class SctpCompletion {
    private final Crc32c crc = new Crc32c();

    /** Completes an SCTP packet if need be; its virtio_net_hdr has nothing to say then. */
    void complete(Packet packet) {
        long vnet = packet.vnetHeader();
        // Of SCTP segments still to be cut a virtio_net_hdr cannot tell either.
        if (packet.protocol() == Ipv4.PROTOCOL_SCTP
                && packet.portsPresent()
                && vnet != 0
                && (VnetHeader.flags(vnet) & VnetHeader.NEEDS_CHECKSUM) != 0
                && VnetHeader.gsoType(vnet) == VnetHeader.GSO_NONE) {
            long sctp = packet.transport();
            Sctp.setChecksum(sctp, crc.sctp(sctp, packet.transportBytes()));
            packet.forgetVnetHeader();
        }
    }
}
