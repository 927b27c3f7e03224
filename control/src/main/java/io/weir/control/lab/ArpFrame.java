package io.weir.control.lab;

import io.weir.control.frame.FrameBytes;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/**
 * An ARP message for IPv4 over Ethernet (RFC 826), of a simulated host.
 *
 * @param request else it is a reply
 * @param senderMac Ethernet addresses in the low 48 bits
 * @param targetMac 0 in a request
 */
record ArpFrame(boolean request, long senderMac, int sender, long targetMac, int target) {
    private static final long BROADCAST = 0xffff_ffff_ffffL;
    private static final int ARP = 0x0806;
    private static final int FRAME_BYTES = 42;

    byte[] encode() {
        ByteBuffer frame = ByteBuffer.allocate(FRAME_BYTES);
        FrameBytes.appendMac(frame, request ? BROADCAST : targetMac);
        FrameBytes.appendMac(frame, senderMac);
        frame.putShort((short) ARP);
        frame.putShort((short) 1).putShort((short) 0x0800).put((byte) 6).put((byte) 4);
        frame.putShort((short) (request ? 1 : 2));
        FrameBytes.appendMac(frame, senderMac);
        frame.putInt(sender);
        FrameBytes.appendMac(frame, targetMac);
        frame.putInt(target);
        return frame.array();
    }

    /** Reads a frame; null if it is not ARP. */
    static @Nullable ArpFrame decode(byte[] bytes) {
        ByteBuffer frame = ByteBuffer.wrap(bytes);
        if (bytes.length < FRAME_BYTES || frame.getShort(12) != ARP) {
            return null;
        }
        return new ArpFrame(
                frame.getShort(20) == 1,
                FrameBytes.mac(bytes, 22),
                frame.getInt(28),
                FrameBytes.mac(bytes, 32),
                frame.getInt(38));
    }

    /** The reply of the host that was asked for. */
    ArpFrame reply(long mac) {
        return new ArpFrame(
                false,
                /* senderMac= */ mac,
                /* sender= */ target,
                /* targetMac= */ senderMac,
                /* target= */ sender);
    }
}
