package io.weir.dataplane.net;

import org.jspecify.annotations.Nullable;

import java.util.regex.Pattern;

/**
 * An IPv4 or IPv6 address as a value.
 *
 * <p>For configuration and listings; packet code uses the numbers. An IPv4 address has {@code high}
 * 0 and its 32 bits in {@code low}.
 *
 * @param ipv6 the family
 * @param high the first 64 bits of an IPv6 address
 * @param low the last 64 bits of an IPv6 address, or the 32 bits of an IPv4 one
 */
public record IpAddress(boolean ipv6, long high, long low) implements Comparable<IpAddress> {
    private static final Pattern DECIMAL_OCTET = Pattern.compile("0|[1-9][0-9]{0,2}");
    private static final int GROUPS = 8;

    public static IpAddress v4(int bits) {
        return new IpAddress(false, 0, bits & 0xffffffffL);
    }

    public static IpAddress v6(long high, long low) {
        return new IpAddress(true, high, low);
    }

    /** The address in network byte order: 4 or 16 bytes, as {@link #toBytes} returns it. */
    public static IpAddress of(byte[] bytes) {
        if (bytes.length == 4) {
            return v4((int) number(bytes, 0, 4));
        }
        if (bytes.length == 16) {
            return v6(number(bytes, 0, 8), number(bytes, 8, 8));
        }
        throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.length);
    }

    private static long number(byte[] bytes, int from, int count) {
        long value = 0;
        for (int i = 0; i < count; i++) {
            value = value << 8 | (bytes[from + i] & 0xff);
        }
        return value;
    }

    /**
     * Reads a dotted quad or an RFC 4291 text form; names are not resolved.
     *
     * @return null if the text is neither
     */
    public static @Nullable IpAddress parse(String text) {
        return text.indexOf(':') >= 0 ? parseV6(text) : parseV4(text);
    }

    private static @Nullable IpAddress parseV4(String text) {
        String[] octets = text.split("\\.", -1);
        if (octets.length != 4) {
            return null;
        }
        int bits = 0;
        for (String octet : octets) {
            if (!DECIMAL_OCTET.matcher(octet).matches() || Integer.parseInt(octet) > 255) {
                return null;
            }
            bits = bits << 8 | Integer.parseInt(octet);
        }
        return v4(bits);
    }

    private static @Nullable IpAddress parseV6(String text) {
        String expanded = text;
        int lastColon = text.lastIndexOf(':');
        if (text.indexOf('.') >= 0) {
            IpAddress tail = parseV4(text.substring(lastColon + 1));
            if (tail == null) {
                return null;
            }
            expanded =
                    text.substring(0, lastColon + 1)
                            + Long.toHexString(tail.low >>> 16)
                            + ':'
                            + Long.toHexString(tail.low & 0xffff);
        }
        int gap = expanded.indexOf("::");
        if (gap < 0) {
            int[] groups = groups(expanded);
            return groups != null && groups.length == GROUPS ? join(groups, 0) : null;
        }
        int[] head = groups(expanded.substring(0, gap));
        int[] tail = groups(expanded.substring(gap + 2));
        if (head == null || tail == null || head.length + tail.length >= GROUPS) {
            return null;
        }
        int[] all = new int[GROUPS];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(tail, 0, all, GROUPS - tail.length, tail.length);
        return join(all, 0);
    }

    private static int @Nullable [] groups(String text) {
        if (text.isEmpty()) {
            return new int[0];
        }
        String[] words = text.split(":", -1);
        if (words.length > GROUPS) {
            return null;
        }
        int[] groups = new int[words.length];
        for (int i = 0; i < words.length; i++) {
            if (!words[i].matches("[0-9a-fA-F]{1,4}")) {
                return null;
            }
            groups[i] = Integer.parseInt(words[i], 16);
        }
        return groups;
    }

    private static IpAddress join(int[] groups, int from) {
        long high = 0;
        long low = 0;
        for (int i = 0; i < 4; i++) {
            high = high << 16 | groups[from + i];
            low = low << 16 | groups[from + 4 + i];
        }
        return v6(high, low);
    }

    /** The 32 bits of an IPv4 address. */
    public int v4() {
        return (int) low;
    }

    public byte[] toBytes() {
        byte[] bytes = new byte[ipv6 ? 16 : 4];
        for (int i = 0; i < bytes.length; i++) {
            int shift = 8 * (bytes.length - 1 - i);
            bytes[i] = (byte) (shift >= 64 ? high >>> (shift - 64) : low >>> shift);
        }
        return bytes;
    }

    /**
     * Tells whether the first {@code length} bits of both addresses are equal, families included.
     */
    public boolean matches(IpAddress other, int length) {
        if (ipv6 != other.ipv6) {
            return false;
        }
        if (!ipv6) {
            return length == 0 || (low ^ other.low) << 32 >>> (64 - length) == 0;
        }
        if (length <= 64) {
            return length == 0 || (high ^ other.high) >>> (64 - length) == 0;
        }
        return high == other.high && (low ^ other.low) >>> (128 - length) == 0;
    }

    /** Orders IPv4 before IPv6, then by number, as ipvsadm sorts its listings. */
    @Override
    public int compareTo(IpAddress other) {
        if (ipv6 != other.ipv6) {
            return ipv6 ? 1 : -1;
        }
        return compare(high, low, other.high, other.low);
    }

    /** Orders two addresses of one family by number. */
    public static int compare(long high, long low, long otherHigh, long otherLow) {
        int byHigh = Long.compareUnsigned(high, otherHigh);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, otherLow);
    }

    /** The first 8 bytes of the mask that an IPv6 prefix length of 0 to 128 stands for. */
    public static long maskHigh(int length) {
        return length <= 0 ? 0 : length >= 64 ? -1 : -1L << (64 - length);
    }

    /** The last 8 bytes of the mask that an IPv6 prefix length of 0 to 128 stands for. */
    public static long maskLow(int length) {
        return length <= 64 ? 0 : length >= 128 ? -1 : -1L << (128 - length);
    }

    /** The dotted quad, or the RFC 5952 form, with a dotted quad at the end of a mapped one. */
    @Override
    public String toString() {
        if (!ipv6) {
            return dottedQuad(low);
        }
        if (high == 0 && low >>> 32 == 0xffff) {
            return "::ffff:" + dottedQuad(low & 0xffffffffL);
        }
        int[] groups = new int[GROUPS];
        for (int i = 0; i < 4; i++) {
            groups[i] = (int) (high >>> (48 - 16 * i) & 0xffff);
            groups[4 + i] = (int) (low >>> (48 - 16 * i) & 0xffff);
        }
        int gapStart = -1;
        int gapLength = 1;
        for (int i = 0; i < GROUPS; i++) {
            int end = i;
            while (end < GROUPS && groups[end] == 0) {
                end++;
            }
            if (end - i > gapLength) {
                gapStart = i;
                gapLength = end - i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (i == gapStart) {
                text.append("::");
                i += gapLength - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }

    private static String dottedQuad(long bits) {
        return (bits >>> 24)
                + "."
                + (bits >>> 16 & 255)
                + "."
                + (bits >>> 8 & 255)
                + "."
                + (bits & 255);
    }
}
