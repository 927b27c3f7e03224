package io.weir.dataplane.host;

import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.packet.Packet;

/**
 * The segment that a host without a listener answers with (RFC 9293 3.10.7.1; recorded: tcp-odd).
 * Stateless; runs on the worker.
 */
final class TcpReset {
    private TcpReset() {}

    /** Whether a segment gets an answer: a reset does not, nor one that lies about its header. */
    static boolean isDue(Packet packet) {
        int headerBytes = Tcp.headerBytes(packet.transport());
        return (packet.tcpFlags() & Tcp.RST) == 0
                && headerBytes >= Tcp.MIN_HEADER_BYTES
                && headerBytes <= packet.transportBytes();
    }

    /** Writes the answer, {@link Tcp#MIN_HEADER_BYTES} long, all but its checksum. */
    static void write(long answer, Packet packet) {
        long tcp = packet.transport();
        int flags = packet.tcpFlags();
        Memory.fill(answer, Tcp.MIN_HEADER_BYTES, (byte) 0);
        Tcp.setSourcePort(answer, packet.destinationPort());
        Tcp.setDestinationPort(answer, packet.sourcePort());
        Tcp.setHeaderBytes(answer, Tcp.MIN_HEADER_BYTES);
        if ((flags & Tcp.ACK) != 0) {
            Tcp.setFlags(answer, Tcp.RST);
            Tcp.setSequence(answer, Tcp.acknowledgement(tcp));
            return;
        }
        Tcp.setFlags(answer, Tcp.RST | Tcp.ACK);
        int length =
                ((flags & Tcp.SYN) != 0 ? 1 : 0)
                        + ((flags & Tcp.FIN) != 0 ? 1 : 0)
                        + packet.transportBytes()
                        - Tcp.headerBytes(tcp);
        Tcp.setAcknowledgement(answer, Tcp.sequence(tcp) + length);
    }
}
