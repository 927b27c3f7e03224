package io.weir.control.proc;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ServiceId;

import java.util.HexFormat;
import java.util.Locale;

/** The kernel's ways to write numbers and addresses into its files. */
final class Fields {
    private static final HexFormat UPPER = HexFormat.of().withUpperCase();
    private static final HexFormat LOWER = HexFormat.of();

    private Fields() {}

    /** Appends an IPv4 address as eight digits, an IPv6 address as eight groups, none left out. */
    static StringBuilder address(StringBuilder line, IpAddress address) {
        if (!address.ipv6()) {
            return line.append(UPPER.toHexDigits(address.v4()));
        }
        for (int i = 0; i < 8; i++) {
            long half = i < 4 ? address.high() : address.low();
            line.append(i == 0 ? "" : ":");
            line.append(LOWER.toHexDigits((short) (half >>> (48 - 16 * (i & 3)))));
        }
        return line;
    }

    /** Appends a port as four digits. */
    static StringBuilder port(StringBuilder line, int port) {
        return line.append(UPPER.toHexDigits((short) port));
    }

    /** Appends eight digits. */
    static StringBuilder word(StringBuilder line, int word) {
        return line.append(UPPER.toHexDigits(word));
    }

    /** Appends a hexadecimal number without leading zeros, set to the right. */
    static StringBuilder hex(StringBuilder line, long number, int width) {
        String digits = Long.toHexString(number).toUpperCase(Locale.ROOT);
        return pad(line, width - digits.length()).append(digits);
    }

    /** Appends a decimal number, set to the right. */
    static StringBuilder right(StringBuilder line, long number, int width) {
        String digits = Long.toString(number);
        return pad(line, width - digits.length()).append(digits);
    }

    /** Appends text, set to the left. */
    static StringBuilder left(StringBuilder line, String text, int width) {
        return pad(line.append(text), width - text.length());
    }

    /** Appends a decimal number, set to the left. */
    static StringBuilder left(StringBuilder line, long number, int width) {
        return left(line, Long.toString(number), width);
    }

    private static StringBuilder pad(StringBuilder line, int count) {
        for (int i = 0; i < count; i++) {
            line.append(' ');
        }
        return line;
    }

    /** The name of a protocol; 0 is that of a marked service's templates. */
    static String protocol(int number) {
        return switch (number) {
            case 0 -> "IP";
            case ServiceId.TCP -> "TCP";
            case ServiceId.UDP -> "UDP";
            case ServiceId.SCTP -> "SCTP";
            default -> "IP_" + number;
        };
    }
}
