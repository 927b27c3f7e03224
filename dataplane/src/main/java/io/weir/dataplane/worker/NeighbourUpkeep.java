package io.weir.dataplane.worker;

import io.weir.dataplane.egress.Transmitter;
import io.weir.dataplane.net.Network;

/** What time brings for neighbours: requests repeated, answers grown old. Owned by the worker. */
final class NeighbourUpkeep {
    private static final long WORK_MILLIS = 250;

    /** An ARP answer is good for one to two of these (RFC 1122 2.3.2.1). */
    private static final long AGE_MILLIS = 30_000;

    private final Network network;
    private final Transmitter transmitter;
    private long nextWork;
    private long lastAging;

    NeighbourUpkeep(Network network, Transmitter transmitter) {
        this.network = network;
        this.transmitter = transmitter;
    }

    /**
     * Does what is due.
     *
     * @return whether anything was; what it queued is to be flushed
     */
    boolean work(long nowMillis) {
        if (nowMillis < nextWork) {
            return false;
        }
        nextWork = nowMillis + WORK_MILLIS;
        transmitter.housekeeping();
        if (nowMillis - lastAging >= AGE_MILLIS) {
            network.neighbours().age(lastAging);
            lastAging = nowMillis;
        }
        return true;
    }
}
