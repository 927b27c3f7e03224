package io.weir.nat;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.egress.PartialChecksum;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.packet.Packet;

/**
 * Gives a translated UDP datagram that came without a checksum a full one, as the kernel does
 * (recorded: udp-zerosum, ipv6-udp). Stateless; runs on the worker.
 */
final class ZeroUdpChecksum {
    private ZeroUdpChecksum() {}

    static void complete(Packet packet) {
        long transport = packet.transport();
        if (packet.protocol() != Ipv4.PROTOCOL_UDP
                || PartialChecksum.isPending(packet)
                || Udp.checksum(transport) != 0) {
            return;
        }
        long ip = packet.ip();
        int bytes = packet.transportBytes();
        Udp.setChecksum(
                transport,
                packet.ipv6()
                        ? InternetChecksum.transportV6(ip, transport, bytes, Ipv4.PROTOCOL_UDP)
                        : InternetChecksum.transportV4(ip, transport, bytes, Ipv4.PROTOCOL_UDP));
    }
}
