package io.weir.control;

/** How what a balancer has at most is divided among its workers. */
final class Shares {
    private Shares() {}

    /** What each may have so that all together have at least {@code most}; 0 stays 0. */
    static int equal(int most, int workers) {
        return (most + workers - 1) / workers;
    }

    /**
     * The size of each worker's connection table: an equal share and a quarter more. With 2,000
     * clients of equal weight the fullest of 16 workers is that much above the mean in one case of
     * twenty; where few clients have most connections, no margin would be enough.
     */
    static int connections(int most, int workers) {
        long share = equal(most, workers);
        return (int) Math.min(share + share / 4, 1 << 29);
    }
}
