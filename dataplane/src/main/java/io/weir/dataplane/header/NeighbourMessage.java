package io.weir.dataplane.header;

import io.weir.dataplane.memory.Memory;

/**
 * Neighbour solicitation and advertisement (RFC 4861 sections 4.3 and 4.4).
 *
 * <pre>
 *  0               1               2                               4
 * +---------------+---------------+-------------------------------+
 * |     type      |     code      |           checksum            |
 * +-+-+-+---------+---------------+-------------------------------+
 * |R|S|O|                     reserved                            |
 * +-+-+-+---------------------------------------------------------+
 * |                   target address, 16 bytes                    |
 * +---------------+---------------+-------------------------------+
 * | option type   | length, 8 bytes each | Ethernet address ...   |
 * +---------------+---------------+-------------------------------+
 * </pre>
 *
 * <p>The flags are an advertisement's; a solicitation has zeros there.
 */
public final class NeighbourMessage {
    public static final int SOLICITATION = 135;
    public static final int ADVERTISEMENT = 136;

    /** The first and last type of neighbour discovery, router messages and redirect included. */
    public static final int FIRST_TYPE = 133;

    public static final int LAST_TYPE = 137;

    /** Without options. */
    public static final int MIN_BYTES = 24;

    /** With one option that has an Ethernet address. */
    public static final int BYTES = 32;

    public static final int SOLICITED = 1 << 30;
    public static final int OVERRIDE = 1 << 29;

    /** The option of a solicitation that has its sender's Ethernet address. */
    public static final int SOURCE_LINK_ADDRESS = 1;

    /** The option of an advertisement that has the target's Ethernet address. */
    public static final int TARGET_LINK_ADDRESS = 2;

    private static final int TARGET_OFFSET = 8;
    private static final int OPTION_UNIT = 8;

    private NeighbourMessage() {}

    public static long targetHigh(long icmp) {
        return Memory.u64(icmp + TARGET_OFFSET);
    }

    public static long targetLow(long icmp) {
        return Memory.u64(icmp + TARGET_OFFSET + 8);
    }

    public static void setTarget(long icmp, long high, long low) {
        Memory.putU64(icmp + TARGET_OFFSET, high);
        Memory.putU64(icmp + TARGET_OFFSET + 8, low);
    }

    /**
     * Finds the Ethernet address in an option.
     *
     * @param bytes of the whole message
     * @return 0 without such an option, -1 if an option has no length (RFC 4861 section 4.6)
     */
    public static long linkAddress(long icmp, int bytes, int option) {
        int at = MIN_BYTES;
        long found = 0;
        while (at + OPTION_UNIT <= bytes) {
            int length = Memory.u8(icmp + at + 1) * OPTION_UNIT;
            if (length == 0) {
                return -1;
            }
            if (Memory.u8(icmp + at) == option) {
                found = Memory.u64(icmp + at) & 0xffff_ffff_ffffL;
            }
            at += length;
        }
        return found;
    }

    /** Writes the one option of a message of {@link #BYTES}. */
    public static void setLinkAddress(long icmp, int option, long mac) {
        Memory.putU64(icmp + MIN_BYTES, (long) option << 56 | 1L << 48 | mac);
    }
}
