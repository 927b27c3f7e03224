package io.weir.dataplane.worker;

import io.weir.dataplane.service.TrafficCounters;
import io.weir.dataplane.service.VirtualService;

import org.jspecify.annotations.Nullable;

/**
 * Counts packets of a burst for their service and the whole balancer, once for all that follow each
 * other with the same service. Owned by the worker.
 */
final class BurstCounts {
    private final TrafficCounters totals;
    private @Nullable VirtualService service;
    private int inPackets;
    private int inBytes;
    private int outPackets;
    private int outBytes;

    BurstCounts(TrafficCounters totals) {
        this.totals = totals;
    }

    /** A packet from a client; {@code bytes} is the IP total length. */
    void in(VirtualService of, int bytes) {
        if (service != of) {
            change(of);
        }
        inPackets++;
        inBytes += bytes;
    }

    /** A packet from a server; {@code bytes} is the IP total length. */
    void out(VirtualService of, int bytes) {
        if (service != of) {
            change(of);
        }
        outPackets++;
        outBytes += bytes;
    }

    private void change(@Nullable VirtualService to) {
        VirtualService before = service;
        if (before != null) {
            count(before.counters());
            count(totals);
        }
        inPackets = 0;
        inBytes = 0;
        outPackets = 0;
        outBytes = 0;
        service = to;
    }

    private void count(TrafficCounters counters) {
        counters.in(inPackets, inBytes);
        counters.out(outPackets, outBytes);
    }

    /** The counters are to have everything: the burst is done. */
    void finish() {
        if (service != null) {
            change(null);
        }
    }
}
