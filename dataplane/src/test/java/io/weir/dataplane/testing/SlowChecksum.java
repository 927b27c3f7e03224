package io.weir.dataplane.testing;

/** RFC 1071 to the letter: one 16-bit word after the other, the carry added back at once. */
public final class SlowChecksum {
    private SlowChecksum() {}

    /** The one's complement sum of 16-bit words; a last odd byte counts as if a 0 followed. */
    public static int sum(byte[] bytes) {
        int sum = 0;
        for (int i = 0; i < bytes.length; i += 2) {
            int high = bytes[i] & 0xff;
            int low = i + 1 < bytes.length ? bytes[i + 1] & 0xff : 0;
            sum += high << 8 | low;
            if (sum > 0xffff) {
                sum -= 0xffff;
            }
        }
        return sum;
    }

    public static int checksum(byte[] bytes) {
        return 0xffff - sum(bytes);
    }
}
