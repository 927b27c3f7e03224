package io.weir.control.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
    @Mixin private SocketOption socket = new SocketOption();

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
        DaemonRequest.send(
                socket.path(), "PUT", "/v1/maintenance", body.getBytes(StandardCharsets.UTF_8));
        return 0;
    }
}
