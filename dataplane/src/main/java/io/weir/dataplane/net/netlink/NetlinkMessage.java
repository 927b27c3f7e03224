package io.weir.dataplane.net.netlink;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A netlink message (struct nlmsghdr and what follows it).
 *
 * @param type what the body is
 * @param flags NLM_F bits
 * @param sequence the number of the request that it answers, 0 for news
 * @param body the bytes behind the header, in the machine's order
 */
record NetlinkMessage(int type, int flags, int sequence, ByteBuffer body) {
    static final int ERROR = 2;
    static final int DONE = 3;

    static final int REQUEST = 1;
    static final int DUMP_INTERRUPTED = 0x10;
    static final int DUMP = 0x300;
    static final int ACKNOWLEDGE = 4;
    static final int REPLACE = 0x100;
    static final int EXCLUSIVE = 0x200;
    static final int CREATE = 0x400;

    static final int HEADER_BYTES = 16;
    private static final int ALIGNMENT = 4;

    /**
     * Takes the next message out of what one receive call brought.
     *
     * @return null if nothing is left, or what is left says a length that it does not have
     */
    static @Nullable NetlinkMessage next(ByteBuffer received) {
        ByteBuffer buffer = received.order(ByteOrder.nativeOrder());
        if (buffer.remaining() < HEADER_BYTES) {
            return null;
        }
        int start = buffer.position();
        int length = buffer.getInt(start);
        if (length < HEADER_BYTES || length > buffer.remaining()) {
            return null;
        }
        ByteBuffer body =
                buffer.slice(start + HEADER_BYTES, length - HEADER_BYTES)
                        .order(ByteOrder.nativeOrder());
        buffer.position(Math.min(start + align(length), buffer.limit()));
        return new NetlinkMessage(
                Short.toUnsignedInt(buffer.getShort(start + 4)),
                Short.toUnsignedInt(buffer.getShort(start + 6)),
                buffer.getInt(start + 8),
                body);
    }

    static int align(int length) {
        return (length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** The error number of an ERROR or DONE message, positive; 0 for success. */
    int errno() {
        return body.remaining() < Integer.BYTES ? 0 : -body.getInt(0);
    }
}
