package io.weir.dr;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Gue;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.TunnelSettings;

/**
 * Generic UDP Encapsulation (draft-ietf-intarea-gue), with or without a UDP checksum.
 *
 * <p>--tun-remcsum lets the kernel leave a checksum that it has not computed yet to the receiver.
 * Here the inner checksum is always complete, and then the kernel too sends what --tun-csum sends
 * (recorded: fwd-gueremcsum).
 */
final class GueTunnel implements Encapsulation {
    private static final int HEADERS_BYTES = Udp.HEADER_BYTES + Gue.HEADER_BYTES;

    /** The kernel's range of ports for those who name none. */
    static final int FIRST_PORT = 32768;

    static final int PORTS = 60999 - FIRST_PORT + 1;

    @Override
    public int protocol(boolean ipv6Inside) {
        return Ipv4.PROTOCOL_UDP;
    }

    @Override
    public int headerBytes(TunnelSettings settings) {
        return HEADERS_BYTES;
    }

    @Override
    public void write(long outer, Packet packet, TunnelSettings settings) {
        long udp = packet.ip() - HEADERS_BYTES;
        int bytes = HEADERS_BYTES + packet.ipBytes();
        Udp.setSourcePort(udp, sourcePort(packet.connection()));
        Udp.setDestinationPort(udp, settings.port());
        Udp.setLength(udp, bytes);
        Udp.setChecksum(udp, 0);
        Gue.write(udp + Udp.HEADER_BYTES, Ipip.inner(packet.ipv6()));
        if (settings.checksum() != TunnelSettings.Checksum.NONE) {
            Udp.setChecksum(udp, checksum(outer, udp, bytes));
        }
    }

    private static int checksum(long outer, long udp, int bytes) {
        return Ipv4.version(outer) == 4
                ? InternetChecksum.transportV4(outer, udp, bytes, Ipv4.PROTOCOL_UDP)
                : InternetChecksum.transportV6(outer, udp, bytes, Ipv4.PROTOCOL_UDP);
    }

    /**
     * The same for all packets of a connection, and spread over the ports for different ones, so
     * that routers and receive queues can tell them apart (RFC 8085 5.1.1 for UDP tunnels). A
     * connection's place in the table is a hash of its client with the process's secret, and stays
     * for its life.
     */
    static int sourcePort(int connection) {
        long mixed = (connection * 0x9E3779B1L) & 0xffff_ffffL;
        return FIRST_PORT + (int) ((mixed * PORTS) >>> 32);
    }
}
