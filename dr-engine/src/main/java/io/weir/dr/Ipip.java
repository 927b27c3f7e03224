package io.weir.dr;

import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.TunnelSettings;

/** IP directly in IP (RFC 2003, RFC 2473, RFC 4213): nothing stands between the two headers. */
final class Ipip implements Encapsulation {
    @Override
    public int protocol(boolean ipv6Inside) {
        return inner(ipv6Inside);
    }

    /** The IP protocol number of a packet of this family as a payload. */
    static int inner(boolean ipv6) {
        return ipv6 ? Ipv4.PROTOCOL_IPV6 : Ipv4.PROTOCOL_IPIP;
    }

    @Override
    public int headerBytes(TunnelSettings settings) {
        return 0;
    }

    @Override
    public void write(long outer, Packet packet, TunnelSettings settings) {}
}
