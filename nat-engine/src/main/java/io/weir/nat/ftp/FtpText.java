package io.weir.nat.ftp;

import io.weir.dataplane.memory.Memory;

/**
 * Finds in a segment of an FTP control connection what agrees on a data connection: the commands
 * PASV, EPSV, PORT and EPRT, the replies 227 and 229 (RFC 959 4.1.2 and 4.2, RFC 1123 4.1.2.6, RFC
 * 2428).
 *
 * <p>What it says of an address and a port holds until the next call. Of a segment the first
 * {@value #LIMIT} bytes are looked at; a line that is not whole in there is not understood. Reused;
 * owned by the worker.
 */
final class FtpText {
    /** A control connection's lines are short; who sends more at once is not talking about data. */
    static final int LIMIT = 1024;

    /** Nothing of the kind. */
    static final int NONE = 0;

    static final int PASV = 1;
    static final int EPSV = 2;
    static final int PORT = 3;
    static final int EPRT = 4;

    /** The reply to {@link #PASV}. */
    static final int PASSIVE = 5;

    /** The reply to {@link #EPSV}. */
    static final int EXTENDED_PASSIVE = 6;

    private static final int PASV_LETTERS = 0x70617376;
    private static final int EPSV_LETTERS = 0x65707376;
    private static final int PORT_LETTERS = 0x706f7274;
    private static final int EPRT_LETTERS = 0x65707274;
    private static final int LOWER_CASE = 0x20202020;
    private static final int REPLY_227 = 0x32323720;
    private static final int REPLY_229 = 0x32323920;

    private static final int IPV4_FAMILY = 1;
    private static final int IPV6_FAMILY = 2;

    private final AddressText addressText = new AddressText();
    private long text;
    private int end;
    private int at;
    private int lineAt;
    private int addressAt;
    private int addressBytes;
    private boolean ipv6;
    private long addressHigh;
    private long addressLow;
    private int port;

    /**
     * Looks for a client's commands.
     *
     * @return the last one in the segment, or {@link #NONE}
     */
    int readCommand(long payload, int bytes) {
        start(payload, bytes);
        int found = NONE;
        for (int line = 0; line < end; line = nextLine(line)) {
            int command = command(line);
            if (command != NONE) {
                found = command;
            }
        }
        return found;
    }

    /**
     * Looks for a server's reply.
     *
     * @return {@link #PASSIVE}, {@link #EXTENDED_PASSIVE} or {@link #NONE}
     */
    int readReply(long payload, int bytes) {
        start(payload, bytes);
        for (int line = 0; line < end; line = nextLine(line)) {
            int reply = reply(line);
            if (reply != NONE) {
                lineAt = line;
                return reply;
            }
        }
        return NONE;
    }

    private void start(long payload, int bytes) {
        text = payload;
        end = Math.min(bytes, LIMIT);
    }

    private int nextLine(int line) {
        int next = line;
        while (next < end && octet(next) != '\n') {
            next++;
        }
        return next + 1;
    }

    private int octet(int position) {
        return Memory.u8(text + position);
    }

    private int command(int line) {
        if (line + 5 > end) {
            return NONE;
        }
        int after = octet(line + 4);
        at = line + 5;
        return switch (Memory.u32(text + line) | LOWER_CASE) {
            case PASV_LETTERS -> ends(after) ? PASV : NONE;
            case EPSV_LETTERS -> ends(after) ? EPSV : NONE;
            case PORT_LETTERS -> after == ' ' && sixNumbers() ? PORT : NONE;
            case EPRT_LETTERS -> after == ' ' && extendedPort() ? EPRT : NONE;
            default -> NONE;
        };
    }

    private static boolean ends(int octet) {
        return octet == '\r' || octet == '\n' || octet == ' ';
    }

