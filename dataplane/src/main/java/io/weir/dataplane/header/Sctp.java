package io.weir.dataplane.header;

import io.weir.dataplane.memory.Memory;

/**
 * The SCTP common header and the header of a chunk (RFC 9260 sections 3.1 and 3.2).
 *
 * <pre>
 *  0               8               16                            31
 * +-------------------------------+-------------------------------+
 * |          source port          |       destination port        |
 * +-------------------------------+-------------------------------+
 * |                       verification tag                        |
 * +---------------------------------------------------------------+
 * |                       checksum (CRC32c)                       |
 * +---------------+---------------+-------------------------------+  each chunk, at a
 * |  chunk type   |  chunk flags  |         chunk length          |  multiple of 4 bytes
 * +---------------+---------------+-------------------------------+
 * |                          chunk value                          |
 * +---------------------------------------------------------------+
 * </pre>
 *
 * <p>A chunk's length counts its header and value, but not the up to three bytes of padding after
 * it.
 */
public final class Sctp {
    public static final int HEADER_BYTES = 12;
    public static final int CHECKSUM_OFFSET = 8;
    public static final int CHUNK_HEADER_BYTES = 4;

    /** What an INIT chunk has at least, its header included. */
    public static final int INIT_BYTES = 20;

    public static final int DATA = 0;
    public static final int INIT = 1;
    public static final int INIT_ACK = 2;
    public static final int SACK = 3;
    public static final int HEARTBEAT = 4;
    public static final int HEARTBEAT_ACK = 5;
    public static final int ABORT = 6;
    public static final int SHUTDOWN = 7;
    public static final int SHUTDOWN_ACK = 8;
    public static final int ERROR = 9;
    public static final int COOKIE_ECHO = 10;
    public static final int COOKIE_ACK = 11;
    public static final int ECNE = 12;
    public static final int CWR = 13;
    public static final int SHUTDOWN_COMPLETE = 14;

    /** In place of a chunk's type: the packet has no such chunk. */
    public static final int NO_CHUNK = -1;

    /**
     * Flag of ABORT and SHUTDOWN COMPLETE: the verification tag is the one received, not the peer's
     * (RFC 9260 section 8.5.1).
     */
    public static final int TAG_REFLECTED = 1;

    private static final int DESTINATION_PORT_OFFSET = 2;
    private static final int VERIFICATION_TAG_OFFSET = 4;
    private static final int CHUNK_FLAGS_OFFSET = 1;
    private static final int CHUNK_LENGTH_OFFSET = 2;
    private static final int CHUNK_VALUE_OFFSET = 4;

    private Sctp() {}

    public static int sourcePort(long sctp) {
        return Memory.u16(sctp);
    }

    public static void setSourcePort(long sctp, int port) {
        Memory.putU16(sctp, port);
    }

    public static int destinationPort(long sctp) {
        return Memory.u16(sctp + DESTINATION_PORT_OFFSET);
    }

    public static void setDestinationPort(long sctp, int port) {
        Memory.putU16(sctp + DESTINATION_PORT_OFFSET, port);
    }

    public static int verificationTag(long sctp) {
        return Memory.u32(sctp + VERIFICATION_TAG_OFFSET);
    }

    public static void setVerificationTag(long sctp, int tag) {
        Memory.putU32(sctp + VERIFICATION_TAG_OFFSET, tag);
    }

    /** The CRC32c, as the field shows it: its least significant byte comes first. */
    public static int checksum(long sctp) {
        return Memory.u32(sctp + CHECKSUM_OFFSET);
    }

    public static void setChecksum(long sctp, int checksum) {
        Memory.putU32(sctp + CHECKSUM_OFFSET, checksum);
    }

    public static int chunkType(long chunk) {
        return Memory.u8(chunk);
    }

    public static void setChunkType(long chunk, int type) {
        Memory.putU8(chunk, type);
    }

    public static int chunkFlags(long chunk) {
        return Memory.u8(chunk + CHUNK_FLAGS_OFFSET);
    }

    public static void setChunkFlags(long chunk, int flags) {
        Memory.putU8(chunk + CHUNK_FLAGS_OFFSET, flags);
    }

    /**
     * Header and value in bytes, without padding; below {@value #CHUNK_HEADER_BYTES} it is a lie.
     */
    public static int chunkLength(long chunk) {
        return Memory.u16(chunk + CHUNK_LENGTH_OFFSET);
    }

    public static void setChunkLength(long chunk, int bytes) {
        Memory.putU16(chunk + CHUNK_LENGTH_OFFSET, bytes);
    }

    /** The tag that the sender of an INIT or INIT ACK chunk wants to be addressed with. */
    public static int initiateTag(long chunk) {
        return Memory.u32(chunk + CHUNK_VALUE_OFFSET);
    }

    public static void setInitiateTag(long chunk, int tag) {
        Memory.putU32(chunk + CHUNK_VALUE_OFFSET, tag);
    }

    /** The code of the first cause in an ERROR chunk with a value (RFC 9260 section 3.3.10). */
    public static int causeCode(long chunk) {
        return Memory.u16(chunk + CHUNK_VALUE_OFFSET);
    }

    /**
     * The type of the first chunk, or {@link #NO_CHUNK} if the packet ends before it.
     *
     * @param bytes of the packet, common header included
     */
    public static int firstChunkType(long sctp, int bytes) {
        return chunkTypeAt(sctp, bytes, HEADER_BYTES);
    }

    /**
     * The type of the chunk at an offset, or {@link #NO_CHUNK} if the packet ends before or inside
     * its header.
     *
     * @param bytes of the packet, common header included
     */
    public static int chunkTypeAt(long sctp, int bytes, int offset) {
        return offset + CHUNK_HEADER_BYTES <= bytes ? chunkType(sctp + offset) : NO_CHUNK;
    }

    /**
     * Where the chunk after one of this length begins, counted from this one: padded to 4 bytes.
     */
    public static int padded(int chunkLength) {
        return (chunkLength + 3) & ~3;
    }
}
