package io.weir.nat.ftp;

import io.weir.dataplane.memory.Memory;

/**
 * Reads an address from the text of a packet: a dotted quad, or the forms of RFC 4291 2.2 for IPv6.
 * Allocates nothing; what it read holds until the next call. Owned by the worker.
 */
final class AddressText {
    private static final int GROUPS = 8;

    private long text;
    private int end;
    private int at;
    private long high;
    private long low;

    /** Reads the whole text as an address; false if it is none. */
    boolean read(boolean ipv6, long from, int bytes) {
        text = from;
        end = bytes;
        at = 0;
        high = 0;
        low = 0;
        if (ipv6) {
            return readV6();
        }
        int address = quad();
        low = address & 0xffffffffL;
        return at >= 0 && at == end;
    }

    /** The first half of an IPv6 address. */
    long high() {
        return high;
    }

    /** The last half of an IPv6 address, or the IPv4 one. */
    long low() {
        return low;
    }

    // Groups before "::" are counted from the front, those after it from the back.
    private boolean readV6() {
        int groups = 0;
        int gap = -1;
        if (starts("::")) {
            gap = 0;
            at = 2;
        }
        while (at < end) {
            if (quadFollows()) {
                int address = quad();
                if (at != end || groups > GROUPS - 2) {
                    return false;
                }
                append(address >>> 16);
                append(address & 0xffff);
                groups += 2;
                break;
            }
            int group = hexadecimal();
            if (group < 0 || groups == GROUPS) {
                return false;
            }
            append(group);
            groups++;
            if (at == end) {
                break;
            }
            if (starts("::") && gap < 0) {
                gap = groups;
                at += 2;
            } else if (Memory.u8(text + at) == ':' && at + 1 < end) {
                at++;
            } else {
                return false;
            }
        }
        return gap < 0 ? groups == GROUPS : groups < GROUPS && open(gap, groups);
    }

    private boolean starts(String twoCharacters) {
        return at + 2 <= end
                && Memory.u8(text + at) == twoCharacters.charAt(0)
                && Memory.u8(text + at + 1) == twoCharacters.charAt(1);
    }

    private void append(int group) {
        high = high << 16 | low >>> 48;
        low = low << 16 | group;
    }

    /** Puts as many zero groups as are missing where "::" stands. */
    private boolean open(int gap, int groups) {
        int after = 16 * (groups - gap);
        int shift = 16 * (GROUPS - groups);
        long tailHigh = after > 64 ? high & mask(after - 64) : 0;
        long tailLow = after >= 64 ? low : low & mask(after);
        high ^= tailHigh;
        low ^= tailLow;
        if (shift >= 64) {
            high = shift == 128 ? 0 : low << (shift - 64);
            low = 0;
        } else {
            high = high << shift | low >>> (64 - shift);
            low <<= shift;
        }
        high |= tailHigh;
        low |= tailLow;
        return true;
    }

    private static long mask(int bits) {
        return bits == 64 ? -1 : (1L << bits) - 1;
    }

    private boolean quadFollows() {
        int position = at;
        while (position < end && Memory.u8(text + position) != ':') {
            if (Memory.u8(text + position) == '.') {
                return true;
            }
            position++;
        }
        return false;
    }

    private int hexadecimal() {
        int value = -1;
        for (int digits = 0; at < end; digits++, at++) {
            int digit = Character.digit((char) Memory.u8(text + at), 16);
            if (digit < 0) {
                break;
            }
            if (digits == 4) {
                return -1;
            }
            value = Math.max(value, 0) << 4 | digit;
        }
        return value;
    }

    /** Reads four decimal numbers with dots between; the position becomes -1 if there are none. */
    private int quad() {
        int address = 0;
        for (int i = 0; i < 4; i++) {
            if (i > 0 && (at >= end || Memory.u8(text + at++) != '.')) {
                at = -1;
                return 0;
            }
            int value = -1;
            while (at < end && Memory.u8(text + at) >= '0' && Memory.u8(text + at) <= '9') {
                value = Math.max(value, 0) * 10 + Memory.u8(text + at) - '0';
                at++;
                if (value > 0xff) {
                    at = -1;
                    return 0;
                }
            }
            if (value < 0) {
                at = -1;
                return 0;
            }
            address = address << 8 | value;
        }
        return address;
    }
}