    private int reply(int line) {
        if (line + 5 > end) {
            return NONE;
        }
        at = line + 4;
        return switch (Memory.u32(text + line)) {
            case REPLY_227 -> passive() ? PASSIVE : NONE;
            case REPLY_229 -> extendedPassive() ? EXTENDED_PASSIVE : NONE;
            default -> NONE;
        };
    }

    // The six numbers stand in parentheses mostly, but where they begin is anybody's choice (RFC
    // 1123 4.1.2.6).
    private boolean passive() {
        int from = at;
        if (!skipTo('(')) {
            at = from;
            while (at < end && octet(at) != '\n' && !digit(octet(at))) {
                at++;
            }
        }
        return sixNumbers();
    }

    private boolean extendedPassive() {
        if (!skipTo('(') || at + 3 >= end) {
            return false;
        }
        int delimiter = octet(at);
        if (octet(at + 1) != delimiter || octet(at + 2) != delimiter || digit(delimiter)) {
            return false;
        }
        at += 3;
        port = number(0xffff);
        return port > 0 && skip(delimiter);
    }

    /** Moves behind the next such character of the line; false if it has none. */
    private boolean skipTo(int character) {
        while (at < end && octet(at) != '\n') {
            if (octet(at++) == character) {
                return true;
            }
        }
        return false;
    }

    private boolean skip(int character) {
        return at < end && octet(at++) == character;
    }

    /** Reads h1,h2,h3,h4,p1,p2; what follows must be in sight, or a digit may still come. */
    private boolean sixNumbers() {
        addressAt = at;
        int address = 0;
        for (int i = 0; i < 4; i++) {
            int number = number(0xff);
            addressBytes = at - addressAt;
            if (number < 0 || !skip(',')) {
                return false;
            }
            address = address << 8 | number;
        }
        int high = number(0xff);
        if (high < 0 || !skip(',')) {
            return false;
        }
        int low = number(0xff);
        // What an earlier line of the segment said stays unless this one is whole.
        if (low < 0 || at >= end || (high | low) == 0) {
            return false;
        }
        ipv6 = false;
        addressHigh = 0;
        addressLow = address & 0xffffffffL;
        port = high << 8 | low;
        return true;
    }

    /** Reads |1|a.b.c.d|port| or |2|IPv6 address|port| with whatever delimiter. */
    private boolean extendedPort() {
        if (at >= end) {
            return false;
        }
        int delimiter = octet(at++);
        int family = number(IPV6_FAMILY);
        if (family < IPV4_FAMILY || !skip(delimiter)) {
            return false;
        }
        int from = at;
        if (!skipTo(delimiter)) {
            return false;
        }
        boolean sixth = family == IPV6_FAMILY;
        if (!addressText.read(sixth, text + from, at - 1 - from)) {
            return false;
        }
        int number = number(0xffff);
        if (number <= 0 || !skip(delimiter)) {
            return false;
        }
        ipv6 = sixth;
        addressHigh = addressText.high();
        addressLow = addressText.low();
        port = number;
        return true;
    }

    private static boolean digit(int octet) {
        return octet >= '0' && octet <= '9';
    }

    /** Reads decimal digits; -1 if there are none or it is more than that. */
    private int number(int most) {
        int value = -1;
        while (at < end && digit(octet(at))) {
            value = Math.max(value, 0) * 10 + octet(at) - '0';
            at++;
            if (value > most) {
                return -1;
            }
        }
        return value;
    }

    /** Where the line of a reply begins in the segment. */
    int lineAt() {
        return lineAt;
    }

    /** Where the address of {@link #PASSIVE} is written in the segment. */
    int addressAt() {
        return addressAt;
    }

    /** How long it is written. */
    int addressBytes() {
        return addressBytes;
    }

    boolean ipv6() {
        return ipv6;
    }

    /** The first half of an IPv6 address; 0 for an IPv4 one. */
    long addressHigh() {
        return addressHigh;
    }

    /** The last half of an IPv6 address, or the IPv4 one. */
    long addressLow() {
        return addressLow;
    }

    int port() {
        return port;
    }
}
