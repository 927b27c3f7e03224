package io.weir.nat;

import io.weir.dataplane.checksum.ChecksumUpdate;
import io.weir.dataplane.egress.PartialChecksum;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.packet.Packet;

/**
 * Translates the addresses and ports of an IPv6 packet. The header has no checksum, so only that of
 * TCP or UDP is updated, which covers the addresses as that of SCTP does not; a UDP checksum of 0
 * is replaced by a full one (recorded: ipv6-udp). Stateless; runs on the worker.
 */
final class Ipv6Translation {
    private Ipv6Translation() {}

    static void translate(Packet packet, ConnectionTable connections) {
        int slot = packet.connection();
        long ip = packet.ip();
        if (packet.reply()) {
            long high = connections.virtualHigh(slot);
            long low = connections.virtualLow(slot);
            int port = connections.virtualPort(slot);
            long oldHigh = Ipv6.sourceHigh(ip);
            long oldLow = Ipv6.sourceLow(ip);
            updateChecksum(packet, oldHigh, oldLow, high, low, packet.sourcePort(), port);
            Ipv6.setSource(ip, high, low);
            Udp.setSourcePort(packet.transport(), port);
        } else {
            long high = connections.serverHigh(slot);
            long low = connections.serverLow(slot);
            int port = connections.serverPort(slot);
            long oldHigh = Ipv6.destinationHigh(ip);
            long oldLow = Ipv6.destinationLow(ip);
            updateChecksum(packet, oldHigh, oldLow, high, low, packet.destinationPort(), port);
            Ipv6.setDestination(ip, high, low);
            Udp.setDestinationPort(packet.transport(), port);
        }
        ZeroUdpChecksum.complete(packet);
    }

    // The ports of TCP, UDP and SCTP lie at the same offsets, so Udp's accessors serve all.
    private static void updateChecksum(
            Packet packet, long oldHigh, long oldLow, long high, long low, int oldPort, int port) {
        if (packet.protocol() == Ipv4.PROTOCOL_SCTP) {
            return;
        }
        long transport = packet.transport();
        boolean tcp = packet.protocol() == Ipv4.PROTOCOL_TCP;
        int checksum = tcp ? Tcp.checksum(transport) : Udp.checksum(transport);
        if (PartialChecksum.isPending(packet)) {
            checksum = ChecksumUpdate.partialReplace64(checksum, oldHigh, high);
            checksum = ChecksumUpdate.partialReplace64(checksum, oldLow, low);
        } else if (tcp || checksum != 0) {
            checksum = ChecksumUpdate.replace64(checksum, oldHigh, high);
            checksum = ChecksumUpdate.replace64(checksum, oldLow, low);
            checksum = ChecksumUpdate.replace16(checksum, oldPort, port);
            checksum = checksum == 0 && !tcp ? 0xffff : checksum;
        }
        if (tcp) {
            Tcp.setChecksum(transport, checksum);
        } else {
            Udp.setChecksum(transport, checksum);
        }
    }
}
