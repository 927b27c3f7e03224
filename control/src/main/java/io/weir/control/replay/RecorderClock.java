package io.weir.control.replay;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * When the kernel's clock ticked in a recording, and when its connection table was read.
 *
 * <p>A timer counts ticks of 10 ms, so which second a listing shows for a connection, and with it
 * the connection's place in the sorted listing, depends on where between two ticks things happened.
 *
 * <p>Recorder and kernel shared one processor with others, and a process lost it at a tick and got
 * it back at a later one. A silence of about a tick or more in the recording is such a break: the
 * events around it show the ticks' phase. A listing takes a while from the event before until the
 * table is read and from there until it is complete. If a tick took the processor before the table
 * was read, it was read after the break.
 *
 * <p>Only the times of what the recorder did are used; a recording without breaks does not tell the
 * phase. All times are milliseconds. The constants were found by comparing with the seconds that
 * the listings of recordings show.
 */
final class RecorderClock {
    private static final double TICK = 10;

    /** What is silent for less may just have been busy; for more, something else happened. */
    private static final double SILENCE = 9;

    private static final double LONG_SILENCE = 100;

    /** Phases looked at: steps of 0.1 ms. */
    private static final int STEPS = 100;

    /** A frame after a break bears a time of so long after the tick that ended it, at least... */
    private static final double FRAME_AFTER_TICK = 0.2;

    /** ... and at most so much longer: the surest witness. */
    private static final double FRAME_AFTER_TICK_SPREAD = 0.7;

    private static final int FRAME_WEIGHT = 10;

    /** From the time of a frame to the tick that begins a break, at most. */
    private static final double TICK_AFTER_FRAME = 0.8;

    /** From the tick that ends a break to the time of a listing, at most. */
    private static final double LISTING_AFTER_TICK = 2.3;

    private static final int OTHER_WEIGHT = 3;

    /** Recorders that nobody disturbed began about so long before a tick. */
    private static final double UNDISTURBED_PHASE = 5.3;

    /** From the time of a frame until the recorder has seen all that came of it. */
    private static final double FRAME = 0.3;

    /** From the event before until the table is read, so soon after the last time. */
    private static final double READ_AGAIN = 1;

    private static final double SOON = 40;

    /** The same if the last time is longer ago, or never was: the caches are cold. */
    private static final double READ = 2.25;

    /** What reading takes longer for each entry. */
    private static final double READ_ENTRY = 0.045;

    /** From when the table is read until the listing is complete, and for each entry. */
    private static final double SHOW = 1.2;

    private static final double SHOW_ENTRY = 0.04;

    private static final double SHOW_LEAST = 0.3;

    private final double phase;

    private RecorderClock(double phase) {
        this.phase = phase;
    }

    /** The clock of a recording with these events, in their order. */
    static RecorderClock of(List<RecordedEvents.Event> events) {
        int[] votes = new int[STEPS];
        for (int i = 1; i < events.size(); i++) {
            RecordedEvents.Event before = events.get(i - 1);
            RecordedEvents.Event after = events.get(i);
            double silence = after.recordedMillis() - before.recordedMillis();
            if (silence > SILENCE && silence < LONG_SILENCE) {
                vote(votes, before, after);
            }
        }
        return new RecorderClock(middleOfMost(votes));
    }

    // Whoever runs a program or waits is silent without a break.
    private static void vote(int[] votes, RecordedEvents.Event before, RecordedEvents.Event after) {
        double end = after.recordedMillis();
        if (before.operation().equals("wait")) {
            return;
        }
        switch (after.operation()) {
            case "in" -> {
                double spread = FRAME_AFTER_TICK_SPREAD;
                vote(votes, end - FRAME_AFTER_TICK - spread, spread, FRAME_WEIGHT);
            }
            case "conns", "list" ->
                    vote(
                            votes,
                            end - FRAME_AFTER_TICK - LISTING_AFTER_TICK,
                            LISTING_AFTER_TICK,
                            OTHER_WEIGHT);
            default -> {
                return;
            }
        }
        if (before.operation().equals("in")) {
            vote(votes, before.recordedMillis(), TICK_AFTER_FRAME, OTHER_WEIGHT);
        }
    }

    // A tick was in this span of time.
    private static void vote(int[] votes, double from, double length, int weight) {
        for (int step = 0; step < STEPS; step++) {
            if (intoTick(step * TICK / STEPS - from) < length) {
                votes[step] += weight;
            }
        }
    }

    private static double middleOfMost(int[] votes) {
        int most = 0;
        for (int count : votes) {
            most = Math.max(most, count);
        }
        if (most == 0) {
            return UNDISTURBED_PHASE;
        }
        int bestStart = 0;
        int bestLength = 0;
        for (int start = 0; start < STEPS; start++) {
            int length = 0;
            while (length < STEPS && votes[(start + length) % STEPS] == most) {
                length++;
            }
            if (length > bestLength) {
                bestStart = start;
                bestLength = length;
            }
        }
        return intoTick((bestStart + (bestLength - 1) / 2.0) * TICK / STEPS);
    }

    private static double intoTick(double millis) {
        double rest = millis % TICK;
        return rest < 0 ? rest + TICK : rest;
    }

    /** The virtual time of a recorded one: ticks come when it is a multiple of 10. */
    long millis(double recorded) {
        return (long) Math.floor(recorded - phase + TICK);
    }

    /**
     * The virtual time at which the table was read for a listing.
     *
     * @param previous the event before, if there is one
     * @param lastListing when a listing of connections was complete last; negative infinity if none
     * @param complete when the listing was complete, which is the time it bears
     * @param entries how many connections it has
     */
    long readMillis(
            RecordedEvents.@Nullable Event previous,
            double lastListing,
            double complete,
            int entries) {
        double start = previous == null ? 0 : previous.overMillis();
        boolean afterFrame = previous != null && previous.operation().equals("in");
        if (afterFrame) {
            start += FRAME;
        }
        boolean again = afterFrame && start - lastListing < SOON;
        double read = start + (again ? READ_AGAIN : READ) + READ_ENTRY * entries;
        if (complete - start <= SILENCE) {
            return millis(Math.max(start, Math.min(read, complete - SHOW_LEAST)));
        }
        double tick = start + TICK - intoTick(start - phase);
        // What follows a break is too little for all that a listing takes, or it may have been all.
        double show = SHOW + SHOW_ENTRY * entries;
        boolean readBefore = tick > read && (again || intoTick(complete - phase) <= show);
        return millis(readBefore ? read : Math.max(tick, complete - SHOW));
    }
}
