package io.weir.dataplane.egress;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;

/**
 * Cuts a super-frame into the segments that its sender left to the device to cut (TCP, and UDP of
 * equal datagrams), where no device will see it as it is: before a tunnel, or before segments are
 * fragmented.
 *
 * <p>Each segment is a whole frame with its own checksums: identification and sequence number count
 * on, FIN and PSH are the last one's, CWR is the first one's (RFC 3168 6.1.2), everything else is
 * as in the super-frame. Owned by the worker.
 */
public final class Segmenter implements AutoCloseable {
    /**
     * Holds a whole super-frame cut as Ethernet has it, 46 frames; if the segments are smaller,
     * more than one turn is needed, and the second finds its lines in the cache.
     */
    private static final int MEMORY_BYTES = 128 << 10;

    private static final int ALIGNMENT = 64;
    private static final int LAST_ONLY = Tcp.FIN | Tcp.PSH;

    private final NativeBlock block = new NativeBlock(MEMORY_BYTES);

    /** Whether a packet is a super-frame of segments that are still to be cut. */
    public static boolean isSuperFrame(Packet packet) {
        long vnet = packet.vnetHeader();
        return vnet != 0 && VnetHeader.gsoType(vnet) != VnetHeader.GSO_NONE;
    }

    /** Whether what a super-frame says of its segments agrees with what the parser found in it. */
    public static boolean canCut(Packet superFrame) {
        long vnet = superFrame.vnetHeader();
        int protocol =
                switch (VnetHeader.gsoType(vnet) & ~VnetHeader.GSO_ECN) {
                    case VnetHeader.GSO_TCPV4, VnetHeader.GSO_TCPV6 -> Ipv4.PROTOCOL_TCP;
                    case VnetHeader.GSO_UDP_L4 -> Ipv4.PROTOCOL_UDP;
                    default -> -1;
                };
        return protocol == superFrame.protocol()
                && superFrame.portsPresent()
                && !superFrame.fragment()
                && VnetHeader.gsoSize(vnet) > 0
                && headersWhole(superFrame);
    }

    // The parser does not look at the length that a TCP header tells of itself.
    private static boolean headersWhole(Packet superFrame) {
        int bytes = transportHeaderBytes(superFrame);
        return superFrame.transportBytes() >= bytes
                && (superFrame.protocol() != Ipv4.PROTOCOL_TCP || bytes >= Tcp.MIN_HEADER_BYTES);
    }

    private static int transportHeaderBytes(Packet packet) {
        return packet.protocol() == Ipv4.PROTOCOL_TCP
                ? Tcp.headerBytes(packet.transport())
                : Udp.HEADER_BYTES;
    }

    /** The longest IP packet that cutting this super-frame makes. */
    static int longestPacket(Packet superFrame) {
        int longest =
                superFrame.ipHeaderBytes()
                        + transportHeaderBytes(superFrame)
                        + VnetHeader.gsoSize(superFrame.vnetHeader());
        return Math.min(longest, superFrame.ipBytes());
    }

    /** Bytes that the segments have to carry. */
    public static int payloadBytes(Packet superFrame) {
        return superFrame.transportBytes() - transportHeaderBytes(superFrame);
    }

    /**
     * Cuts as many segments as there is room for. They are good until the next call, before which
     * all frames queued of the last one have to be flushed.
     *
     * @param superFrame one that {@link #canCut}
     * @param from the payload byte that the first segment starts with
     * @param segments empty; gets the segments, which are related and decided about as the
     *     super-frame is
     * @return the payload byte to go on with; all is cut when it is {@link #payloadBytes}
     */
    public int cut(Packet superFrame, int from, PacketBurst segments) {
        int size = VnetHeader.gsoSize(superFrame.vnetHeader());
        int headerBytes =
                (int) (superFrame.transport() - superFrame.frame())
                        + transportHeaderBytes(superFrame);
        int payload = payloadBytes(superFrame);
        int most = Math.min(size, payload);
        int stride = (PacketPort.HEADROOM_BYTES + headerBytes + most + ALIGNMENT - 1) & -ALIGNMENT;
        long end = block.address() + MEMORY_BYTES;
        long frame = block.address() + PacketPort.HEADROOM_BYTES;
        int at = from;
        do {
            int bytes = Math.min(size, payload - at);
            Memory.copy(superFrame.frame(), frame, headerBytes);
            Memory.copy(superFrame.frame() + headerBytes + at, frame + headerBytes, bytes);
            segments.add(frame, headerBytes + bytes, 0);
            Packet segment = segments.get(segments.size() - 1);
            segment.becomePartOf(superFrame);
            finish(segment, at, at / size, at + bytes == payload);
            at += bytes;
            frame += stride;
        } while (at < payload
                && !segments.isFull()
                && frame - PacketPort.HEADROOM_BYTES + stride <= end);
        return at;
    }

    private static void finish(Packet segment, int at, int index, boolean last) {
        long ip = segment.ip();
        if (segment.ipv6()) {
            Ipv6.setPayloadLength(ip, segment.ipBytes() - Ipv6.HEADER_BYTES);
        } else {
            Ipv4.setTotalLength(ip, segment.ipBytes());
            Ipv4.setIdentification(ip, Ipv4.identification(ip) + index);
            Ipv4.setChecksum(ip, InternetChecksum.ipv4Header(ip));
        }
        long transport = segment.transport();
        if (segment.protocol() == Ipv4.PROTOCOL_TCP) {
            int flags = Tcp.flags(transport);
            flags = last ? flags : flags & ~LAST_ONLY;
            flags = at == 0 ? flags : flags & ~Tcp.CWR;
            Tcp.setFlags(transport, flags);
            segment.setTcpFlags(flags);
            Tcp.setSequence(transport, Tcp.sequence(transport) + at);
            Tcp.setChecksum(transport, checksum(segment));
        } else {
            Udp.setLength(transport, segment.transportBytes());
            Udp.setChecksum(transport, checksum(segment));
        }
    }

    private static int checksum(Packet segment) {
        long ip = segment.ip();
        int bytes = segment.transportBytes();
        return segment.ipv6()
                ? InternetChecksum.transportV6(ip, segment.transport(), bytes, segment.protocol())
                : InternetChecksum.transportV4(ip, segment.transport(), bytes, segment.protocol());
    }

    @Override
    public void close() {
        block.close();
    }
}
