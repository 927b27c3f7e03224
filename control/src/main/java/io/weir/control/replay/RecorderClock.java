package io.weir.control.replay;

import java.util.ArrayList;
import java.util.List;

/**
 * When the kernel's clock ticked in a recording, and when its connection table was read.
 *
 * <p>A timer counts ticks of 10 ms, so which second a listing shows for a connection, and with it
 * the connection's place in the sorted listing, depends on where between two ticks things happened.
 * Recorder and kernel shared one processor. A silence of about a tick or more in the recording
 * therefore means that the processor was lost, and it comes back with a tick: the events that
 * follow such silences show the ticks' phase.
 *
 * <p>Only the times of what the recorder did are used. All times are milliseconds.
 */
final class RecorderClock {
    private static final double TICK = 10;

    /** What follows a shorter or a much longer silence need not follow a tick. */
    private static final double SILENCE = 9;

    private static final double LONG_SILENCE = 60;

    /** The processor is lost for 10 to 40 ms at once; a longer silence had several such breaks. */
    private static final double ONE_BREAK = 45;

    /** From a tick to the time stamp of the frame or listing after it. */
    private static final double FRAME_AFTER_TICK = 0.3;

    private static final double CONNECTIONS_AFTER_TICK = 1.3;
    private static final double SERVICES_AFTER_TICK = 0.7;

    /** The phases found lie this close together, but for some that something else has delayed. */
    private static final double SPREAD = 1;

    /** Without a silence the phase is unknown, and the middle errs least. */
    private static final double UNKNOWN_PHASE = 5;

    /** To read the table and to put it down took so long, and so much more for each entry. */
    private static final double READ = 1.2;

    private static final double READ_ENTRY = 0.03;

    /** How exactly the phase is known. */
    private static final double PHASE_ERROR = 0.2;

    private final double phase;

    private RecorderClock(double phase) {
        this.phase = phase;
    }

    /** The clock of a recording with these events, in their order. */
    static RecorderClock of(List<RecordedEvents.Event> events) {
        List<Double> found = new ArrayList<>();
        for (int i = 1; i < events.size(); i++) {
            RecordedEvents.Event event = events.get(i);
            double silence = event.recordedMillis() - events.get(i - 1).recordedMillis();
            double afterTick =
                    switch (event.operation()) {
                        case "in" -> FRAME_AFTER_TICK;
                        case "conns" -> CONNECTIONS_AFTER_TICK;
                        case "list" -> SERVICES_AFTER_TICK;
                        default -> Double.NaN;
                    };
            if (silence > SILENCE
                    && silence < LONG_SILENCE
                    && !events.get(i - 1).operation().equals("wait")
                    && !Double.isNaN(afterTick)) {
                found.add(intoTick(event.recordedMillis() - afterTick));
            }
        }
        return new RecorderClock(found.isEmpty() ? UNKNOWN_PHASE : densest(found));
    }

    private static double densest(List<Double> found) {
        double best = UNKNOWN_PHASE;
        long most = 0;
        for (double start : found) {
            long inside = found.stream().filter(at -> intoTick(at - start) < SPREAD).count();
            if (inside > most) {
                most = inside;
                best = start;
            }
        }
        return best;
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
     * <p>Work that does not fit between the last tick and the listing's time began before the break
     * that ended with this tick: right after the event before if there was only this one.
     *
     * @param previous when the event before was over
     * @param complete when the listing was complete, which is the time it bears
     * @param entries how many connections it has
     */
    long readMillis(double previous, double complete, int entries) {
        double work = READ + READ_ENTRY * entries;
        double sinceTick = intoTick(complete - phase);
        if (complete - previous <= SILENCE) {
            return millis(Math.max(previous, complete - work));
        }
        if (sinceTick < work - PHASE_ERROR) {
            boolean oneBreak = complete - previous <= ONE_BREAK;
            return millis(oneBreak ? previous : complete - sinceTick - TICK / 2);
        }
        return millis(complete - Math.min(work, sinceTick / 2));
    }
}
