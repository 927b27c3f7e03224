package io.weir.dataplane.io.afxdp;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.memory.Memory;

/**
 * Checksums that a local sender has left to hardware that its frames never pass.
 *
 * <p>A packet socket tells of them, AF_XDP does not. But Linux leaves the folded sum of the pseudo
 * header in the field, which nearly no complete checksum equals: it says that the rest sums up to
 * zero. Where one does, computing it again gives the same, unless the frame was damaged under way;
 * so of 65,536 damaged frames one gets a checksum that hides it.
 *
 * <p>Knows TCP and UDP without IP options and extension headers, as AF_XDP gets no others.
 */
final class LocalChecksum {

    private LocalChecksum() {}

    /**
     * Writes a virtio header in front of a frame that needs one.
     *
     * @return its address, 0 for a frame that is complete
     */
    static long vnetHeader(long frame, int length) {
        long ip = frame + Ethernet.HEADER_BYTES;
        int room = length - Ethernet.HEADER_BYTES;
        if (room < Ipv4.MIN_HEADER_BYTES) {
            return 0;
        }
        int version = Memory.u8(ip) >>> 4;
        if (version == 4) {
            int bytes = Math.min(Ipv4.totalLength(ip), room) - Ipv4.MIN_HEADER_BYTES;
            int protocol = Ipv4.protocol(ip);
            long pseudo =
                    InternetChecksum.pseudoHeaderV4(
                            Ipv4.source(ip), Ipv4.destination(ip), protocol, bytes);
            return vnetHeader(frame, ip + Ipv4.MIN_HEADER_BYTES, bytes, protocol, pseudo);
        }
        if (version == 6 && room >= Ipv6.HEADER_BYTES) {
            int bytes = Math.min(Ipv6.payloadLength(ip), room - Ipv6.HEADER_BYTES);
            int protocol = Ipv6.nextHeader(ip);
            long pseudo = InternetChecksum.pseudoHeaderV6(ip, protocol, bytes);
            return vnetHeader(frame, ip + Ipv6.HEADER_BYTES, bytes, protocol, pseudo);
        }
        return 0;
    }

    private static long vnetHeader(
            long frame, long transport, int bytes, int protocol, long pseudo) {
        int found;
        int offset;
        if (protocol == Ipv4.PROTOCOL_TCP && bytes >= Tcp.MIN_HEADER_BYTES) {
            found = Tcp.checksum(transport);
            offset = Tcp.CHECKSUM_OFFSET;
        } else if (protocol == Ipv4.PROTOCOL_UDP && bytes >= Udp.HEADER_BYTES) {
            found = Udp.checksum(transport);
            offset = Udp.CHECKSUM_OFFSET;
        } else {
            return 0;
        }
        if (found != InternetChecksum.fold(pseudo)) {
            return 0;
        }
        long vnet = frame - VnetHeader.BYTES;
        VnetHeader.clear(vnet);
        VnetHeader.setFlags(vnet, VnetHeader.NEEDS_CHECKSUM);
        VnetHeader.setChecksumStart(vnet, (int) (transport - frame));
        VnetHeader.setChecksumOffset(vnet, offset);
        return vnet;
    }

    /**
     * Fills in a checksum that a frame's virtio header asks for, and takes the demand away.
     *
     * @return false if the header lies
     */
    static boolean complete(long frame, int length, long vnet) {
        int start = VnetHeader.checksumStart(vnet);
        int field = start + VnetHeader.checksumOffset(vnet);
        if (field + Short.BYTES > length) {
            return false;
        }
        int checksum =
                InternetChecksum.complement(InternetChecksum.sum(frame + start, length - start));
        // 0 and 0xffff are the same sum, but 0 means none in UDP (RFC 768).
        boolean udp = VnetHeader.checksumOffset(vnet) == Udp.CHECKSUM_OFFSET;
        Memory.putU16(frame + field, checksum == 0 && udp ? 0xffff : checksum);
        VnetHeader.setFlags(vnet, 0);
        return true;
    }
}
