package io.weir.dataplane.director;

import io.weir.dataplane.flow.ClientSpread;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.service.ServerLoads;
import io.weir.dataplane.sync.SyncEntry;

/**
 * A worker's part of the balancer's work: the clients whose connections it has.
 *
 * @param number which worker it is, from 0
 * @param spread says whose a client is
 * @param loads what workers know of each other's connections
 */
public record WorkerShare(int number, ClientSpread spread, ServerLoads loads) {
    /** Of a worker that has all of it. */
    public static final WorkerShare ALONE =
            new WorkerShare(0, ClientSpread.ALONE, ServerLoads.ALONE);

    /** Whether it is the one that does what only one has to do. */
    public boolean first() {
        return number == 0;
    }

    /** Whether there are others. */
    public boolean divided() {
        return spread.workers() > 1;
    }

    /** Whether a connection or template that was told of has its client here. */
    boolean owns(SyncEntry entry) {
        return !divided() || number == owner(entry);
    }

    private int owner(SyncEntry entry) {
        return entry.ipv6
                ? spread.worker(entry.clientHigh, entry.clientLow)
                : spread.worker(0, EndpointSteering.mappedLow((int) entry.clientLow));
    }
}
