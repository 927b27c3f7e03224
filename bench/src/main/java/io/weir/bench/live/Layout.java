package io.weir.bench.live;

/**
 * How a site uses the machine.
 *
 * @param placement which processors hosts and balancer use
 * @param offloads whether the interfaces' segmentation and checksum offloads are on, as they are by
 *     default on veth, or every frame is as on a wire
 * @param napiThreads whether the balancer's interfaces receive by kernel threads of their own
 *     (threaded NAPI), so that the scheduler tells what receiving costs; by default the sender's
 *     processor does it in a softirq, at nobody's account
 */
record Layout(Placement placement, boolean offloads, boolean napiThreads) {
    /** As veth comes, and everything wherever the scheduler puts it. */
    static final Layout DEFAULT = new Layout(Placement.ANYWHERE, true, false);

    /** As veth comes, but the balancer on a processor of its own. */
    static final Layout APART = new Layout(Placement.BALANCER_APART, true, false);

    /** Which processors are whose. */
    enum Placement {
        /** Everybody may use every processor. */
        ANYWHERE,
        /**
         * Client and servers have the first processor, the balancer has the second, its receive
         * work included: as if it were a machine of its own with one core.
         */
        BALANCER_APART;

        /** The processors of client and servers, as taskset(1) writes them; empty for all. */
        String hosts() {
            return this == BALANCER_APART ? "0" : "";
        }

        /** The processors of the balancer. */
        String balancer() {
            return this == BALANCER_APART ? "1" : "";
        }

        /** How many processors client and servers have together. */
        int hostProcessors() {
            return balancerProcessors();
        }

        /** How many processors the balancer has. */
        int balancerProcessors() {
            return this == BALANCER_APART ? 1 : Runtime.getRuntime().availableProcessors();
        }
    }
}
