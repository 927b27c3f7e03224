package io.weir.control.router;

import io.weir.control.config.Configuration;
import io.weir.control.config.PushConfig;
import io.weir.control.event.Event;
import io.weir.control.event.EventHub;
import io.weir.control.push.ConfigurationRefusedException;
import io.weir.control.push.ConfigurationStore;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** A router and the file that it runs by. Any thread. */
public final class ConfiguredRouter implements ConfigurationStore, AutoCloseable {
    private final Router router;
    private final ConfigurationFile file;
    private final EventHub events;
    private final InstantSource clock;
    private final PushChannel channel;
    private volatile Loaded loaded = new Loaded(Configuration.EMPTY, "", Instant.EPOCH);

    /**
     * A configuration in force.
     *
     * @param text what was read
     * @param since when it was taken
     */
    public record Loaded(Configuration configuration, String text, Instant since) {}

    private ConfiguredRouter(
            Router router, ConfigurationFile file, EventHub events, InstantSource clock) {
        this.router = router;
        this.file = file;
        this.events = events;
        this.clock = clock;
        this.channel = new PushChannel(this, events);
    }

    /**
     * Starts a router by a file.
     *
     * @param first what the file said just now
     * @throws RouterRefusal if what it says cannot be had here; nothing is left behind
     */
    public static ConfiguredRouter start(
            RouterBalancer balancer,
            RouterParts parts,
            ConfigurationFile file,
            ConfigurationFile.Content first,
            EventHub events,
            InstantSource clock)
            throws RouterRefusal {
        Router router = Router.start(balancer, parts, events, clock);
        ConfiguredRouter configured = new ConfiguredRouter(router, file, events, clock);
        try {
            configured.take(first, true);
            return configured;
        } catch (RouterRefusal | RuntimeException e) {
            configured.close();
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
            Configuration before = loaded.configuration;
            String summary = take(file.read(), true);
            PushConfig push = loaded.configuration.push();
            if (push != null && push.automatic() && !loaded.configuration.equals(before)) {
                background("weir-push", this::pushOn);
            }
            return summary;
        } catch (RouterRefusal e) {
            event("refused", String.valueOf(e.getMessage()).replace("\n", "; "));
            throw e;
        }
    }

    private void pushOn() {
        try {
            event("pushed", channel.push(false));
        } catch (RouterRefusal e) {
            event("failed", "it was not pushed: " + e.getMessage());
        }
    }

    private static void background(String name, Runnable work) {
        Thread.ofPlatform().daemon().name(name).start(work);
    }

    // The channel cannot be closed by a request that came through it.
    private synchronized String take(ConfigurationFile.Content content, boolean channelToo)
            throws RouterRefusal {
        Configuration before = loaded.configuration;
        Configuration wanted = content.configuration();
        router.apply(wanted);
        try {
            if (channelToo) {
                channel.configure(wanted.push());
            }
        } catch (IOException e) {
            router.apply(before);
            throw new RouterRefusal(String.valueOf(e.getMessage()), e);
        }
        loaded = new Loaded(wanted, content.text(), clock.instant());
        String summary = summary(wanted, wanted.equals(before));
        event("applied", channelToo ? summary : summary + ", by the partner");
        return summary;
    }

    private String summary(Configuration wanted, boolean same) {
        int services = wanted.services().size();
        int servers =
                wanted.services().stream().mapToInt(service -> service.servers().size()).sum();
        return file.path()
                + ", serial number "
                + wanted.serial()
                + (same ? ", has not changed: " : ", is in force: ")
                + services
                + (services == 1 ? " service, " : " services, ")
                + servers
                + (servers == 1 ? " real server" : " real servers");
    }

    private void event(String state, String detail) {
        events.publish(
                new Event(clock.instant(), Event.Kind.CONFIGURATION, List.of(), state, detail));
    }

    /**
     * Gives the partner the configuration in force.
     *
     * @param force the partner is to take it even if its own is newer
     * @return what the partner said
     * @throws RouterRefusal if it did not take it
     */
    public String push(boolean force) throws RouterRefusal {
        String answer = channel.push(force);
        event("pushed", answer);
        return answer;
    }

    @Override
    public Held held() {
        Loaded now = loaded;
        return new Held(now.configuration.serial(), now.text);
    }

    @Override
    public int serialOf(String source, String text) throws ConfigurationRefusedException {
        try {
            return file.parse(source, text).serial();
        } catch (RouterRefusal e) {
            throw new ConfigurationRefusedException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public synchronized void replace(String source, String text)
            throws ConfigurationRefusedException {
        Loaded before = loaded;
        try {
            Configuration wanted = file.parse(source, text);
            file.write(
                    text,
                    () -> take(new ConfigurationFile.Content(wanted, text), false),
                    () ->
                            take(
                                    new ConfigurationFile.Content(
                                            before.configuration, before.text),
                                    false));
        } catch (RouterRefusal e) {
            // The channel that it came through tells it.
            throw new ConfigurationRefusedException(String.valueOf(e.getMessage()), e);
        }
        background("weir-push-channel", this::followChannel);
    }

    private void followChannel() {
        try {
            channel.configure(loaded.configuration.push());
        } catch (IOException e) {
            event("failed", String.valueOf(e.getMessage()));
        }
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
        channel.close();
        router.close();
    }
}
