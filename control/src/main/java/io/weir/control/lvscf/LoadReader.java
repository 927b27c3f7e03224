package io.weir.control.lvscf;

import io.weir.control.config.LoadConfig;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads where the load of a real server comes from. */
final class LoadReader {
    /** nanny adjusts a weight one time in so long, if it checks more often than that. */
    private static final Duration ADJUSTMENT = Duration.ofSeconds(20);

    private static final Duration LEAST = Duration.ofMillis(100);

    private final Values values;
    private final String remoteShell;

    /**
     * Makes a reader.
     *
     * @param remoteShell what runs uptime on the real server, rsh or ssh
     */
    LoadReader(Values values, String remoteShell) {
        this.values = values;
        this.remoteShell = remoteShell;
    }

    /** The load of a server; null if it is not watched. */
    @Nullable LoadConfig read(Section server, CheckTarget target) {
        List<String> words = server.read("load_monitor", List.of("none"), Values::command);
        String tool = words.size() == 1 ? words.getFirst() : "";
        Duration timeout = NannyCheck.timeout(server);
        Duration period = server.read("load_interval", period(timeout), Values.seconds(LEAST));
        Duration limit = server.read("load_timeout", timeout, Values.seconds(LEAST));
        int port = server.read("load_port", 0, values.port(target.protocol(), 1));
        return switch (tool) {
            case "none" -> null;
            case "http" ->
                    new LoadConfig(
                            LoadConfig.Source.HTTP,
                            List.of(),
                            server.read("load_path", "/", Values::word),
                            port == 0 ? httpPort(server, target) : port,
                            period,
                            limit);
            case "agent" -> {
                if (port == 0) {
                    server.fault("load_monitor", "the port of the agent is missing: load_port");
                }
                yield new LoadConfig(LoadConfig.Source.AGENT, List.of(), "", port, period, limit);
            }
            default ->
                    new LoadConfig(
                            LoadConfig.Source.COMMAND, command(tool, words), "", 0, period, limit);
        };
    }

    private static int httpPort(Section server, CheckTarget target) {
        if (target.port() == 0) {
            server.fault("load_monitor", "the port to ask for the load is missing: load_port");
        }
        return target.port();
    }

    private List<String> command(String tool, List<String> words) {
        return switch (tool) {
            case "rup" -> List.of("rup", "%h");
            case "ruptime" -> List.of("ruptime", "%h");
            case "uptime" -> List.of(remoteShell, "%h", "uptime");
            default -> {
                List<String> command = new ArrayList<>(words);
                if (!command.contains("%h")) {
                    command.add("%h");
                }
                yield command;
            }
        };
    }

    /** As often as nanny: with every check, or with so many that they fill twenty seconds. */
    private static Duration period(Duration timeout) {
        return timeout.compareTo(ADJUSTMENT) > 0
                ? timeout
                : timeout.multipliedBy(ADJUSTMENT.dividedBy(timeout));
    }
}
