package io.weir.control.lab;

import io.weir.control.frame.FrameBytes;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * An Ethernet frame with an IPv4 packet without options and a TCP segment, of a simulated host.
 *
 * @param sourceMac Ethernet addresses in the low 48 bits
 * @param source IPv4 addresses
 * @param sequence of the first byte, SYN or FIN
 * @param flags of the TCP header (RFC 9293 §3.1)
 * @param payload a character for each byte
 */
record TcpFrame(
        long destinationMac,
        long sourceMac,
        int source,
        int destination,
        int sourcePort,
        int destinationPort,
        int sequence,
        int acknowledgement,
        int flags,
        String payload) {
    static final int FIN = 1;
    static final int SYN = 2;
    static final int RST = 4;
    static final int PSH = 8;
    static final int ACK = 16;

    private static final int ETHERNET_BYTES = 14;
    private static final int IP_BYTES = 20;
    private static final int TCP_BYTES = 20;
    private static final int IPV4 = 0x0800;
    private static final int TCP = 6;
    private static final int TIME_TO_LIVE = 64;
    private static final int WINDOW = 0xffff;

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** The answer of whoever received this: everything of it acknowledged. */
    TcpFrame reply(int replyFlags, String text) {
        int length = payload.length() + (has(SYN) ? 1 : 0) + (has(FIN) ? 1 : 0);
        return new TcpFrame(
                /* destinationMac= */ sourceMac,
                /* sourceMac= */ destinationMac,
                /* source= */ destination,
                /* destination= */ source,
                /* sourcePort= */ destinationPort,
                /* destinationPort= */ sourcePort,
                /* sequence= */ acknowledgement,
                /* acknowledgement= */ sequence + length,
                replyFlags | ACK,
                text);
    }

    TcpFrame withSequence(int first) {
        return new TcpFrame(
                destinationMac,
                sourceMac,
                source,
                destination,
                sourcePort,
                destinationPort,
                first,
                acknowledgement,
                flags,
                payload);
    }

    /** The same packet on another link. */
    TcpFrame between(long fromMac, long toMac) {
        return new TcpFrame(
                toMac,
                fromMac,
                source,
                destination,
                sourcePort,
                destinationPort,
                sequence,
                acknowledgement,
                flags,
                payload);
    }

    byte[] encode() {
        int tcpBytes = TCP_BYTES + payload.length();
        ByteBuffer frame = ByteBuffer.allocate(ETHERNET_BYTES + IP_BYTES + tcpBytes);
        FrameBytes.appendMac(frame, destinationMac);
        FrameBytes.appendMac(frame, sourceMac);
        frame.putShort((short) IPV4);
        frame.put((byte) 0x45).put((byte) 0).putShort((short) (IP_BYTES + tcpBytes));
        frame.putInt(0).put((byte) TIME_TO_LIVE).put((byte) TCP).putShort((short) 0);
        frame.putInt(source).putInt(destination);
        frame.putShort((short) sourcePort).putShort((short) destinationPort);
        frame.putInt(sequence).putInt(acknowledgement);
        frame.put((byte) (TCP_BYTES << 2)).put((byte) flags).putShort((short) WINDOW);
        frame.putInt(0).put(payload.getBytes(StandardCharsets.ISO_8859_1));
        byte[] bytes = frame.array();
        int tcp = ETHERNET_BYTES + IP_BYTES;
        FrameBytes.putU16(
                bytes, ETHERNET_BYTES + 10, FrameBytes.checksum(bytes, ETHERNET_BYTES, tcp));
        int sum = FrameBytes.sum(bytes, tcp, bytes.length, pseudoHeader(bytes, tcpBytes));
        FrameBytes.putU16(bytes, tcp + 16, ~sum);
        return bytes;
    }

    /**
     * Reads a frame.
     *
     * @return null if it holds no TCP over IPv4, or if a checksum in it is wrong
     */
    static @Nullable TcpFrame decode(byte[] bytes) {
        ByteBuffer frame = ByteBuffer.wrap(bytes);
        int tcp = ETHERNET_BYTES + IP_BYTES;
        if (bytes.length < tcp + TCP_BYTES
                || frame.getShort(12) != IPV4
                || frame.get(ETHERNET_BYTES) != 0x45
                || frame.get(ETHERNET_BYTES + 9) != TCP) {
            return null;
        }
        int end = ETHERNET_BYTES + (frame.getShort(ETHERNET_BYTES + 2) & 0xffff);
        int header = (frame.get(tcp + 12) & 0xf0) >> 2;
        if (end > bytes.length
                || tcp + header > end
                || FrameBytes.checksum(bytes, ETHERNET_BYTES, tcp) != 0
                || FrameBytes.sum(bytes, tcp, end, pseudoHeader(bytes, end - tcp)) != 0xffff) {
            return null;
        }
        return new TcpFrame(
                FrameBytes.mac(bytes, 0),
                FrameBytes.mac(bytes, 6),
                frame.getInt(ETHERNET_BYTES + 12),
                frame.getInt(ETHERNET_BYTES + 16),
                frame.getShort(tcp) & 0xffff,
                frame.getShort(tcp + 2) & 0xffff,
                frame.getInt(tcp + 4),
                frame.getInt(tcp + 8),
                frame.get(tcp + 13),
                new String(bytes, tcp + header, end - tcp - header, StandardCharsets.ISO_8859_1));
    }

    private static int pseudoHeader(byte[] frame, int tcpBytes) {
        int addresses = ETHERNET_BYTES + 12;
        return FrameBytes.sum(frame, addresses, addresses + 8, TCP + tcpBytes);
    }
}
