package io.weir.dataplane.flow;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

/**
 * What a master daemon remembers of entries of the connection table beyond their lines: when each
 * would have ended at its last report, and how often its count of packets has gone round. Eight
 * bytes for each slot, off-heap, there only where a daemon has run. Owned by the worker.
 *
 * <pre>
 * 0 end (ticks, in its lowest two bits how often the report was repeated)   4 rounds
 * </pre>
 */
public final class ReportRecords implements AutoCloseable {
    private static final int RECORD_BYTES = 8;
    private static final int ROUNDS = 4;
    private static final int REPEATED = 3;

    private final ConnectionTable table;
    private final NativeBlock block;
    private final long base;

    /** Makes the records; takes some milliseconds for a large table. */
    public ReportRecords(ConnectionTable table) {
        this.table = table;
        this.block = new NativeBlock((long) table.slots() * RECORD_BYTES);
        this.base = block.address();
    }

    private long record(int slot, int nowTick) {
        long record = base + (long) slot * RECORD_BYTES;
        if (!table.has(slot, ConnectionLines.FLAG_RECORDED)) {
            table.setFlags(slot, table.flags(slot) | ConnectionLines.FLAG_RECORDED);
            Memory.putNativeInt(record, nowTick & ~REPEATED);
            Memory.putNativeInt(record + ROUNDS, 0);
        }
        return record;
    }

    /**
     * When the entry would have ended at its last report, in ticks and without the lowest two bits;
     * of one that was never reported the time when it was first looked at.
     */
    public int end(int slot, int nowTick) {
        return Memory.nativeInt(record(slot, nowTick)) & ~REPEATED;
    }

    /** How often the last report was repeated, at most 3 times. */
    public int repeated(int slot, int nowTick) {
        return Memory.nativeInt(record(slot, nowTick)) & REPEATED;
    }

    /** Notes a report. */
    public void setEnd(int slot, int endTick, int repetitions, int nowTick) {
        Memory.putNativeInt(record(slot, nowTick), (endTick & ~REPEATED) | repetitions);
    }

    /**
     * How many packets have come from the client; to be asked for each of them. The line's count
     * goes round in its upper half, and each passage of the middle is remembered here.
     */
    public long packets(int slot, int nowTick) {
        int count = table.packets(slot);
        if (count < ConnectionLines.MANY_PACKETS) {
            return count;
        }
        long rounds = record(slot, nowTick) + ROUNDS;
        int passages = Memory.nativeInt(rounds);
        if (count == ConnectionLines.MANY_PACKETS) {
            passages++;
            Memory.putNativeInt(rounds, passages);
        }
        return count + (long) Math.max(0, passages - 1) * ConnectionLines.MANY_PACKETS;
    }

    @Override
    public void close() {
        block.close();
    }
}
