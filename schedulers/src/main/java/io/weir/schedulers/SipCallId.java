package io.weir.schedulers;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.spi.PersistenceKey;

/**
 * Finds the Call-ID in a SIP message (RFC 3261 20.8 and 25.1): {@code Call-ID:
 * f81d4fae@example.org} or, in the compact form, {@code i: f81d4fae@example.org}.
 *
 * <p>As lenient, and as strict, as the kernel, because a datagram that is not understood is
 * dropped: a line may end with CR, LF or both; the name's case does not matter; the value may stand
 * on a continuation line; it is one word, or two around an @, and the line has to end right behind
 * it. Pure; reads nothing outside the message.
 */
final class SipCallId {
    /** There is none. */
    static final long NONE = -1;

    private static final String NAME = "call-id";
    private static final char COMPACT_NAME = 'i';

    /** Whether a byte may be in a word; the letters of Latin-1 count as letters. */
    private static final boolean[] IN_WORD = new boolean[256];

    static {
        for (int c = 0; c < 256; c++) {
            IN_WORD[c] =
                    letter(c)
                            || (c >= '0' && c <= '9')
                            || "!\"%()*+,-./:<>?[\\]_`{}~".indexOf(c) >= 0;
        }
    }

    private SipCallId() {}

    /**
     * Looks for it.
     *
     * @param message where the message begins
     * @param bytes its length; may be 0 or less
     * @return {@link #NONE}, or what {@link #offset} and {@link #bytes} take apart
     */
    static long find(long message, int bytes) {
        long end = message + bytes;
        long from = message;
        while (from < end) {
            long value = value(from, end);
            if (value == NONE) {
                return NONE;
            }
            int length = idLength(value, end);
            if (length > 0) {
                return complete(value, length, end) ? (value - message) << 32 | length : NONE;
            }
            // Without a usable value the search goes on, as far behind as the kernel has it.
            from += value - message;
        }
        return NONE;
    }

    static int offset(long found) {
        return (int) (found >>> 32);
    }

    static int bytes(long found) {
        return (int) found;
    }

    private static boolean complete(long value, int length, long end) {
        return length <= PersistenceKey.MAX_BYTES
                && value + length < end
                && lineEnd(Memory.u8(value + length));
    }

    // Where the next Call-ID's value begins, perhaps at the end. The first line is no header.
    private static long value(long from, long end) {
        for (long at = from; at < end; at++) {
            if (!lineEnd(Memory.u8(at))) {
                continue;
            }
            at = behindLineEnd(at, end);
            if (at >= end) {
                return NONE;
            }
            int nameLength = nameLength(at, end);
            if (nameLength > 0) {
                return behindColon(at + nameLength, end);
            }
        }
        return NONE;
    }

    // A continuation line begins with a blank, so it is never taken for a name.
    private static int nameLength(long line, long end) {
        if (startsWithName(line, end)) {
            return NAME.length();
        }
        boolean compact =
                end - line >= 2
                        && lowerCase(Memory.u8(line)) == COMPACT_NAME
                        && !letter(Memory.u8(line + 1));
        return compact ? 1 : 0;
    }

    private static boolean startsWithName(long line, long end) {
        if (end - line < NAME.length()) {
            return false;
        }
        for (int i = 0; i < NAME.length(); i++) {
            if (lowerCase(Memory.u8(line + i)) != NAME.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static long behindColon(long behindName, long end) {
        long colon = skipBlanks(behindName, end);
        if (colon == NONE || colon + 1 >= end || Memory.u8(colon) != ':') {
            return NONE;
        }
        return skipBlanks(colon + 1, end);
    }

    // One line may be continued here (RFC 3261 7.3.1); any other line end is the end of the search.
    private static long skipBlanks(long from, long end) {
        long at = behindBlanks(from, end);
        if (at >= end || !lineEnd(Memory.u8(at))) {
            return at;
        }
        at = behindLineEnd(at, end);
        return at < end && blank(Memory.u8(at)) ? behindBlanks(at, end) : NONE;
    }

    private static long behindBlanks(long from, long end) {
        long at = from;
        while (at < end && blank(Memory.u8(at))) {
            at++;
        }
        return at;
    }

    private static long behindLineEnd(long lineEnd, long end) {
        long at = lineEnd + 1;
        return at < end && Memory.u8(at) == '\n' && Memory.u8(lineEnd) == '\r' ? at + 1 : at;
    }

    private static int idLength(long value, long end) {
        int length = wordLength(value, end);
        if (length == 0 || value + length >= end || Memory.u8(value + length) != '@') {
            return length;
        }
        int host = wordLength(value + length + 1, end);
        return host == 0 ? 0 : length + 1 + host;
    }

    private static int wordLength(long from, long end) {
        long at = from;
        while (at < end && IN_WORD[Memory.u8(at)]) {
            at++;
        }
        return (int) (at - from);
    }

    private static boolean lineEnd(int c) {
        return c == '\r' || c == '\n';
    }

    private static boolean blank(int c) {
        return c == ' ' || c == '\t';
    }

    private static int lowerCase(int c) {
        return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    }

    private static boolean letter(int c) {
        int lower = lowerCase(c);
        return (lower >= 'a' && lower <= 'z') || (c >= 0xc0 && c != 0xd7 && c != 0xf7);
    }
}
