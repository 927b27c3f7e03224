package io.weir.control;

import io.weir.dataplane.io.PacketWaiter;
import io.weir.dataplane.worker.Worker;

import java.util.concurrent.CountDownLatch;

/**
 * The thread that runs a worker: it spins for a short while after the last packet and then sleeps
 * until the next, so that a busy balancer pays no system call to wait and an idle one no CPU.
 */
final class WorkerThread {
    private static final long SPIN_NANOS = 50_000;
    // The expiry wheel and slow work want a look now and then; a tick of 10 ms is fine enough.
    private static final long LONGEST_SLEEP_NANOS = 10_000_000;

    private final Worker worker;
    private final PacketWaiter waiter;
    private final Runnable beforehand;
    private final CountDownLatch attached = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean stopping;

    private WorkerThread(String name, Worker worker, PacketWaiter waiter, Runnable beforehand) {
        this.worker = worker;
        this.waiter = waiter;
        this.beforehand = beforehand;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    /**
     * Starts a worker.
     *
     * @param beforehand what the thread does first
     */
    static WorkerThread start(
            String name, Worker worker, PacketWaiter waiter, Runnable beforehand) {
        WorkerThread started = new WorkerThread(name, worker, waiter, beforehand);
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
            loop();
        } finally {
            worker.commands().detach();
        }
    }

    private void loop() {
        long lastWork = System.nanoTime();
        while (!stopping) {
            if (worker.runOnce() > 0) {
                lastWork = System.nanoTime();
            } else if (System.nanoTime() - lastWork > SPIN_NANOS) {
                waiter.await(LONGEST_SLEEP_NANOS);
            } else {
                Thread.onSpinWait();
            }
        }
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
