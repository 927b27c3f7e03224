package io.weir.dataplane.worker;

import io.weir.dataplane.director.ConnectionLife;
import io.weir.dataplane.director.Director;
import io.weir.dataplane.director.SyncReporter;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.offload.FlowTable;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.TrafficCounters;
import io.weir.dataplane.service.VirtualService;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the packets that the kernel has forwarded as if they had come to the worker, which owns
 * it.
 */
final class FlowAccounts {
    private static final long LOW_32 = 0xffff_ffffL;

    private final FlowTable flows;
    private final FlowPlaces places;
    private final ConnectionTable table;
    private final ConnectionLife life;
    private final SyncReporter reporter;
    private final TrafficCounters totals;

    // What has been counted, by place.
    private final int[] packets;
    private final long[] bytes;

    // Written by the worker alone.
    private final AtomicLong forwardedPackets = new AtomicLong();
    private final AtomicLong forwardedBytes = new AtomicLong();

    FlowAccounts(FlowTable flows, FlowPlaces places, Director director) {
        this.flows = flows;
        this.places = places;
        this.table = director.table();
        this.life = director.life();
        this.reporter = director.synchronisation().reporter();
        this.totals = director.totalCounters();
        packets = new int[flows.capacity()];
        bytes = new long[flows.capacity()];
    }

    /** How many packets the kernel has forwarded, as far as they are counted; any thread. */
    long forwardedPackets() {
        return forwardedPackets.get();
    }

    /** Their IP total lengths; any thread. */
    long forwardedBytes() {
        return forwardedBytes.get();
    }

    /** A flow comes to a place, whose counters are 0. */
    void open(int place) {
        packets[place] = 0;
        bytes[place] = 0;
    }

    /**
     * Counts what came since it was last called; false if nothing did.
     *
     * @param lives whether the flow's connection is there and in the expiry wheel
     */
    boolean count(int place, boolean lives) {
        int newPackets = flows.packets(place);
        int count = newPackets - packets[place];
        RealServer real = places.server(place);
        if (count == 0 || real == null) {
            return false;
        }
        long newBytes = flows.bytes(place);
        long length = newBytes - bytes[place];
        packets[place] = newPackets;
        bytes[place] = newBytes;
        long many = count & LOW_32;
        boolean reply = places.isReply(place);
        add(real.counters(), reply, many, length);
        add(totals, reply, many, length);
        VirtualService service = real.owner();
        if (service != null) {
            add(service.counters(), reply, many, length);
        }
        forwardedPackets.setRelease(forwardedPackets.getPlain() + many);
        forwardedBytes.setRelease(forwardedBytes.getPlain() + length);
        if (lives) {
            advance(places.connection(place), reply, many);
        }
        return true;
    }

    private static void add(TrafficCounters counters, boolean reply, long many, long length) {
        if (reply) {
            counters.out(many, length);
        } else {
            counters.in(many, length);
        }
    }

    private void advance(int slot, boolean reply, long many) {
        life.renew(slot, life.timeoutSeconds(slot));
        if (reply) {
            return;
        }
        long rest = reporter.reports() ? Math.min(many, reporter.period()) : 0;
        table.countPackets(slot, many - rest);
        // One after the other, for each may be the one that is reported.
        for (; rest > 0; rest--) {
            table.countPacket(slot);
            reporter.clientPacket(slot);
        }
    }
}
