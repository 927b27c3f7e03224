package io.weir.dataplane.egress;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;

/**
 * Cuts a packet that may be fragmented and is larger than its outgoing link takes (RFC 791 2.3 and
 * 3.2; recorded: mtu-toobig, mtu-reply). Owned by the worker.
 *
 * <p>All fragments have a header of the same length; in all but the first, options that must not be
 * copied are overwritten with no-operations, as the kernel does it. The first fragment is sent from
 * where the packet lies, the others from scratch frames.
 */
public final class Fragmenter {
    private static final int OFFSET_UNIT = 8;
    private static final int OFFSET_MASK = 0x1fff;
    private static final int OPTION_END = 0;
    private static final int OPTION_NOP = 1;
    private static final int OPTION_COPIED = 0x80;

    /** Frames of a burst that may be queued at the port beside the fragments. */
    private static final int BURST = PacketBurst.CAPACITY;

    private final ScratchFrames frames;
    private final LinkPorts ports;
    private final Transmitter transmitter;
    private final DropCounters drops;
    private final Ipv6Fragmenter ipv6;

    public Fragmenter(
            ScratchFrames frames, LinkPorts ports, Transmitter transmitter, DropCounters drops) {
        this.frames = frames;
        this.ports = ports;
        this.transmitter = transmitter;
        this.drops = drops;
        this.ipv6 = new Ipv6Fragmenter(frames, transmitter);
    }

    /**
     * Sends a packet, complete but for its Ethernet addresses, in fragments; all of them or none.
     *
     * @param mtu the longest IP packet the link takes, in bytes
     */
    void send(Neighbour hop, Packet packet, int mtu) {
        PartialChecksum.complete(packet);
        if (!send(hop, packet.frame(), mtu)) {
            drops.drop(packet, DropReason.FRAGMENTS_LIMITED);
        }
    }

    /**
     * Sends a frame whose IP packet is longer than the link takes, in fragments; all of them or
     * none.
     *
     * @return false if there is no room for so many
     */
    boolean send(Neighbour hop, long frame, int mtu) {
        if (Ethernet.type(frame) == Ethernet.TYPE_IPV6) {
            int pieces = ipv6.pieces(frame, mtu);
            if (pieces == 0 || !haveFrames(frame, pieces)) {
                return false;
            }
            ipv6.send(hop, frame, mtu);
            return true;
        }
        long ip = frame + Ethernet.HEADER_BYTES;
        int headerBytes = Ipv4.headerBytes(ip);
        int payload = Ipv4.totalLength(ip) - headerBytes;
        int header = Ethernet.HEADER_BYTES + headerBytes;
        int first = (mtu - headerBytes) & -OFFSET_UNIT;
        int later = Math.min(first, (ScratchFrames.FRAME_BYTES - header) & -OFFSET_UNIT);
        if (first <= 0 || !haveFrames(frame, (payload - first + later - 1) / later)) {
            return false;
        }
        int flags = Ipv4.flagsAndOffset(ip);
        cut(ip, first, flags, 0, true);
        transmitter.send(hop, frame, header + first, 0);
        for (int at = first; at < payload; at += later) {
            int bytes = Math.min(later, payload - at);
            long piece = frames.claim();
            Memory.copy(frame, piece, header);
            Memory.copy(frame + header + at, piece + header, bytes);
            forgetOptions(piece + Ethernet.HEADER_BYTES, headerBytes);
            cut(piece + Ethernet.HEADER_BYTES, bytes, flags, at, at + bytes < payload);
            transmitter.send(hop, piece, header + bytes, 0);
        }
        return true;
    }

    // One burst may complete more datagrams than there are frames: what is queued goes out first.
    private boolean haveFrames(long frame, int needed) {
        if (frames.available() < needed + BURST && !frames.contains(frame)) {
            ports.flush();
            frames.reset();
        }
        return frames.available() >= needed;
    }

    // A fragment that is cut again passes its own offset on to its parts, and that more follow
    // after it to the last of them.
    private static void cut(long ip, int bytes, int flags, int at, boolean more) {
        int offset = (flags & OFFSET_MASK) + at / OFFSET_UNIT;
        int kept = flags & ~OFFSET_MASK;
        Ipv4.setTotalLength(ip, Ipv4.headerBytes(ip) + bytes);
        Ipv4.setFlagsAndOffset(ip, (more ? kept | Ipv4.MORE_FRAGMENTS : kept) | offset);
        Ipv4.setChecksum(ip, InternetChecksum.ipv4Header(ip));
    }

    private static void forgetOptions(long ip, int headerBytes) {
        int at = Ipv4.MIN_HEADER_BYTES;
        while (at < headerBytes) {
            int type = Memory.u8(ip + at);
            if (type == OPTION_END) {
                return;
            }
            if (type == OPTION_NOP) {
                at++;
                continue;
            }
            int length = at + 1 < headerBytes ? Memory.u8(ip + at + 1) : 0;
            if (length < 2 || at + length > headerBytes) {
                return;
            }
            if ((type & OPTION_COPIED) == 0) {
                Memory.fill(ip + at, length, (byte) OPTION_NOP);
            }
            at += length;
        }
    }
}
