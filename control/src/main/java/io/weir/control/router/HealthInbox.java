package io.weir.control.router;

import io.weir.control.check.Health;
import io.weir.control.check.HealthListener;
import io.weir.control.check.ServerKey;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What checks have found out and the router has not looked at yet. Of each server the last of each
 * kind of news is kept, so it never holds more than there are servers. Any thread.
 */
final class HealthInbox implements HealthListener {
    private final Runnable wake;
    private Map<ServerKey, News> waiting = new LinkedHashMap<>();

    /**
     * News of a server, null for what there is none of.
     *
     * @param detail what the check saw that decided
     */
    record News(
            @Nullable Health health,
            String detail,
            @Nullable Double load,
            @Nullable Integer weight) {
        private static final News NONE = new News(null, "", null, null);
    }

    /**
     * Makes an empty one.
     *
     * @param wake called when there is something to take, and not again until it was taken
     */
    HealthInbox(Runnable wake) {
        this.wake = wake;
    }

    @Override
    public void healthChanged(ServerKey server, Health health, String detail) {
        put(server, news -> new News(health, detail, news.load, news.weight));
    }

    @Override
    public void loadMeasured(ServerKey server, double load) {
        put(server, news -> new News(news.health, news.detail, load, news.weight));
    }

    @Override
    public void weightDemanded(ServerKey server, int weight) {
        put(server, news -> new News(news.health, news.detail, news.load, weight));
    }

    private void put(ServerKey server, UnaryOperator<News> change) {
        boolean first;
        synchronized (this) {
            first = waiting.isEmpty();
            waiting.put(server, change.apply(waiting.getOrDefault(server, News.NONE)));
        }
        if (first) {
            wake.run();
        }
    }

    /** Everything that waits, in the order in which its servers were first heard of. */
    synchronized Map<ServerKey, News> take() {
        Map<ServerKey, News> taken = waiting;
        waiting = new LinkedHashMap<>();
        return taken;
    }
}
