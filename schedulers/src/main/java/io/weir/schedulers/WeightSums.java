package io.weir.schedulers;

import io.weir.dataplane.service.RealServer;

/** Sums of the weights of servers that may be picked. Owned by the worker. */
final class WeightSums extends ServerTree {
    WeightSums() {
        super(0);
    }

    @Override
    long leaf(RealServer server) {
        return server.eligible() ? server.weight() : 0;
    }

    @Override
    long join(long child, long sibling) {
        return child + sibling;
    }

    /** Of all servers. */
    long total() {
        return node(ROOT);
    }

    /**
     * The place of the first server that may be picked at which the weights so far, its own
     * included, come to this much; there must be one.
     */
    int firstReaching(long sum) {
        long rest = Math.max(sum, 1);
        int at = ROOT;
        while (at < firstLeaf()) {
            at = 2 * at;
            if (node(at) < rest) {
                rest -= node(at);
                at++;
            }
        }
        return at - firstLeaf();
    }
}
