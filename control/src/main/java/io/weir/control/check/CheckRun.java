package io.weir.control.check;

import io.netty.channel.EventLoop;
import io.weir.control.check.probe.ProbeResult;
import io.weir.control.check.probe.ProbeRunner;
import io.weir.control.check.probe.ProbeRunner.Attempt;
import io.weir.control.config.CheckConfig;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Makes one check again and again. On the deciding thread. */
final class CheckRun {
    /** Takes a result, on the deciding thread, before the next check is planned. */
    @FunctionalInterface
    interface Sink {
        void ended(CheckRun run, ProbeResult result, long endedNanos);
    }

    private final CheckEngine engine;
    private final CheckConfig check;
    private final Supplier<ProbeRunner> runners;
    private final Sink sink;
    private final String name;
    private String detail = "not checked yet";
    private long lastMillis;
    private boolean stopped;
    private boolean excusedLast;
    private @Nullable Future<?> timer;
    private AttemptLane.@Nullable Turn<ProbeResult> turn;

    /**
     * Makes none until it is planned.
     *
     * @param runners knows who makes it; asked on the probing thread
     */
    CheckRun(CheckEngine engine, CheckConfig check, Supplier<ProbeRunner> runners, Sink sink) {
        this.engine = engine;
        this.check = check;
        this.runners = runners;
        this.sink = sink;
        name = CheckName.of(check);
    }

    /** Plans the next check, unless one is under way. */
    void plan(long dueNanos) {
        if (turn != null || stopped) {
            return;
        }
        if (timer != null) {
            timer.cancel(false);
        }
        timer = engine.at(dueNanos, this::begin);
    }

    private void begin() {
        timer = null;
        turn = engine.lane(check).submit(new Try());
    }

    /** Makes no more checks; the result of one that is under way is not heard. */
    void stop() {
        stopped = true;
        if (timer != null) {
            timer.cancel(false);
        }
        if (turn != null) {
            turn.cancel();
        }
    }

    private void ended(ProbeResult answer, AttemptLane.Course course) {
        turn = null;
        if (stopped) {
            return;
        }
        ProbeResult result = excused(answer, course);
        detail = result.detail();
        lastMillis = TimeUnit.NANOSECONDS.toMillis(course.nanos());
        sink.ended(this, result, course.endedNanos());
    }

    // Once, and not again the next time: on a machine that stands still all the time, dead servers
    // would else stay in service.
    private ProbeResult excused(ProbeResult answer, AttemptLane.Course course) {
        boolean excuse = course.stalled() && !answer.passed() && !excusedLast;
        excusedLast = excuse;
        return excuse
                ? ProbeResult.notMade("this machine stood still meanwhile; " + answer.detail())
                : answer;
    }

    CheckConfig check() {
        return check;
    }

    /** What a person calls it. */
    String name() {
        return name;
    }

    /** What is known by it. */
    ServerHealth.CheckHealth health(CheckState state) {
        return new ServerHealth.CheckHealth(
                name, state.health(), detail, state.passes(), state.failures(), lastMillis);
    }

    /** One check, on the probing thread. */
    private final class Try implements AttemptLane.Task<ProbeResult> {
        @Override
        public Attempt start(EventLoop loop, Consumer<ProbeResult> answer) {
            return runners.get().start(check, loop, answer::accept);
        }

        @Override
        public long limitNanos() {
            return check.timing().timeout().toNanos();
        }

        @Override
        public ProbeResult late() {
            return ProbeResult.failed("no answer within " + limit());
        }

        private String limit() {
            long millis = check.timing().timeout().toMillis();
            return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
        }

        @Override
        public ProbeResult broken(Throwable fault) {
            return fault instanceof OutOfMemoryError || fault instanceof RejectedExecutionException
                    ? ProbeResult.notMade(fault.toString())
                    : ProbeResult.failed("the check broke: " + fault);
        }

        @Override
        public void ended(ProbeResult result, AttemptLane.Course course) {
            engine.decide(() -> CheckRun.this.ended(result, course));
        }
    }
}
