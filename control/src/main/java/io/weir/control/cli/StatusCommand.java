package io.weir.control.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/** weir status. */
@Command(
        name = "status",
        description = "Shows the daemon of this network namespace and what it captures.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "The daemon's control socket, if it is not in its usual place.")
    private @Nullable String socket;

    @Override
    public Integer call() throws CommandFailure {
        DaemonQuery.print(socket, "/v1/status", spec.commandLine().getOut());
        return 0;
    }
}
