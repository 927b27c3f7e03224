package io.weir.control.daemon;

import io.weir.control.check.ServerHealth;
import io.weir.control.config.Configuration;
import io.weir.control.config.ServiceConfig;
import io.weir.control.event.EventHub;
import io.weir.control.event.EventLog;
import io.weir.control.ipvsadm.Names;
import io.weir.control.lvscf.LvsCf;
import io.weir.control.lvscf.LvsCfException;
import io.weir.control.router.ConfigurationFile;
import io.weir.control.router.ConfiguredRouter;
import io.weir.control.router.RouterRefusal;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** A daemon's router, with the log of its events. */
final class ConfiguredDaemon implements AutoCloseable {
    private static final Logger LOG = System.getLogger("weir");

    private final ConfiguredRouter router;
    private final EventLog log;

    private ConfiguredDaemon(ConfiguredRouter router, EventLog log) {
        this.router = router;
        this.log = log;
    }

    /**
     * Starts a router by a file and lets SIGHUP read it again.
     *
     * @param file null for a balancer alone
     * @param known what the process before has known of real servers
     * @throws IOException with a line for each mistake of the file, or one that says what is
     *     missing; nothing is left behind
     */
    static @Nullable ConfiguredDaemon start(
            @Nullable Path file, LiveBalancer balancer, Names names, List<ServerHealth> known)
            throws IOException {
        if (file == null) {
            return null;
        }
        EventHub events = new EventHub();
        EventLog log = new EventLog(LOG);
        events.listen(log);
        try {
            ConfiguredRouter router =
                    ConfiguredRouter.start(
                            balancer,
                            new LiveParts(balancer.steeringLinks(), known),
                            new ConfigurationFile(
                                    file, (source, text) -> read(source, text, names)),
                            events,
                            InstantSource.system());
            HangUpSignal.handle(() -> reload(router));
            return new ConfiguredDaemon(router, log);
        } catch (RouterRefusal e) {
            log.close();
            throw new IOException(e.getMessage(), e);
        }
    }

    /** The services of a file; none if it cannot be read, which {@link #start} then tells. */
    static List<ServiceConfig> services(@Nullable Path file, Names names) {
        if (file == null) {
            return List.of();
        }
        try {
            String text = Files.readString(file);
            return LvsCf.inspect(file.toString(), text, names).configuration().services();
        } catch (IOException | LvsCfException e) {
            return List.of();
        }
    }

    ConfiguredRouter router() {
        return router;
    }

    @Override
    public void close() {
        router.close();
        log.close();
    }

    private static Configuration read(String source, String text, Names names)
            throws RouterRefusal {
        try {
            LvsCf.Reading reading = LvsCf.inspect(source, text, names);
            reading.notes().forEach(note -> LOG.log(Level.INFO, note));
            return reading.configuration();
        } catch (LvsCfException e) {
            throw new RouterRefusal(e.text());
        }
    }

    // Whoever sends a signal gets no answer: what was wrong is in the log.
    private static void reload(ConfiguredRouter router) {
        try {
            router.reload();
        } catch (RouterRefusal e) {
            LOG.log(Level.ERROR, "the configuration is refused, the one of before stays in force:");
            String.valueOf(e.getMessage()).lines().forEach(line -> LOG.log(Level.ERROR, line));
        }
    }
}
