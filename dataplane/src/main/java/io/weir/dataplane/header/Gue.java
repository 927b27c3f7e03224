package io.weir.dataplane.header;

import io.weir.dataplane.memory.Memory;

/**
 * The header of Generic UDP Encapsulation, version 0, which follows a UDP header
 * (draft-ietf-intarea-gue section 3).
 *
 * <pre>
 *  0   2 3         8               16                              31
 * +---+-+---------+---------------+-------------------------------+
 * |ver|C|hdr words|   protocol    |             flags             |
 * +---+-+---------+---------------+-------------------------------+
 * </pre>
 *
 * <p>The length counts 32-bit words beyond these four bytes; weir sends none, for a checksum that
 * is complete needs no option to help the receiver complete it.
 */
public final class Gue {
    public static final int HEADER_BYTES = 4;

    private static final int PROTOCOL_OFFSET = 1;

    private Gue() {}

    /** Writes a header without options before a packet of this IP protocol. */
    public static void write(long gue, int protocol) {
        Memory.putU32(gue, protocol << 16);
    }

    /** The IP protocol of what follows. */
    public static int protocol(long gue) {
        return Memory.u8(gue + PROTOCOL_OFFSET);
    }
}
