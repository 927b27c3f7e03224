package io.weir.dr;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Gre;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.TunnelSettings;

/**
 * Generic Routing Encapsulation (RFC 2784), with or without its checksum (recorded: fwd-gre,
 * fwd-grecsum, ipv6-tun-2).
 */
final class GreTunnel implements Encapsulation {
    @Override
    public int protocol(boolean ipv6Inside) {
        return Gre.PROTOCOL;
    }

    @Override
    public int headerBytes(TunnelSettings settings) {
        return checksummed(settings) ? Gre.CHECKSUM_HEADER_BYTES : Gre.MIN_HEADER_BYTES;
    }

    // ipvsadm offers --tun-remcsum for GUE alone.
    private static boolean checksummed(TunnelSettings settings) {
        return settings.checksum() == TunnelSettings.Checksum.FULL;
    }

    @Override
    public void write(long outer, Packet packet, TunnelSettings settings) {
        int type = packet.ipv6() ? Ethernet.TYPE_IPV6 : Ethernet.TYPE_IPV4;
        if (checksummed(settings)) {
            long gre = packet.ip() - Gre.CHECKSUM_HEADER_BYTES;
            Gre.writeWithChecksum(gre, type);
            int bytes = Gre.CHECKSUM_HEADER_BYTES + packet.ipBytes();
            Gre.setChecksum(gre, InternetChecksum.complement(InternetChecksum.sum(gre, bytes)));
        } else {
            Gre.write(packet.ip() - Gre.MIN_HEADER_BYTES, type);
        }
    }
}
