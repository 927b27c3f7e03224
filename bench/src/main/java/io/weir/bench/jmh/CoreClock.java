package io.weir.bench.jmh;

/**
 * Measures the core by arithmetic whose duration in cycles is known. Stateless but for results that
 * keep the JIT from leaving the work out.
 */
public final class CoreClock {
    /** The latency of a 64-bit multiplication on Intel since 2008 and on AMD since Zen. */
    private static final int MULTIPLY_CYCLES = 3;

    private static final int CHAIN = 60_000;
    private static final int STEPS = 20_000;

    /** So often is a loop run, of which the fastest counts: an interrupt is no neighbour. */
    private static final int ATTEMPTS = 3;

    private static volatile long sink;

    private CoreClock() {}

    /**
     * The core's clock in GHz, from a chain of multiplications each of which needs the one before;
     * the other factors change, so that a compiler can fold nothing. A neighbour on the same core
     * hardly slows it; a core that was taken away for a while looks slow.
     */
    public static double gigahertz() {
        long start = System.nanoTime();
        sink = products(sink | 1, CHAIN);
        return (double) MULTIPLY_CYCLES * CHAIN / (System.nanoTime() - start);
    }

    private static long products(long seed, int count) {
        long x = seed;
        for (int i = 0; i < count; i++) {
            x *= i | 1;
        }
        return x;
    }

    /**
     * Nanoseconds for a step of a loop that keeps as many execution units busy as it can: four
     * independent streams of shifts. Whatever else runs on the same core, a second hardware thread
     * included, makes it slower.
     */
    public static double stepNanos() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < ATTEMPTS; i++) {
            long start = System.nanoTime();
            sink = shifts(sink | 1, STEPS);
            least = Math.min(least, System.nanoTime() - start);
        }
        return (double) least / STEPS;
    }

    // Marsaglia's xorshift with four seeds.
    private static long shifts(long seed, int count) {
        long a = seed;
        long b = seed + 1;
        long c = seed + 2;
        long d = seed + 3;
        for (int i = 0; i < count; i++) {
            a ^= a << 13;
            b ^= b << 13;
            c ^= c << 13;
            d ^= d << 13;
            a ^= a >>> 7;
            b ^= b >>> 7;
            c ^= c >>> 7;
            d ^= d >>> 7;
            a ^= a << 17;
            b ^= b << 17;
            c ^= c << 17;
            d ^= d << 17;
        }
        return a ^ b ^ c ^ d;
    }
}
