package io.weir.control.check;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Writes down what a monitor tells, and lets a test wait for it. */
final class HealthLog implements HealthListener {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final List<String> lines = new ArrayList<>();
    private final AtomicInteger inside = new AtomicInteger();
    private volatile boolean overlapped;

    @Override
    public void healthChanged(ServerKey server, Health health, String detail) {
        write(server.server().port() + " " + health + ": " + detail);
    }

    @Override
    public void loadMeasured(ServerKey server, double load) {
        write(server.server().port() + " load " + load);
    }

    @Override
    public void weightDemanded(ServerKey server, int weight) {
        write(server.server().port() + " weight " + weight);
    }

    private void write(String line) {
        overlapped |= inside.incrementAndGet() != 1;
        synchronized (this) {
            lines.add(line);
            notifyAll();
        }
        inside.decrementAndGet();
    }

    /** Everything until now. */
    synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    /** Waits for a line. */
    synchronized void await(Predicate<String> wanted) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (lines.stream().noneMatch(wanted)) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError("not told: " + lines);
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    /** Waits for a line that begins so. */
    void await(String beginning) throws InterruptedException {
        await(line -> line.startsWith(beginning));
    }

    /** Tells whether two calls were ever made at the same time. */
    boolean overlapped() {
        return overlapped;
    }
}
