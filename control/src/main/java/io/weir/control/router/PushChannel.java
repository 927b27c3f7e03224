package io.weir.control.router;

import io.weir.control.config.PushConfig;
import io.weir.control.event.EventSink;
import io.weir.control.push.ConfigurationStore;
import io.weir.control.push.PushClient;
import io.weir.control.push.PushServer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/** How this router and its partner give each other their configuration. Any thread. */
final class PushChannel implements AutoCloseable {
    private final ConfigurationStore store;
    private final EventSink events;
    private @Nullable PushConfig config;
    private @Nullable PushServer server;

    PushChannel(ConfigurationStore store, EventSink events) {
        this.store = store;
        this.events = events;
    }

    /**
     * Serves where another configuration says.
     *
     * @throws IOException if that is not possible; it goes on as before then
     */
    synchronized void configure(@Nullable PushConfig wanted) throws IOException {
        PushConfig before = config;
        if (wanted == null ? before == null : wanted.equals(before)) {
            return;
        }
        close();
        try {
            open(wanted);
        } catch (IOException e) {
            try {
                open(before);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    private void open(@Nullable PushConfig wanted) throws IOException {
        config = wanted;
        if (wanted != null && wanted.listen() != null) {
            server = PushServer.open(wanted, store, events);
        }
    }

    /**
     * Gives the partner the configuration in force.
     *
     * @param force the partner is to take it even if its own is newer
     * @return what the partner said
     * @throws RouterRefusal if it did not take it
     */
    String push(boolean force) throws RouterRefusal {
        PushConfig how;
        synchronized (this) {
            how = config;
        }
        if (how == null || how.partner() == null) {
            throw new RouterRefusal(
                    "the configuration names no partner to push to; see docs/lvs-cf.md");
        }
        try {
            PushClient.Answer answer = PushClient.push(how, store.held().text(), force);
            if (!answer.taken()) {
                throw new RouterRefusal("the partner refuses: " + answer.text().strip());
            }
            return answer.text().strip();
        } catch (IOException e) {
            throw new RouterRefusal(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public synchronized void close() {
        PushServer open = server;
        server = null;
        if (open != null) {
            open.close();
        }
    }
}
