package io.weir.control;

import io.weir.dataplane.io.PacketWaiter;
import io.weir.dataplane.worker.Worker;
import io.weir.dataplane.worker.WorkerMeter;
import io.weir.dataplane.worker.WorkerTimes;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread that runs a worker: after the last packet it goes on looking for the next as long as
 * {@link AdaptivePolling} says and then sleeps until it comes, so that a busy balancer pays no
 * system call to wait and an idle one no CPU. One that goes before everybody else on its CPU keeps
 * to {@link RealTimePace} instead.
 */
final class WorkerThread {
    // Who else is to run on this CPU, the receiver of a packet just sent perhaps, would else wait
    // for the end of the worker's time slice: milliseconds.
    private static final int TURNS_UNTIL_YIELD = 8;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Worker worker;
    private final PacketWaiter waiter;
    private final CycleClock clock;
    private final WorkerMeter meter;
    private final Runnable beforehand;
    private final boolean realTime;
    private final CountDownLatch attached = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean stopping;

    private WorkerThread(
            String name,
            Worker worker,
            PacketWaiter waiter,
            CycleClock clock,
            Runnable beforehand,
            boolean realTime) {
        this.worker = worker;
        this.waiter = waiter;
        this.clock = clock;
        this.meter = new WorkerMeter(clock.now());
        this.beforehand = beforehand;
        this.realTime = realTime;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    /**
     * Starts a worker.
     *
     * @param clock the one the worker reads
     * @param beforehand what the thread does first
     * @param realTime whether nobody else runs on its CPU after that while it does not sleep
     */
    static WorkerThread start(
            String name,
            Worker worker,
            PacketWaiter waiter,
            CycleClock clock,
            Runnable beforehand,
            boolean realTime) {
        WorkerThread started = new WorkerThread(name, worker, waiter, clock, beforehand, realTime);
        started.thread.start();
        try {
            started.attached.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return started;
    }

    private void run() {
        beforehand.run();
        worker.commands().attach(waiter::wake);
        attached.countDown();
        try {
            if (realTime) {
                loopBeforeOthers();
            } else {
                loop();
            }
        } finally {
            worker.commands().detach();
        }
    }

    private void loop() {
        AdaptivePolling polling = new AdaptivePolling();
        CpuRivals rivals = new CpuRivals(clock.now());
        int idleTurns = 0;
        while (!stopping) {
            boolean worked = worker.runOnce() > 0;
            meter.turn(clock.cycleBegan(), worked);
            if (worked) {
                if (idleTurns > 0) {
                    polling.busy(clock.now());
                    idleTurns = 0;
                }
                continue;
            }
            long now = clock.now();
            if (idleTurns++ == 0) {
                polling.idle(now);
            }
            if (rivals.among(now) || !polling.looksOn(now)) {
                sleep(now);
            } else if (idleTurns % TURNS_UNTIL_YIELD == 0) {
                letOthersRun();
                rivals.letRun(now, clock.now());
            } else {
                Thread.onSpinWait();
            }
        }
    }

    private void loopBeforeOthers() {
        RealTimePace pace = new RealTimePace(clock.now());
        while (!stopping) {
            boolean worked = worker.runOnce() > 0;
            long began = clock.cycleBegan();
            meter.turn(began, worked);
            if (!worked) {
                sleep(clock.now());
                pace.goesOn(clock.now());
            } else if (pace.restIsDue(began)) {
                LockSupport.parkNanos(RealTimePace.REST_NANOS);
                pace.goesOn(clock.now());
            }
        }
    }

    private void sleep(long now) {
        long nanos = worker.quietMillis() * NANOS_PER_MILLI;
        meter.sleep(now, nanos);
        waiter.await(nanos);
    }

    // Nothing depends on the scheduler's taking the hint.
    @SuppressWarnings("ThreadPriorityCheck")
    private static void letOthersRun() {
        Thread.yield();
    }

    /** How the worker has spent its time; any thread. */
    WorkerTimes times() {
        return meter.read();
    }

    /** Stops the worker and waits for its end. */
    void stop() {
        stopping = true;
        waiter.wake();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
