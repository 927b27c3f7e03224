package io.weir.schedulers;

import io.weir.dataplane.service.RealServer;

import org.jspecify.annotations.Nullable;

import java.util.function.ToLongFunction;

/** Finds the first server with the least number. Owned by the worker. */
final class LeastServer {
    /** The number of a server that is not to be found. */
    static final long NEVER = Long.MAX_VALUE;

    /** The number of a server that no number stands for; then all are looked at one by one. */
    static final long UNKNOWN = Long.MIN_VALUE;

    private final ServerIndex index;
    private final Look look;
    private final Least least;

    /** A look at each server, which finds the same without an index. */
    interface Look {
        @Nullable RealServer at(RealServer[] servers);
    }

    private static final class Least extends ServerTree {
        private final ToLongFunction<RealServer> measure;

        Least(ToLongFunction<RealServer> measure) {
            super(NEVER);
            this.measure = measure;
        }

        @Override
        long leaf(RealServer server) {
            return measure.applyAsLong(server);
        }

        @Override
        long join(long child, long sibling) {
            return Math.min(child, sibling);
        }

        int first() {
            long least = node(ROOT);
            int at = ROOT;
            while (at < firstLeaf()) {
                at = node(2 * at) == least ? 2 * at : 2 * at + 1;
            }
            return at - firstLeaf();
        }
    }

    /**
     * Makes it for the servers of an index.
     *
     * @param measure a server's number, {@link #NEVER} or {@link #UNKNOWN}
     * @param look what to do where the index is of no use
     */
    LeastServer(ServerIndex index, ToLongFunction<RealServer> measure, Look look) {
        this.index = index;
        this.look = look;
        this.least = index.with(new Least(measure));
    }

    /** The first of the servers with the least number, null if none is to be found. */
    @Nullable RealServer of(RealServer[] servers, long nowMillis) {
        if (!index.covers(servers, nowMillis) || least.node(ServerTree.ROOT) == UNKNOWN) {
            return look.at(servers);
        }
        if (least.node(ServerTree.ROOT) == NEVER) {
            return null;
        }
        RealServer found = servers[least.first()];
        // A threshold holds for all workers at any time, whichever of them has crossed it.
        return found.shared() && !found.eligible() ? look.at(servers) : found;
    }

    /**
     * A load per weight as a number: the greater the quotient, the greater the number, and equal
     * only if the quotients are. Quotients by weights up to 2<sup>16</sup> that differ do so by
     * more than 2<sup>-32</sup>, so that many binary places tell them apart.
     *
     * @return {@link #UNKNOWN} if the weight is greater, or the load 2<sup>31</sup> or more
     */
    static long perWeight(long load, int weight) {
        return load >>> 31 != 0 || weight >>> 16 != 0 ? UNKNOWN : (load << 32) / weight;
    }
}
