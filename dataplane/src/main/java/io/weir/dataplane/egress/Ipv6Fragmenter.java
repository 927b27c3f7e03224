package io.weir.dataplane.egress;

import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Ipv6Fragment;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.net.Neighbour;

/**
 * Cuts an IPv6 packet that begins here: the outer packet of a tunnel around an IPv4 one that may be
 * fragmented (RFC 8200 4.5, RFC 2473 7.2). A router's packets are never cut. Owned by the worker.
 */
final class Ipv6Fragmenter {
    private static final int HEADERS_BYTES =
            Ethernet.HEADER_BYTES + Ipv6.HEADER_BYTES + Ipv6Fragment.HEADER_BYTES;

    private final ScratchFrames frames;
    private final Transmitter transmitter;
    private int identification;

    Ipv6Fragmenter(ScratchFrames frames, Transmitter transmitter) {
        this.frames = frames;
        this.transmitter = transmitter;
    }

    /**
     * Sends a frame, complete but for its Ethernet addresses, in fragments; all of them or none.
     *
     * @param frame an Ethernet and an IPv6 header, and what it carries
     * @param mtu the longest IP packet the link takes, in bytes
     * @return false if there is no room for so many
     */
    boolean send(Neighbour hop, long frame, int mtu) {
        long ip = frame + Ethernet.HEADER_BYTES;
        long content = ip + Ipv6.HEADER_BYTES;
        int bytes = Ipv6.payloadLength(ip);
        int longest = Math.min(mtu + Ethernet.HEADER_BYTES, ScratchFrames.FRAME_BYTES);
        int each = (longest - HEADERS_BYTES) & -Ipv6Fragment.UNIT_BYTES;
        if (each <= 0 || (bytes + each - 1) / each > frames.available()) {
            return false;
        }
        identification++;
        for (int at = 0; at < bytes; at += each) {
            int part = Math.min(each, bytes - at);
            long piece = frames.claim();
            long header = piece + Ethernet.HEADER_BYTES + Ipv6.HEADER_BYTES;
            Memory.copy(frame, piece, content - frame);
            Memory.copy(content + at, header + Ipv6Fragment.HEADER_BYTES, part);
            Ipv6Fragment.write(header, Ipv6.nextHeader(ip), at, at + part < bytes, identification);
            Ipv6.setNextHeader(piece + Ethernet.HEADER_BYTES, Ipv6Fragment.PROTOCOL);
            Ipv6.setPayloadLength(piece + Ethernet.HEADER_BYTES, Ipv6Fragment.HEADER_BYTES + part);
            transmitter.send(hop, piece, HEADERS_BYTES + part, 0);
        }
        return true;
    }
}
