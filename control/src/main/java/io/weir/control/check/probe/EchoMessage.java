package io.weir.control.check.probe;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/**
 * An ICMP or ICMPv6 echo message (RFC 792, RFC 4443 §4).
 *
 * @param identifier 16 bits that name the sender
 * @param sequence 16 bits that name the request
 * @param token what the reply has to repeat, so that nobody can answer who has not seen the request
 */
record EchoMessage(int identifier, int sequence, long token) {
    static final int BYTES = 16;

    private static final int REQUEST = 8;
    private static final int REPLY = 0;
    private static final int WIDE_REQUEST = 128;
    private static final int WIDE_REPLY = 129;
    private static final int IPV4_BYTES = 20;
    private static final int IPV4_VERSION = 4;

    /** The request in bytes. The kernel computes the checksum of ICMPv6 itself. */
    byte[] request(boolean ipv6) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.put(0, (byte) (ipv6 ? WIDE_REQUEST : REQUEST));
        bytes.putShort(4, (short) identifier);
        bytes.putShort(6, (short) sequence);
        bytes.putLong(8, token);
        if (!ipv6) {
            bytes.putShort(2, checksum(bytes));
        }
        return bytes.array();
    }

    private static short checksum(ByteBuffer bytes) {
        int sum = 0;
        for (int i = 0; i < BYTES; i += 2) {
            sum += Short.toUnsignedInt(bytes.getShort(i));
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        return (short) ~sum;
    }

    /**
     * Reads a reply.
     *
     * @param message what a socket has received: behind an IPv4 header if the socket is raw, and
     *     checked by the kernel otherwise
     * @return null if it is anything else
     */
    static @Nullable EchoMessage reply(byte[] message, boolean ipv6, boolean raw) {
        int start = 0;
        if (raw && !ipv6) {
            if (message.length < IPV4_BYTES || message[0] >> 4 != IPV4_VERSION) {
                return null;
            }
            start = (message[0] & 0xf) * 4;
        }
        if (message.length - start < BYTES || (start != 0 && start < IPV4_BYTES)) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.wrap(message, start, BYTES).slice();
        if (Byte.toUnsignedInt(bytes.get(0)) != (ipv6 ? WIDE_REPLY : REPLY)) {
            return null;
        }
        return new EchoMessage(
                Short.toUnsignedInt(bytes.getShort(4)),
                Short.toUnsignedInt(bytes.getShort(6)),
                bytes.getLong(8));
    }
}
