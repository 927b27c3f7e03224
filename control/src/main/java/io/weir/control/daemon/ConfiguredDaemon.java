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

    /** A file that has been read. */
    record Source(ConfigurationFile file, ConfigurationFile.Content content) {
        List<ServiceConfig> services() {
            return content.configuration().services();
        }
    }

    /**
     * Reads a file.
     *
     * @param path null for a balancer alone
     * @throws IOException with a line for each mistake of the file
     */
    static @Nullable Source read(@Nullable Path path, Names names) throws IOException {
        if (path == null) {
            return null;
        }
        try {
            ConfigurationFile file =
                    new ConfigurationFile(path, (source, text) -> read(source, text, names));
            return new Source(file, file.read());
        } catch (RouterRefusal e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * Starts a router by a file that has just been read, and lets SIGHUP read it again.
     *
     * @param source null for a balancer alone
     * @param known what the process before has known of real servers
     * @throws IOException with one line that says what is missing; nothing is left behind
     */
    static @Nullable ConfiguredDaemon start(
            @Nullable Source source, LiveBalancer balancer, List<ServerHealth> known)
            throws IOException {
        if (source == null) {
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
                            source.file,
                            source.content,
                            events,
                            InstantSource.system());
            if (!HangUpSignal.handle(() -> reload(router))) {
                LOG.log(
                        Level.WARNING,
                        "SIGHUP is ignored, as weir was started so (nohup does that): weir reload"
                                + " reads the configuration again");
            }
            return new ConfiguredDaemon(router, log);
        } catch (RouterRefusal e) {
            log.close();
            throw new IOException(e.getMessage(), e);
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
