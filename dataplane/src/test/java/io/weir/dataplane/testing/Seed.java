package io.weir.dataplane.testing;

import java.util.Random;

/**
 * The seed of all random input of a test run: printed, and taken from {@code -Dweir.seed} to have
 * the same run again.
 *
 * @param value the seed
 */
public record Seed(long value) {
    private static final Seed OF_THIS_RUN = new Seed(Long.getLong("weir.seed", System.nanoTime()));

    static {
        System.out.println("random input: " + OF_THIS_RUN);
    }

    public static Seed ofThisRun() {
        return OF_THIS_RUN;
    }

    /** A new generator; each starts with the same numbers. */
    public Random random() {
        return new Random(value);
    }

    /** The JVM option that repeats the run. */
    @Override
    public String toString() {
        return "-Dweir.seed=" + value;
    }
}
