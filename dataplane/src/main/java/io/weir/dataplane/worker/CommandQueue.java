package io.weir.dataplane.worker;

import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Work that other threads have for the worker, at most {@value #CAPACITY} pieces of it. While no
 * worker thread is attached, the caller does the work itself.
 */
public final class CommandQueue {
    /** The most commands that wait. */
    public static final int CAPACITY = 1024;

    private static final int PER_CYCLE = 32;
    private static final long PATIENCE_SECONDS = 10;

    private final MpscVarHandleArrayQueue<Runnable> queue = new MpscVarHandleArrayQueue<>(CAPACITY);
    private volatile @Nullable Thread owner;
    private volatile Runnable wake = () -> {};

    /** Makes the calling thread the worker; {@code wakeUp} ends its sleep when work arrives. */
    public void attach(Runnable wakeUp) {
        wake = wakeUp;
        owner = Thread.currentThread();
    }

    /** The worker thread stops: from now on callers work themselves. Runs what is left. */
    public void detach() {
        owner = null;
        while (run() > 0) {
            // until none is left
        }
    }

    /** Runs commands; called by the worker. Returns how many. */
    int run() {
        int done = 0;
        while (done < PER_CYCLE) {
            Runnable command = queue.poll();
            if (command == null) {
                break;
            }
            command.run();
            done++;
        }
        return done;
    }

    /** Has something done without waiting for it; false if the queue is full. */
    public boolean post(Runnable command) {
        Thread thread = owner;
        if (thread == null || thread.equals(Thread.currentThread())) {
            command.run();
            return true;
        }
        boolean posted = queue.offer(command);
        wake.run();
        return posted;
    }

    /** Lets the worker look for work that waits elsewhere, if it sleeps. */
    void wake() {
        wake.run();
    }

    /**
     * Has something done and waits for its result.
     *
     * @throws IllegalStateException if the worker does not get to it in {@value #PATIENCE_SECONDS}
     *     seconds, or the queue is full
     */
    public <T extends @Nullable Object> T call(Supplier<T> command) {
        return await(submit(command));
    }

    /**
     * Has something done whose result is waited for later, by {@link #await}.
     *
     * @throws IllegalStateException if the queue is full
     */
    <T extends @Nullable Object> CompletableFuture<T> submit(Supplier<T> command) {
        CompletableFuture<T> result = new CompletableFuture<>();
        boolean posted =
                post(
                        () -> {
                            try {
                                result.complete(command.get());
                            } catch (RuntimeException failure) {
                                result.completeExceptionally(failure);
                            }
                        });
        if (!posted) {
            throw new IllegalStateException("the worker has too many commands waiting");
        }
        return result;
    }

    /**
     * Waits for a result.
     *
     * @throws IllegalStateException if it does not come in {@value #PATIENCE_SECONDS} seconds
     */
    static <T extends @Nullable Object> T await(CompletableFuture<T> result) {
        try {
            return result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the worker");
        } catch (TimeoutException late) {
            throw new IllegalStateException("the worker does not answer");
        } catch (ExecutionException failure) {
            throw new IllegalStateException(failure.getCause());
        }
    }
}
