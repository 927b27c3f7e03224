package io.weir.control.check;

import io.netty.channel.EventLoop;
import io.weir.control.check.probe.ProbeRunner.Attempt;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs things that end or are ended when their time is up, so many at once and the others after
 * them in order. The time of one that waits has not begun.
 *
 * <p>Works on one event loop; {@link #submit} and {@link Turn#cancel} may be called from any
 * thread. Whatever is submitted can throw, answer twice or never, or on a wrong thread: it ends
 * once, here, within its time.
 */
final class AttemptLane {
    private static final Logger LOG = System.getLogger("weir.check");
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long REPORT_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** What is to be run. */
    interface Task<T> {
        /** Begins it, on the loop; the answer goes to the sink. */
        Attempt start(EventLoop loop, Consumer<T> sink);

        /** How long it may take. */
        long limitNanos();

        /** The answer of one that took longer. */
        T late();

        /** The answer of one that failed by itself. */
        T broken(Throwable fault);

        /** The answer, on the loop. */
        void ended(T answer, Course course);
    }

    /**
     * How a task went, in times of {@link System#nanoTime}.
     *
     * @param stalled the loop stood still meanwhile, so that the answer may be its fault
     */
    record Course(long startedNanos, long endedNanos, boolean stalled) {
        long nanos() {
            return endedNanos - startedNanos;
        }
    }

    private final String what;
    private final EventLoop loop;
    private final StallWatch stalls;
    private final int limit;
    private final SequencedSet<Turn<?>> waiting = new LinkedHashSet<>();
    private final Set<Turn<?>> running = new HashSet<>();
    private boolean closed;
    private long reportedNanos;

    /**
     * Makes a lane.
     *
     * @param what runs here, in the plural, for a person
     * @param stalls watches the loop
     * @param limit how many at the same time
     */
    AttemptLane(String what, EventLoop loop, StallWatch stalls, int limit) {
        this.what = what;
        this.loop = loop;
        this.stalls = stalls;
        this.limit = limit;
        reportedNanos = System.nanoTime() - REPORT_EVERY_NANOS;
    }

    /** Runs it when its turn comes. */
    <T> Turn<T> submit(Task<T> task) {
        Turn<T> turn = new Turn<>(task);
        loop.execute(() -> enter(turn));
        return turn;
    }

    private void enter(Turn<?> turn) {
        if (turn.over || closed) {
            return;
        }
        if (running.size() < limit) {
            turn.begin();
        } else {
            waiting.add(turn);
        }
    }

    private void leave(Turn<?> turn) {
        if (running.remove(turn) && !waiting.isEmpty()) {
            // Not here and now: a queue full of tasks that end at once would be a deep stack.
            loop.execute(this::admit);
        }
    }

    private void admit() {
        if (running.size() < limit && !waiting.isEmpty()) {
            Turn<?> next = waiting.removeFirst();
            reportWait(next);
            next.begin();
        }
    }

    /** Ends everything without an answer, and takes nothing any more. */
    void close() {
        loop.execute(
                () -> {
                    closed = true;
                    waiting.clear();
                    List.copyOf(running).forEach(Turn::abandon);
                });
    }

    private void reportWait(Turn<?> turn) {
        long now = System.nanoTime();
        long waited = now - turn.submittedNanos;
        if (waited > PATIENCE_NANOS && mayReport(now)) {
            LOG.log(
                    Level.WARNING,
                    "{0} wait {1} s for their turn, since no more than {2} run at the same time;"
                            + " check less often, or with shorter timeouts",
                    what,
                    TimeUnit.NANOSECONDS.toSeconds(waited),
                    limit);
        }
    }

    // A log line for each check could be thousands in a second.
    private boolean mayReport(long now) {
        if (now - reportedNanos < REPORT_EVERY_NANOS) {
            return false;
        }
        reportedNanos = now;
        return true;
    }

    /** One task's way through the lane. */
    final class Turn<T> {
        private final Task<T> task;
        private final long submittedNanos = System.nanoTime();
        private long startedNanos;
        private long stallsBefore;
        private boolean over;
        private @Nullable Attempt attempt;
        private @Nullable Future<?> alarm;

        private Turn(Task<T> task) {
            this.task = task;
        }

        /** Ends it without an answer. */
        void cancel() {
            if (loop.inEventLoop()) {
                abandon();
            } else if (!loop.isShuttingDown()) {
                loop.execute(this::abandon);
            }
        }

        private void begin() {
            running.add(this);
            startedNanos = System.nanoTime();
            stallsBefore = stalls.look();
            alarm =
                    loop.schedule(
                            () -> end(task.late()),
                            Math.max(1, task.limitNanos()),
                            TimeUnit.NANOSECONDS);
            try {
                Attempt started = task.start(loop, this::answered);
                if (over) {
                    cancelQuietly(started);
                } else {
                    attempt = started;
                }
            } catch (RuntimeException | Error e) {
                end(task.broken(e));
            }
        }

        private void answered(T answer) {
            if (loop.inEventLoop()) {
                end(answer);
            } else {
                loop.execute(() -> end(answer));
            }
        }

        private void end(T answer) {
            if (over) {
                return;
            }
            finish();
            boolean stalled = stalls.look() != stallsBefore;
            task.ended(answer, new Course(startedNanos, System.nanoTime(), stalled));
        }

        private void abandon() {
            if (!over) {
                waiting.remove(this);
                finish();
            }
        }

        private void finish() {
            over = true;
            if (alarm != null) {
                alarm.cancel(false);
            }
            if (attempt != null) {
                cancelQuietly(attempt);
                attempt = null;
            }
            leave(this);
        }

        private void cancelQuietly(Attempt started) {
            try {
                started.cancel();
            } catch (RuntimeException e) {
                if (mayReport(System.nanoTime())) {
                    LOG.log(Level.ERROR, "cannot end one of the " + what, e);
                }
            }
        }
    }
}
