package io.weir.control.ipvsadm;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

/**
 * IPv4 addresses in the old notation: one to four parts, decimal, octal with a 0 or hexadecimal
 * with 0x before them, the last part filling what the others leave (so 10.1 is 10.0.0.1). Behind a
 * blank anything may follow, as inet_aton takes it.
 */
final class ClassicAddress {
    private ClassicAddress() {}

    static @Nullable IpAddress parse(String text) {
        int end = 0;
        while (end < text.length() && !Numeral.isSpace(text.charAt(end))) {
            end++;
        }
        String[] parts = text.substring(0, end).split("\\.", -1);
        if (parts.length > 4) {
            return null;
        }
        long bits = 0;
        for (int i = 0; i < parts.length; i++) {
            int width = i == parts.length - 1 ? 8 * (5 - parts.length) : 8;
            long part = part(parts[i]);
            if (part < 0 || part >>> width != 0) {
                return null;
            }
            bits = bits << width | part;
        }
        return IpAddress.v4((int) bits);
    }

    private static long part(String text) {
        int radix = 10;
        String digits = text;
        if (text.startsWith("0x") || text.startsWith("0X")) {
            radix = 16;
            digits = text.substring(2);
        } else if (text.startsWith("0") && text.length() > 1) {
            radix = 8;
        }
        if (digits.isEmpty()) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) < 128 ? Character.digit(digits.charAt(i), radix) : -1;
            if (digit < 0) {
                return -1;
            }
            value = Math.min(value * radix + digit, 1L << 32);
        }
        return value;
    }
}
