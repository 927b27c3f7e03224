package io.weir.nat;

import io.weir.dataplane.checksum.ChecksumUpdate;
import io.weir.dataplane.checksum.Crc32c;
import io.weir.dataplane.egress.PartialChecksum;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Sctp;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PlainHeader;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.spi.PacketSelection;
import io.weir.dataplane.spi.PlainForwarder;

/**
 * Network address translation: a client's packet gets the real server's address and port as
 * destination, the server's reply the virtual ones as source (RFC 3022 for both checksums).
 *
 * <p>Checksums are updated by the difference (RFC 1624), so a wrong one stays wrong by as much.
 * Only a UDP checksum of 0 is replaced by a full one, as the kernel does (recorded: udp-zerosum). A
 * checksum the sender left to be completed later covers addresses but no ports yet, and is updated
 * for the addresses alone. The CRC32c of SCTP covers no addresses and cannot be updated: where the
 * port changes it is computed afresh, and a wrong one comes out right (recorded: sctp-nat). Owned
 * by the worker.
 */
public final class MasqueradeForwarder implements PlainForwarder {
    private final Crc32c crc = new Crc32c();
    private final Icmpv6ErrorRewriter wideErrors = new Icmpv6ErrorRewriter();

    @Override
    public ForwardingMethod method() {
        return ForwardingMethod.MASQUERADE;
    }

    @Override
    public void forward(PacketSelection packets, ConnectionTable connections) {
        for (int i = 0; i < packets.size(); i++) {
            Packet packet = packets.get(i);
            int slot = packet.connection();
            long ip = packet.ip();
            if (packet.related()) {
                rewriteError(packet, connections);
                continue;
            }
            if (packet.ipv6()) {
                Ipv6Translation.translate(packet, connections);
                renewSctpChecksum(packet);
                continue;
            }
            if (packet.reply()) {
                int virtual = connections.virtual(slot);
                int virtualPort = connections.virtualPort(slot);
                translate(packet, packet.source(), virtual, packet.sourcePort(), virtualPort);
                Ipv4.setSource(ip, virtual);
                Udp.setSourcePort(packet.transport(), virtualPort);
            } else {
                int server = connections.server(slot);
                int serverPort = connections.serverPort(slot);
                translate(
                        packet, packet.destination(), server, packet.destinationPort(), serverPort);
                Ipv4.setDestination(ip, server);
                Udp.setDestinationPort(packet.transport(), serverPort);
            }
            ZeroUdpChecksum.complete(packet);
            renewSctpChecksum(packet);
        }
    }

    @Override
    public boolean toServer(
            PlainHeader header, long transport, boolean pending, int server, int port) {
        int addresses = ChecksumUpdate.difference(header.destination(), server);
        int ports = ChecksumUpdate.difference16(header.ports() & 0xffff, port);
        if (!adjust(header.protocol(), transport, pending, addresses, ports)) {
            return false;
        }
        header.setDestination(server, port, addresses);
        return true;
    }

    @Override
    public boolean toClient(
            PlainHeader header, long transport, boolean pending, int virtual, int port) {
        int addresses = ChecksumUpdate.difference(header.source(), virtual);
        int ports = ChecksumUpdate.difference16(header.ports() >>> 16, port);
        if (!adjust(header.protocol(), transport, pending, addresses, ports)) {
            return false;
        }
        header.setSource(virtual, port, addresses);
        return true;
    }

    // Of a UDP checksum of 0 a full one has to be made.
    private static boolean adjust(
            int protocol, long transport, boolean pending, int addresses, int ports) {
        if (protocol == Ipv4.PROTOCOL_TCP) {
            int checksum = Tcp.checksum(transport);
            Tcp.setChecksum(
                    transport,
                    pending
                            ? ChecksumUpdate.partialAdd(checksum, addresses)
                            : ChecksumUpdate.add(checksum, addresses + ports));
            return true;
        }
        int checksum = Udp.checksum(transport);
        if (pending) {
            Udp.setChecksum(transport, ChecksumUpdate.partialAdd(checksum, addresses));
        } else if (checksum != 0) {
            int result = ChecksumUpdate.add(checksum, addresses + ports);
            Udp.setChecksum(transport, result == 0 ? 0xffff : result);
        } else {
            return false;
        }
        return true;
    }

    private void rewriteError(Packet packet, ConnectionTable connections) {
        if (packet.ipv6()) {
            wideErrors.rewrite(packet, connections);
        } else {
            IcmpErrorRewriter.rewrite(packet, connections);
        }
    }

    // The ports of TCP, UDP and SCTP lie at the same offsets, so Udp's accessors serve all.
    private static void translate(
            Packet packet, int oldAddress, int newAddress, int oldPort, int newPort) {
        long ip = packet.ip();
        Ipv4.setChecksum(ip, ChecksumUpdate.replace32(Ipv4.checksum(ip), oldAddress, newAddress));
        long transport = packet.transport();
        if (packet.protocol() == Ipv4.PROTOCOL_TCP) {
            int checksum = Tcp.checksum(transport);
            Tcp.setChecksum(
                    transport,
                    PartialChecksum.isPending(packet)
                            ? ChecksumUpdate.partialReplace32(checksum, oldAddress, newAddress)
                            : updated(checksum, oldAddress, newAddress, oldPort, newPort));
        } else if (packet.protocol() == Ipv4.PROTOCOL_UDP) {
            int checksum = Udp.checksum(transport);
            if (PartialChecksum.isPending(packet)) {
                Udp.setChecksum(
                        transport,
                        ChecksumUpdate.partialReplace32(checksum, oldAddress, newAddress));
            } else if (checksum != 0) {
                int result = updated(checksum, oldAddress, newAddress, oldPort, newPort);
                Udp.setChecksum(transport, result == 0 ? 0xffff : result);
            }
        }
    }

    private static int updated(
            int checksum, int oldAddress, int newAddress, int oldPort, int newPort) {
        return ChecksumUpdate.replace16(
                ChecksumUpdate.replace32(checksum, oldAddress, newAddress), oldPort, newPort);
    }

    private void renewSctpChecksum(Packet packet) {
        if (packet.protocol() != Ipv4.PROTOCOL_SCTP) {
            return;
        }
        long sctp = packet.transport();
        boolean same =
                Sctp.sourcePort(sctp) == packet.sourcePort()
                        && Sctp.destinationPort(sctp) == packet.destinationPort();
        if (!same) {
            Sctp.setChecksum(sctp, crc.sctp(sctp, packet.transportBytes()));
        }
    }
}
