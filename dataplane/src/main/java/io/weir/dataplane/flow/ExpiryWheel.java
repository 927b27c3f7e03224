package io.weir.dataplane.flow;

import static io.weir.dataplane.flow.ConnectionLayout.*;

import io.weir.dataplane.memory.Memory;

import java.util.Arrays;

/**
 * The timers of the connection table: five wheels of 64 buckets, linked through the entries' own
 * lines.
 *
 * <p>A packet that renews a connection only writes the time when it expires; the entry is moved
 * when its bucket comes up, or at once when its time has become shorter. Like the kernel's timers
 * these fire late by up to an eighth of the timeout (BEHAVIOUR.md, "Kernel timers fire late"):
 * always by the kernel's maximum, so that an entry the kernel still has is never missing here.
 *
 * <p>A tick is 10 ms. Owned by the worker.
 */
public final class ExpiryWheel {
    /** The length of a tick in milliseconds. */
    public static final int TICK_MILLIS = 10;

    private static final int LEVELS = 5;
    private static final int BITS = 6;
    private static final int BUCKETS = 1 << BITS;

    /** The first of the lists of what is due, one for each level. */
    private static final int DUE = LEVELS * BUCKETS;

    private static final int NONE = ConnectionTable.NONE;

    private final ConnectionTable table;

    /** The newest entry of each list and the oldest, which is the first to be looked at. */
    private final int[] heads = new int[DUE + LEVELS];

    private final int[] tails = new int[DUE + LEVELS];
    private int now;

    /** Decides what becomes of an entry whose time is up. */
    public interface ExpiryListener {
        /** Its time is up and it is out of the wheel: remove it, or {@link #prolong} it. */
        void expired(int slot);
    }

    public ExpiryWheel(ConnectionTable table) {
        this.table = table;
        Arrays.fill(heads, NONE);
        Arrays.fill(tails, NONE);
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
        link(slot, line);
    }

    /** Gives an entry in the wheel another time to live, from now on. */
    public void renew(int slot, int timeoutSeconds, int nowTick) {
        long line = table.line(slot);
        int timeout = timeoutSeconds * (1000 / TICK_MILLIS);
        int before = Memory.nativeInt(line + TIMEOUT);
        Memory.putNativeInt(line + EXPIRES, nowTick + timeout);
        if (timeout != before) {
            Memory.putNativeInt(line + TIMEOUT, timeout);
            if (timeout < before) {
                unlink(line);
                link(slot, line);
            }
        }
    }

    /** Takes an entry out of the wheel. */
    public void cancel(int slot) {
        unlink(table.line(slot));
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
     * @param budget the most entries to look at
     * @return the entries looked at; equal to the budget if there may be more
     */
    public int advance(int target, int budget, ExpiryListener listener) {
        int work = drain(budget, listener);
        while (work < budget && now - target < 0) {
            if (table.size() == 0) {
                now = target;
                return work;
            }
            now++;
            for (int level = 1; level < LEVELS && startsTurn(now, level); level++) {
                fallDue(level);
            }
            fallDue(0);
            work += drain(budget - work, listener);
        }
        return work;
    }

    /**
     * The ticks after {@link #now} that have nothing for {@link #advance} to do, at most so many.
     */
    public int quietTicks(int most) {
        if (table.size() == 0) {
            return most;
        }
        int quiet = 0;
        boolean nothingDue = nothingDue();
        while (quiet < most
                && nothingDue
                && heads[bucket(now + quiet + 1, 0)] == NONE
                && !startsTurn(now + quiet + 1, 1)) {
            quiet++;
        }
        return quiet;
    }

    private boolean nothingDue() {
        for (int level = 0; level < LEVELS; level++) {
            if (heads[DUE + level] != NONE) {
                return false;
            }
        }
        return true;
    }

    private int drain(int budget, ExpiryListener listener) {
        int work = drain(DUE, budget, listener);
        for (int level = LEVELS - 1; level > 0; level--) {
            work += drain(DUE + level, budget - work, listener);
        }
        return work;
    }

    private int drain(int list, int budget, ExpiryListener listener) {
        int work = 0;
        while (work < budget && tails[list] != NONE) {
            int slot = tails[list];
            long line = table.line(slot);
            unlink(line);
            work++;
            if (due(line) - now > 0) {
                link(slot, line);
            } else {
                listener.expired(slot);
            }
        }
        return work;
    }

    // Time goes on only when nothing is due any more, so the list that the bucket becomes is empty:
    // a few assignments, however many entries there are.
    private void fallDue(int level) {
        int bucket = bucket(now, level);
        int head = heads[bucket];
        if (head == NONE) {
            return;
        }
        int list = DUE + level;
        int tail = tails[bucket];
        heads[bucket] = NONE;
        tails[bucket] = NONE;
        heads[list] = head;
        tails[list] = tail;
        Memory.putNativeInt(table.line(head) + PREVIOUS, end(list));
        Memory.putNativeInt(table.line(tail) + NEXT, end(list));
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
        int at = due(line);
        int delta = Math.max(1, at - now);
        int level = 0;
        while (level < LEVELS - 1 && delta >= 1 << (BITS * (level + 1))) {
            level++;
        }
        push(bucket(now + delta, level), slot, line);
    }

    private static int bucket(int tick, int level) {
        return level * BUCKETS + ((tick >>> (BITS * level)) & (BUCKETS - 1));
    }

    /** Whether the wheel below this level has just come round. */
    private static boolean startsTurn(int tick, int level) {
        return (tick & ((1 << (BITS * level)) - 1)) == 0;
    }

    // The first entry of a list names the list where others name their predecessor, and the last
    // one where they name their successor.
    private static int end(int list) {
        return NONE - 1 - list;
    }

    private void push(int list, int slot, long line) {
        int first = heads[list];
        Memory.putNativeInt(line + PREVIOUS, end(list));
        if (first == NONE) {
            Memory.putNativeInt(line + NEXT, end(list));
            tails[list] = slot;
        } else {
            Memory.putNativeInt(line + NEXT, first);
            Memory.putNativeInt(table.line(first) + PREVIOUS, slot);
        }
        heads[list] = slot;
    }

    private void unlink(long line) {
        int next = Memory.nativeInt(line + NEXT);
        int previous = Memory.nativeInt(line + PREVIOUS);
        if (previous < NONE) {
            heads[end(previous)] = next < NONE ? NONE : next;
        } else {
            Memory.putNativeInt(table.line(previous) + NEXT, next);
        }
        if (next < NONE) {
            tails[end(next)] = previous < NONE ? NONE : previous;
        } else {
            Memory.putNativeInt(table.line(next) + PREVIOUS, previous);
        }
    }
}
