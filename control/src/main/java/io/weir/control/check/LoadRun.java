package io.weir.control.check;

import io.netty.channel.EventLoop;
import io.weir.control.check.probe.LoadAnswer;
import io.weir.control.check.probe.ProbeRunner.Attempt;
import io.weir.control.config.LoadConfig;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Asks a server for its load again and again while it is up. On the deciding thread. */
final class LoadRun {
    private static final Logger LOG = System.getLogger("weir.check");

    private final CheckEngine engine;
    private final ServerKey server;
    private final LoadConfig load;
    private final BooleanSupplier up;
    private boolean stopped;
    private boolean silent;
    private @Nullable Future<?> timer;
    private AttemptLane.@Nullable Turn<LoadAnswer> turn;

    /** Plans the first question, at some time within the first period. */
    LoadRun(CheckEngine engine, ServerKey server, LoadConfig load, BooleanSupplier up) {
        this.engine = engine;
        this.server = server;
        this.load = load;
        this.up = up;
        plan(System.nanoTime() + (long) (load.period().toNanos() * engine.random()));
    }

    LoadConfig load() {
        return load;
    }

    private void plan(long nanos) {
        timer = engine.at(nanos, this::ask);
    }

    private void ask() {
        timer = null;
        if (up.getAsBoolean()) {
            turn = engine.lane(load).submit(new Question());
        } else {
            plan(System.nanoTime() + load.period().toNanos());
        }
    }

    /** Asks no more; an answer on its way is not heard. */
    void stop() {
        stopped = true;
        if (timer != null) {
            timer.cancel(false);
        }
        if (turn != null) {
            turn.cancel();
        }
    }

    private void answered(LoadAnswer answer, long endedNanos) {
        turn = null;
        if (stopped) {
            return;
        }
        if (answer.load().isPresent()) {
            engine.tell(listener -> listener.loadMeasured(server, answer.load().getAsDouble()));
        }
        report(answer);
        plan(endedNanos + load.period().toNanos());
    }

    // One line when a server falls silent, and not one for each question.
    private void report(LoadAnswer answer) {
        boolean missing = answer.load().isEmpty();
        if (missing && !silent) {
            LOG.log(
                    Level.WARNING,
                    "{0} does not tell its load, its weight stays as it is: {1}",
                    server.server().address(),
                    answer.detail());
        }
        silent = missing;
    }

    /** One question, on the probing thread. */
    private final class Question implements AttemptLane.Task<LoadAnswer> {
        @Override
        public Attempt start(EventLoop loop, Consumer<LoadAnswer> answer) {
            return engine.makers().loads().start(load, server.server(), loop, answer);
        }

        @Override
        public long limitNanos() {
            return load.timeout().toNanos();
        }

        @Override
        public LoadAnswer late() {
            return LoadAnswer.missing("no answer in time");
        }

        @Override
        public LoadAnswer broken(Throwable fault) {
            return LoadAnswer.missing("the question broke: " + fault);
        }

        @Override
        public void ended(LoadAnswer answer, AttemptLane.Course course) {
            engine.decide(() -> answered(answer, course.endedNanos()));
        }
    }
}
