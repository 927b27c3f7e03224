package io.weir.bench.live;

import io.weir.dataplane.sys.CpuAffinity;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.sys.ThreadScheduling;
import io.weir.dataplane.worker.DurationSums;
import io.weir.dataplane.worker.WorkerMeter;

import org.HdrHistogram.Histogram;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * What the machine lets threads have that do nothing but look at the clock: a process of its own
 * that hardly disturbs others.
 *
 * <p>On each CPU two threads sleep for a millisecond again and again and take down how late they
 * wake up. One goes before everybody else (SCHED_FIFO), so that its lateness is the kernel's,
 * interrupts' and the hypervisor's; the other is like any thread.
 *
 * <p>Arguments: milliseconds to warm up, milliseconds to measure, and "spin" for one more thread
 * before everybody else that spins as a busy worker would, and whose turns are measured as a
 * worker's.
 */
final class PauseProbe {
    /** What it prints when measuring begins. */
    static final String BEGINS = "measuring";

    private static final int DIGITS = 2;
    private static final long PERIOD_NANOS = 1_000_000;
    private static final int SLEEPER_PRIORITY = 2;
    private static final int SPINNER_PRIORITY = 1;

    // Less rest, and the kernel would take 50 ms of each second for others.
    private static final long SPIN_NANOS = 3_700_000;
    private static final long REST_NANOS = 300_000;

    private final long from;
    private final long until;

    private PauseProbe(long from, long until) {
        this.from = from;
        this.until = until;
    }

    public static void main(String[] arguments) throws Exception {
        long from = System.nanoTime() + Long.parseLong(arguments[0]) * 1_000_000;
        long until = from + Long.parseLong(arguments[1]) * 1_000_000;
        PauseProbe probe = new PauseProbe(from, until);
        List<Sleeper> first = new ArrayList<>();
        List<Sleeper> equal = new ArrayList<>();
        for (int cpu : CpuAffinity.allowed()) {
            first.add(probe.new Sleeper(cpu, true));
            equal.add(probe.new Sleeper(cpu, false));
        }
        Spinner spinner = arguments.length > 2 ? probe.new Spinner() : null;
        Thread.sleep(Math.max(0, (from - System.nanoTime()) / 1_000_000));
        System.out.println(BEGINS);
        System.out.println("first " + line(first));
        System.out.println("equal " + line(equal));
        if (spinner != null) {
            spinner.thread.join();
            List<Long> nanos = spinner.sums().nanos();
            System.out.println(
                    "spun " + String.join(" ", nanos.stream().map(String::valueOf).toList()));
        }
    }

    private static String line(List<Sleeper> sleepers) throws InterruptedException {
        Histogram all = new Histogram(DIGITS);
        for (Sleeper sleeper : sleepers) {
            sleeper.thread.join();
            all.add(sleeper.lateness);
        }
        return "ns: p99.99 %d longest %d"
                .formatted(all.getValueAtPercentile(99.99), all.getMaxValue());
    }

    // By default the kernel lets a timer be 50 us late, for the sake of power.
    private static void wakePunctually() throws IOException {
        Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
        Files.writeString(Path.of("/proc").resolve(thread).resolve("timerslack_ns"), "1");
    }

    private static void fail(Exception e) {
        System.out.println("the probe failed: " + e.getMessage());
        System.exit(1);
    }

    /** A thread that sleeps and takes down how late it wakes up. */
    private final class Sleeper {
        private final Histogram lateness = new Histogram(DIGITS);
        private final int cpu;
        private final boolean first;
        private final Thread thread;

        Sleeper(int cpu, boolean first) {
            this.cpu = cpu;
            this.first = first;
            this.thread = Thread.ofPlatform().start(this::run);
        }

        private void run() {
            try {
                CpuAffinity.pin(cpu);
                if (first) {
                    ThreadScheduling.realTime(SLEEPER_PRIORITY);
                }
                wakePunctually();
            } catch (IOException e) {
                fail(e);
            }
            long now = System.nanoTime();
            while (now < until) {
                long due = now + PERIOD_NANOS;
                LockSupport.parkNanos(PERIOD_NANOS);
                now = System.nanoTime();
                if (due >= from && now >= due) {
                    lateness.recordValue(now - due);
                }
            }
        }
    }

    /** A thread that spins. */
    private final class Spinner {
        private final Thread thread = Thread.ofPlatform().start(this::run);
        private volatile WorkerMeter meter = new WorkerMeter(System.nanoTime());

        private void run() {
            try {
                ThreadScheduling.realTime(SPINNER_PRIORITY);
            } catch (SystemCallException e) {
                fail(e);
            }
            long now = System.nanoTime();
            long rested = now;
            boolean warm = false;
            while (now < until) {
                if (!warm && now >= from) {
                    warm = true;
                    meter = new WorkerMeter(now);
                }
                meter.turn(now, true);
                if (now - rested > SPIN_NANOS) {
                    meter.sleep(now, REST_NANOS);
                    LockSupport.parkNanos(REST_NANOS);
                    rested = System.nanoTime();
                }
                now = System.nanoTime();
            }
        }

        DurationSums sums() {
            return meter.read().turnSums();
        }
    }
}
