package io.weir.control;

/**
 * When a worker that goes before everybody else on its CPU lets others have it.
 *
 * <p>Without work it sleeps at once, and who is woken then runs. With work and no end of it, it
 * rests after a while: packets wait a third of a millisecond, and whatever else that CPU has to do
 * gets a thirteenth of it in small parts. Where others get less than a twentieth, the kernel takes
 * it for them at a time, and the worker stands still for 50 ms of each second (the fair server of
 * Linux 6.8 and later, sched_rt_runtime_us before).
 *
 * <p>Time is passed in, in nanoseconds. Owned by the worker's thread.
 */
final class RealTimePace {
    /** How long it rests. */
    static final long REST_NANOS = 300_000;

    /** How long it works without rest. */
    static final long WORK_NANOS = 3_700_000;

    private long workingSince;

    /** That of a worker which begins. */
    RealTimePace(long now) {
        workingSince = now;
    }

    /** It has slept or rested, and goes on. */
    void goesOn(long now) {
        workingSince = now;
    }

    /** Whether it has worked for so long that it has to rest. */
    boolean restIsDue(long now) {
        return now - workingSince >= WORK_NANOS;
    }
}
