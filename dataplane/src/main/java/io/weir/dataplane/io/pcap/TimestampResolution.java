package io.weir.dataplane.io.pcap;

/**
 * How an interface of a pcapng file counts time (draft-ietf-opsawg-pcapng section 4.2, options
 * if_tsresol and if_tsoffset).
 *
 * @param code the option's byte: ticks per second are 10 to the power of it, or with its top bit
 *     set, 2 to the power of the rest
 * @param offsetSeconds what to add to each timestamp
 */
record TimestampResolution(int code, long offsetSeconds) {
    static final int NANOSECONDS_CODE = 9;

    /** What holds if the file says nothing: microseconds since 1970 began. */
    static final TimestampResolution DEFAULT = new TimestampResolution(6, 0);

    private static final int BINARY = 0x80;
    private static final int MAX_DECIMAL = 27;
    private static final int MAX_BINARY = 63;

    /** The most bits of a fraction that can be multiplied by 10^9 in a long. */
    private static final int MULTIPLIABLE_BITS = 33;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    boolean isSupported() {
        return exponent() <= (binary() ? MAX_BINARY : MAX_DECIMAL);
    }

    private boolean binary() {
        return (code & BINARY) != 0;
    }

    private int exponent() {
        return code & ~BINARY;
    }

    /**
     * Nanoseconds since 1970 began.
     *
     * @param ticks the timestamp, unsigned
     * @throws ArithmeticException if that is before 1970 or after 2262
     */
    long nanos(long ticks) {
        long nanos = binary() ? binaryNanos(ticks) : decimalNanos(ticks);
        long shifted = Math.addExact(nanos, Math.multiplyExact(offsetSeconds, NANOS_PER_SECOND));
        if (shifted < 0) {
            throw new ArithmeticException("before 1970");
        }
        return shifted;
    }

    private long decimalNanos(long ticks) {
        if (exponent() > NANOSECONDS_CODE) {
            return Long.divideUnsigned(ticks, powerOfTen(exponent() - NANOSECONDS_CODE));
        }
        if (ticks < 0) {
            throw new ArithmeticException("after 2262");
        }
        return Math.multiplyExact(ticks, powerOfTen(NANOSECONDS_CODE - exponent()));
    }

    private long binaryNanos(long ticks) {
        int bits = exponent();
        long seconds = ticks >>> bits;
        long fraction = ticks & ((1L << bits) - 1);
        if (bits > MULTIPLIABLE_BITS) {
            fraction >>>= bits - MULTIPLIABLE_BITS;
            bits = MULTIPLIABLE_BITS;
        }
        if (seconds < 0) {
            throw new ArithmeticException("after 2262");
        }
        return Math.addExact(
                Math.multiplyExact(seconds, NANOS_PER_SECOND),
                (fraction * NANOS_PER_SECOND) >>> bits);
    }

    private static long powerOfTen(int exponent) {
        long power = 1;
        for (int i = 0; i < exponent; i++) {
            power *= 10;
        }
        return power;
    }
}
