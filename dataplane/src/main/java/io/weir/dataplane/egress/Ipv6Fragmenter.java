package io.weir.dataplane.egress;

import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Ipv6Fragment;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.net.Neighbour;

/**
 * Cuts an IPv6 packet that begins here, the outer packet of a tunnel around an IPv4 one that may be
 * fragmented, and one that came in fragments (RFC 8200 4.5, RFC 2473 7.2). Other packets are never
 * cut by a router. Owned by the worker.
 */
final class Ipv6Fragmenter {
    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int DESTINATION_OPTIONS = 60;

    private final ScratchFrames frames;
    private final Transmitter transmitter;
    private int identification;
    private int headBytes;
    private int namedAt;

    Ipv6Fragmenter(ScratchFrames frames, Transmitter transmitter) {
        this.frames = frames;
        this.transmitter = transmitter;
    }

    /**
     * How many frames {@link #send} will take; 0 if no fragment is that small.
     *
     * @param frame an Ethernet and an IPv6 header, and what it carries
     * @param mtu the longest IP packet the link takes, in bytes
     */
    int pieces(long frame, int mtu) {
        findHead(frame + Ethernet.HEADER_BYTES);
        int each = each(mtu);
        return each <= 0 ? 0 : (bytes(frame + Ethernet.HEADER_BYTES) + each - 1) / each;
    }

    private int each(int mtu) {
        int longest = Math.min(mtu, ScratchFrames.FRAME_BYTES - Ethernet.HEADER_BYTES);
        return (longest - headBytes - Ipv6Fragment.HEADER_BYTES) & -Ipv6Fragment.UNIT_BYTES;
    }

    private int bytes(long ip) {
        return Ipv6.HEADER_BYTES + Ipv6.payloadLength(ip) - headBytes;
    }

    /**
     * Sends a frame, complete but for its Ethernet addresses, in as many fragments as {@link
     * #pieces} said of it; the caller has seen to it that there is room.
     */
    void send(Neighbour hop, long frame, int mtu) {
        long ip = frame + Ethernet.HEADER_BYTES;
        int nextHeader = Memory.u8(ip + namedAt);
        int head = Ethernet.HEADER_BYTES + headBytes;
        int bytes = bytes(ip);
        int each = each(mtu);
        identification++;
        for (int at = 0; at < bytes; at += each) {
            int part = Math.min(each, bytes - at);
            long piece = frames.claim();
            long header = piece + head;
            Memory.copy(frame, piece, head);
            Memory.copy(frame + head + at, header + Ipv6Fragment.HEADER_BYTES, part);
            Ipv6Fragment.write(header, nextHeader, at, at + part < bytes, identification);
            long cut = piece + Ethernet.HEADER_BYTES;
            Memory.putU8(cut + namedAt, Ipv6Fragment.PROTOCOL);
            int length = headBytes - Ipv6.HEADER_BYTES + Ipv6Fragment.HEADER_BYTES + part;
            Ipv6.setPayloadLength(cut, length);
            transmitter.send(hop, piece, head + Ipv6Fragment.HEADER_BYTES + part, 0);
        }
    }

    // Each fragment has the headers that routers on the way look at: up to the routing header and,
    // as the kernel has it, any options before it. The parser has seen that they are whole.
    private void findHead(long ip) {
        headBytes = Ipv6.HEADER_BYTES;
        namedAt = Ipv6.NEXT_HEADER_OFFSET;
        boolean routed = false;
        int next = Memory.u8(ip + namedAt);
        while (next == HOP_BY_HOP || next == ROUTING || (next == DESTINATION_OPTIONS && !routed)) {
            routed |= next == ROUTING;
            namedAt = headBytes;
            headBytes += (Memory.u8(ip + headBytes + 1) + 1) * 8;
            next = Memory.u8(ip + namedAt);
        }
    }
}
