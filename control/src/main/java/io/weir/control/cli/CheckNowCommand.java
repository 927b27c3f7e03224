package io.weir.control.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.util.concurrent.Callable;

/** weir check-now. */
@Command(
        name = "check-now",
        description = "Has every real server checked now, whatever its turn is.",
        mixinStandardHelpOptions = true)
final class CheckNowCommand implements Callable<Integer> {
    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "The daemon's control socket, if it is not in its usual place.")
    private @Nullable String socket;

    @Override
    public Integer call() throws CommandFailure {
        DaemonRequest.send(socket, "POST", "/v1/checks", null);
        return 0;
    }
}
