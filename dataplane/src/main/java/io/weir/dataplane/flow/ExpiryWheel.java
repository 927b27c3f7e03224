package io.weir.dataplane.flow;

import static io.weir.dataplane.flow.ConnectionLayout.*;

import io.weir.dataplane.memory.Memory;

/**
 * The timers of the connection table: a wheel of 8192 buckets of one tick, and three of 64 buckets
 * of 41 seconds, 44 minutes and 47 hours for what lasts longer.
 *
 * <p>A packet that renews a connection only writes the time when it expires; the entry is moved
 * when its bucket comes up, or at once when that would be too late. A connection that only begins
 * and is forgotten within 80 seconds is looked at once, when it expires. Like the kernel's timers
 * these fire late by up to an eighth of the timeout (BEHAVIOUR.md, "Kernel timers fire late"):
 * always by the kernel's maximum, so that an entry the kernel still has is never missing here.
 *
 * <p>A tick is 10 ms. Owned by the worker.
 */
public final class ExpiryWheel implements AutoCloseable {
    /** The length of a tick in milliseconds. */
    public static final int TICK_MILLIS = 10;

    private static final int LEVELS = 4;

    /** Ticks that the lowest level can tell apart. */
    private static final int LOWEST_BUCKETS = 1 << 13;

    /** A bucket of the level above lasts half as long as the lowest level reaches. */
    private static final int LONG_BITS = 12;

    private static final int BITS = 6;
    private static final int BUCKETS = 1 << BITS;
    private static final int MOST_TICKS = (1 << (LONG_BITS + BITS * (LEVELS - 1))) - 1;

    /** The list of entries that have no bucket yet: their first packets may still renew them. */
    private static final int FRESH = LOWEST_BUCKETS + BUCKETS * (LEVELS - 1);

    /** As many as the bursts of a few ports can bring; more go to their buckets at once. */
    private static final int MOST_FRESH = 1024;

    private final ConnectionTable table;
    private final SlotLists lists;
    private int fresh;
    private int now;

    /** Decides what becomes of an entry whose time is up. */
    public interface ExpiryListener {
        /** Its time is up and it is out of the wheel: remove it, or {@link #prolong} it. */
        void expired(int slot);
    }

    public ExpiryWheel(ConnectionTable table) {
        this.table = table;
        this.lists = new SlotLists(table, FRESH + 1);
    }

    /** The tick up to which entries have expired. */
    public int now() {
        return now;
    }

    /** Puts an entry that is not in the wheel into it. */
    public void schedule(int slot, int timeoutSeconds, int nowTick) {
        long line = table.line(slot);
        int timeout = timeoutSeconds * (1000 / TICK_MILLIS);
        Memory.putNativeInt(line + TIMEOUT, timeout);
        Memory.putNativeInt(line + EXPIRES, nowTick + timeout);
        if (fresh == MOST_FRESH) {
            link(slot, line);
        } else {
            fresh++;
            // However its time to live changes until it has a bucket, that will be right.
            Memory.putNativeInt(line + LOOKED_AT, now);
            lists.push(FRESH, slot);
        }
    }

    /** Gives an entry in the wheel another time to live, from now on. */
    public void renew(int slot, int timeoutSeconds, int nowTick) {
        renewLine(table.line(slot), timeoutSeconds, nowTick);
    }

    /** The same for the entry whose line has this address. */
    public void renewLine(long line, int timeoutSeconds, int nowTick) {
        int timeout = timeoutSeconds * (1000 / TICK_MILLIS);
        int before = Memory.nativeInt(line + TIMEOUT);
        Memory.putNativeInt(line + EXPIRES, nowTick + timeout);
        if (timeout != before) {
            Memory.putNativeInt(line + TIMEOUT, timeout);
            if (timeout < before && due(line) - Memory.nativeInt(line + LOOKED_AT) < 0) {
                int slot = table.slotAt(line);
                lists.remove(slot);
                link(slot, line);
            }
        }
    }

    /** Takes an entry out of the wheel. */
    public void cancel(int slot) {
        lists.remove(slot);
    }

    /** The timeout in force, in seconds. */
    public int timeoutSeconds(int slot) {
        return Memory.nativeInt(table.line(slot) + TIMEOUT) / (1000 / TICK_MILLIS);
    }

    /** How long ago an entry was renewed, in ticks. */
    public int idleTicks(int slot, int nowTick) {
        long line = table.line(slot);
        return nowTick - (Memory.nativeInt(line + EXPIRES) - Memory.nativeInt(line + TIMEOUT));
    }

    /** How long an entry has to live if nothing renews it, in seconds, at least 1. */
    public int secondsLeft(int slot, int nowTick) {
        int ticks = Memory.nativeInt(table.line(slot) + EXPIRES) - nowTick;
        return Math.max(1, Math.ceilDiv(ticks, 1000 / TICK_MILLIS));
    }

