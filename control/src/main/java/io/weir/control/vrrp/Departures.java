package io.weir.control.vrrp;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Who waits for which virtual routers to have given their role away. Owned by the failover thread.
 */
final class Departures {
    private final List<Departure> waiting = new ArrayList<>();

    private static final class Departure {
        final Set<RouterGroup> left;
        final CompletableFuture<Boolean> end;
        boolean allTaken = true;

        Departure(Set<RouterGroup> left, CompletableFuture<Boolean> end) {
            this.left = left;
            this.end = end;
        }
    }

    /**
     * Waits for some.
     *
     * @param end completed when all are done, with true if another router took each; at once, with
     *     false, if there are none
     */
    void await(Set<RouterGroup> leaving, CompletableFuture<Boolean> end) {
        if (leaving.isEmpty()) {
            end.complete(false);
        } else {
            waiting.add(new Departure(new HashSet<>(leaving), end));
        }
    }

    /** One has left, or has come back. */
    void left(RouterGroup group, boolean taken) {
        List<Departure> over = new ArrayList<>();
        for (Departure departure : waiting) {
            if (departure.left.remove(group)) {
                departure.allTaken &= taken;
                if (departure.left.isEmpty()) {
                    over.add(departure);
                }
            }
        }
        waiting.removeAll(over);
        over.forEach(departure -> departure.end.complete(departure.allTaken));
    }

    /** Nobody will leave any more. */
    void end(@Nullable RuntimeException why) {
        for (Departure departure : waiting) {
            if (why == null) {
                departure.end.complete(false);
            } else {
                departure.end.completeExceptionally(why);
            }
        }
        waiting.clear();
    }
}
