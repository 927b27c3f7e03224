package io.weir.control.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;

/** weir maintenance. */
@Command(
        name = "maintenance",
        description = {
            "Keeps the active role away from this router, or ends that.",
            "An active router gives the role to its partner first."
        },
        mixinStandardHelpOptions = true)
final class MaintenanceCommand implements Callable<Integer> {
    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "The daemon's control socket, if it is not in its usual place.")
    private @Nullable String socket;

    @Parameters(paramLabel = "on|off", description = "Whether the router is to stay away.")
    private State state = State.OFF;

    /** What picocli reads in either case. */
    private enum State {
        ON,
        OFF
    }

    @Override
    public Integer call() throws CommandFailure {
        String body = "{\"on\": " + (state == State.ON) + "}";
        DaemonRequest.send(socket, "PUT", "/v1/maintenance", body.getBytes(StandardCharsets.UTF_8));
        return 0;
    }
}
