package io.weir.control.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/** weir failover. */
@Command(
        name = "failover",
        description = "Gives the active role to the partner, once.",
        mixinStandardHelpOptions = true)
final class FailoverCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "The daemon's control socket, if it is not in its usual place.")
    private @Nullable String socket;

    @Override
    public Integer call() throws CommandFailure {
        DaemonRequest.send(socket, "POST", "/v1/failover", null);
        spec.commandLine().getOut().println("the partner takes over; weir status shows it");
        return 0;
    }
}
