package io.weir.nat;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.header.Icmp;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.packet.Packet;

/**
 * Translates an ICMP error about a translated connection: the outer address and, in the quoted
 * packet, address and port (RFC 5508 4.2). The quoted transport checksum stays as it is, as in the
 * kernel (BEHAVIOUR.md, "ICMP"). Stateless; runs on the worker.
 */
final class IcmpErrorRewriter {
    private IcmpErrorRewriter() {}

    static void rewrite(Packet packet, ConnectionTable connections) {
        int slot = packet.connection();
        long ip = packet.ip();
        long icmp = packet.transport();
        long quote = icmp + Icmp.HEADER_BYTES;
        long quotedTransport = quote + Ipv4.headerBytes(quote);
        if (packet.reply()) {
            int virtual = connections.virtual(slot);
            Ipv4.setSource(ip, virtual);
            Ipv4.setDestination(quote, virtual);
            Udp.setDestinationPort(quotedTransport, connections.virtualPort(slot));
        } else {
            int server = connections.server(slot);
            Ipv4.setDestination(ip, server);
            Ipv4.setSource(quote, server);
            Udp.setSourcePort(quotedTransport, connections.serverPort(slot));
        }
        Ipv4.setChecksum(ip, InternetChecksum.ipv4Header(ip));
        Ipv4.setChecksum(quote, InternetChecksum.ipv4Header(quote));
        Icmp.setChecksum(icmp, InternetChecksum.icmp(icmp, packet.transportBytes()));
    }
}
