package io.weir.dataplane.worker;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The workers of a balancer. They have the same rules and know the same network, and each has its
 * own clients' connections.
 *
 * <p>Any thread. What is asked of all workers is asked by one thread after the other, so that every
 * worker is told of changes in the same order.
 */
public final class WorkerGroup {
    private static final long FULL_QUEUE_PARK_NANOS = 100_000;

    private final List<Worker> workers;

    /**
     * Makes a group.
     *
     * @param workers by their numbers, at least one
     */
    public WorkerGroup(List<Worker> workers) {
        this.workers = List.copyOf(workers);
    }

    public List<Worker> workers() {
        return workers;
    }

    /** The one that is asked what all of them know. */
    public Worker first() {
        return workers.getFirst();
    }

    /** Asks the first worker, on its thread. */
    <T extends @Nullable Object> T ask(Function<Worker, T> question) {
        Worker first = first();
        return first.commands().call(() -> question.apply(first));
    }

    /**
     * Has something done on every worker's thread and waits for all of them.
     *
     * @return the results by the workers' numbers
     */
    synchronized <T extends @Nullable Object> List<T> onEach(Function<Worker, T> command) {
        return on(workers, command);
    }

    private static <T extends @Nullable Object> List<T> on(
            List<Worker> some, Function<Worker, T> command) {
        List<CompletableFuture<T>> awaited = new ArrayList<>(some.size());
        for (Worker worker : some) {
            awaited.add(worker.commands().submit(() -> command.apply(worker)));
        }
        List<T> results = new ArrayList<>(some.size());
        for (CompletableFuture<T> one : awaited) {
            results.add(CommandQueue.await(one));
        }
        return results;
    }

    /**
     * Has a change made on every worker or on none: the first tries it, and the others, which have
     * the same rules, follow.
     *
     * @param accepts tells from a worker's result whether it has made the change
     * @param undo takes it back
     * @return the first worker's result, or that of another one that refused
     */
    synchronized <T> T change(
            Function<Worker, T> change, Predicate<T> accepts, Consumer<Worker> undo) {
        T result = ask(change);
        if (!accepts.test(result)) {
            return result;
        }
        List<T> results = on(workers.subList(1, workers.size()), change);
        for (T other : results) {
            if (!accepts.test(other)) {
                takeBack(results, accepts, undo);
                return other;
            }
        }
        return result;
    }

    private <T> void takeBack(List<T> others, Predicate<T> accepts, Consumer<Worker> undo) {
        List<Worker> made = new ArrayList<>(List.of(first()));
        for (int i = 0; i < others.size(); i++) {
            if (accepts.test(others.get(i))) {
                made.add(workers.get(i + 1));
            }
        }
        on(
                made,
                worker -> {
                    undo.accept(worker);
                    return worker;
                });
    }

    /**
     * Tells every worker news, which none of them may miss; waits for room, not for the workers.
     */
    public void tell(Consumer<Worker> news) {
        for (Worker worker : workers) {
            while (!worker.commands().post(() -> news.accept(worker))) {
                LockSupport.parkNanos(FULL_QUEUE_PARK_NANOS);
            }
        }
    }
}
