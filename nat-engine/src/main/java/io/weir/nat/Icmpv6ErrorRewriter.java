package io.weir.nat;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.header.Icmp;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.parse.ExtensionHeaders;

/**
 * Translates an ICMPv6 error about a translated connection: the outer address and, in the quoted
 * packet, address and port. The quoted transport checksum stays as it is, the message's own is made
 * anew (recorded: ipv6-icmpoffload-1). Owned by the worker.
 */
final class Icmpv6ErrorRewriter {
    private final ExtensionHeaders extensions = new ExtensionHeaders();

    void rewrite(Packet packet, ConnectionTable connections) {
        int slot = packet.connection();
        long ip = packet.ip();
        long icmp = packet.transport();
        long quote = icmp + Icmp.HEADER_BYTES;
        // It was walked when the connection was found, and has not changed.
        extensions.walk(quote, packet.transportBytes() - Icmp.HEADER_BYTES);
        long quotedTransport = quote + extensions.bytes();
        if (packet.reply()) {
            long high = connections.virtualHigh(slot);
            long low = connections.virtualLow(slot);
            Ipv6.setSource(ip, high, low);
            Ipv6.setDestination(quote, high, low);
            Udp.setDestinationPort(quotedTransport, connections.virtualPort(slot));
        } else {
            long high = connections.serverHigh(slot);
            long low = connections.serverLow(slot);
            Ipv6.setDestination(ip, high, low);
            Ipv6.setSource(quote, high, low);
            Udp.setSourcePort(quotedTransport, connections.serverPort(slot));
        }
        int bytes = packet.transportBytes();
        Icmp.setChecksum(icmp, InternetChecksum.transportV6(ip, icmp, bytes, Ipv4.PROTOCOL_ICMPV6));
    }
}
