package io.weir.control.router;

import io.weir.control.config.Configuration;
import io.weir.control.event.Event;
import io.weir.control.event.EventHub;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** A router and the file that it runs by. Any thread. */
public final class ConfiguredRouter implements AutoCloseable {
    private final Router router;
    private final ConfigurationFile file;
    private final EventHub events;
    private final InstantSource clock;
    private volatile Loaded loaded = new Loaded(Configuration.EMPTY, Instant.EPOCH);

    /**
     * A configuration in force.
     *
     * @param since when it was taken
     */
    public record Loaded(Configuration configuration, Instant since) {}

    private ConfiguredRouter(
            Router router, ConfigurationFile file, EventHub events, InstantSource clock) {
        this.router = router;
        this.file = file;
        this.events = events;
        this.clock = clock;
    }

    /**
     * Starts a router by a file.
     *
     * @throws RouterRefusal if the file has mistakes or cannot be had here; nothing is left behind
     */
    public static ConfiguredRouter start(
            RouterBalancer balancer,
            RouterParts parts,
            ConfigurationFile file,
            EventHub events,
            InstantSource clock)
            throws RouterRefusal {
        Configuration first = file.read().configuration();
        Router router = Router.start(balancer, parts, events, clock);
        ConfiguredRouter configured = new ConfiguredRouter(router, file, events, clock);
        try {
            configured.take(first);
            return configured;
        } catch (RouterRefusal | RuntimeException e) {
            router.close();
            throw e;
        }
    }

    /**
     * Reads the file again and goes over to what it says.
     *
     * @return what is in force now, one line
     * @throws RouterRefusal with a line for each mistake; what was in force stays
     */
    public synchronized String reload() throws RouterRefusal {
        try {
            return take(file.read().configuration());
        } catch (RouterRefusal e) {
            event("refused", String.valueOf(e.getMessage()).replace('\n', ';'));
            throw e;
        }
    }

    private synchronized String take(Configuration wanted) throws RouterRefusal {
        boolean same = wanted.equals(loaded.configuration);
        router.apply(wanted);
        loaded = new Loaded(wanted, clock.instant());
        int services = wanted.services().size();
        int servers =
                wanted.services().stream().mapToInt(service -> service.servers().size()).sum();
        String summary =
                file.path()
                        + ", serial number "
                        + wanted.serial()
                        + (same ? ", has not changed: " : ", is in force: ")
                        + services
                        + (services == 1 ? " service, " : " services, ")
                        + servers
                        + (servers == 1 ? " real server" : " real servers");
        event("applied", summary);
        return summary;
    }

    private void event(String state, String detail) {
        events.publish(
                new Event(clock.instant(), Event.Kind.CONFIGURATION, List.of(), state, detail));
    }

    public Router router() {
        return router;
    }

    public EventHub events() {
        return events;
    }

    public Path file() {
        return file.path();
    }

    public Loaded loaded() {
        return loaded;
    }

    @Override
    public void close() {
        router.close();
    }
}