    /**
     * Gives an entry that has expired another time to live. It begins where the kernel, late as
     * well, has noticed the end of the last in the mean.
     */
    public void prolong(int slot, int timeoutSeconds) {
        long line = table.line(slot);
        int late = lateness(Memory.nativeInt(line + TIMEOUT));
        schedule(slot, timeoutSeconds, Memory.nativeInt(line + EXPIRES) + (late >> 1));
    }

    /**
     * Lets entries expire.
     *
     * @param target the current tick
     * @param budget the most entries to look at, beside those that have come since the last time
     * @return the entries looked at; equal to the budget if there may be more
     */
    public int advance(int target, int budget, ExpiryListener listener) {
        placeFresh();
        int work = drainDue(budget, listener);
        if (table.size() == 0) {
            // However far it is: the clock's first time, or the next one after 248 days.
            now = target;
        }
        while (work < budget && now - target < 0) {
            now++;
            work += drainDue(budget - work, listener);
            if (table.size() == 0) {
                now = target;
            }
        }
        return work;
    }

    private void placeFresh() {
        while (!lists.isEmpty(FRESH)) {
            int slot = lists.pop(FRESH);
            link(slot, table.line(slot));
        }
        fresh = 0;
    }

    /**
     * The ticks after {@link #now} that have nothing for {@link #advance} to do, at most so many.
     */
    public int quietTicks(int most) {
        if (table.size() == 0) {
            return most;
        }
        placeFresh();
        int quiet = 0;
        boolean nothingDue = nothingDue();
        while (quiet < most
                && nothingDue
                && lists.isEmpty(bucket(now + quiet + 1, 0))
                && !startsBucket(now + quiet + 1, 1)) {
            quiet++;
        }
        return quiet;
    }

    private boolean nothingDue() {
        for (int level = 0; level < LEVELS && startsBucket(now, level); level++) {
            if (!lists.isEmpty(bucket(now, level))) {
                return false;
            }
        }
        return true;
    }

    // Nothing is put into the buckets that begin now: whatever is still in them is due, and time
    // goes on only when it is gone, however many entries there are.
    private int drainDue(int budget, ExpiryListener listener) {
        int work = 0;
        for (int level = 0; level < LEVELS && startsBucket(now, level); level++) {
            work += drain(bucket(now, level), budget - work, listener);
        }
        return work;
    }

    private int drain(int list, int budget, ExpiryListener listener) {
        int work = 0;
        while (work < budget && !lists.isEmpty(list)) {
            int near = Math.min(budget, work + lists.touchNewest(list));
            // What expires may take others with it.
            for (; work < near && !lists.isEmpty(list); work++) {
                int slot = lists.pop(list);
                long line = table.line(slot);
                if (due(line) - now > 0) {
                    link(slot, line);
                } else {
                    listener.expired(slot);
                }
            }
        }
        return work;
    }

    // A template and its last connection, if they were renewed together and have the same timeout,
    // end in the same step of the kernel's wheel, the connection first, and so the template is not
    // kept for the connection (recorded: persist-expiry-2). Half a step more brings them together
    // when they most likely were.
    private static int due(long line) {
        int late = lateness(Memory.nativeInt(line + TIMEOUT));
        boolean template = (Memory.nativeInt(line + FLAGS) & ConnectionTable.FLAG_TEMPLATE) != 0;
        return Memory.nativeInt(line + EXPIRES) + late + (template ? late >> 1 : 0);
    }

    /**
     * The kernel's timer wheel rounds a timeout up to the step of its level (HZ=100, 8 per level).
     */
    static int lateness(int timeoutTicks) {
        int step = 1;
        for (long limit = 63; timeoutTicks >= limit && step < 1 << 21; limit <<= 3) {
            step <<= 3;
        }
        return step;
    }

    private void link(int slot, long line) {
        int delta = Math.min(MOST_TICKS, Math.max(1, due(line) - now));
        int level = 0;
        if (delta >= LOWEST_BUCKETS) {
            level = 1;
            while (delta >= 1 << (shift(level) + BITS)) {
                level++;
            }
        }
        int begins = (now + delta) >>> shift(level) << shift(level);
        Memory.putNativeInt(line + LOOKED_AT, begins);
        lists.push(bucket(begins, level), slot);
    }

    private static int bucket(int tick, int level) {
        return level == 0
                ? tick & (LOWEST_BUCKETS - 1)
                : LOWEST_BUCKETS
                        + (level - 1) * BUCKETS
                        + ((tick >>> shift(level)) & (BUCKETS - 1));
    }

    private static int shift(int level) {
        return level == 0 ? 0 : LONG_BITS + BITS * (level - 1);
    }

    /** Whether a bucket of this level begins with a tick. */
    private static boolean startsBucket(int tick, int level) {
        return (tick & ((1 << shift(level)) - 1)) == 0;
    }

    /** Frees its memory, before the table's. */
    @Override
    public void close() {
        lists.close();
    }
}
