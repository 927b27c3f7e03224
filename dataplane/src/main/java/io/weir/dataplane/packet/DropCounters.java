package io.weir.dataplane.packet;

import java.util.EnumMap;
import java.util.Map;

/** Counts dropped packets by reason. The worker writes; other threads may read. */
public final class DropCounters {
    private final long[] counts = new long[DropReason.values().length];

    /** Counts one packet. */
    public void count(DropReason reason) {
        counts[reason.ordinal()]++;
    }

    /** Counts several packets. */
    public void count(DropReason reason, int packets) {
        counts[reason.ordinal()] += packets;
    }

    /** Decides that a packet goes no further, and counts it. */
    public void drop(Packet packet, DropReason reason) {
        packet.decide(Verdict.DROP);
        counts[reason.ordinal()]++;
    }

    public long get(DropReason reason) {
        return counts[reason.ordinal()];
    }

    /** All counts that are not 0. */
    public Map<DropReason, Long> snapshot() {
        Map<DropReason, Long> snapshot = new EnumMap<>(DropReason.class);
        for (DropReason reason : DropReason.values()) {
            if (counts[reason.ordinal()] != 0) {
                snapshot.put(reason, counts[reason.ordinal()]);
            }
        }
        return snapshot;
    }
}
