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
        description = {
            "Shows the daemon of this network namespace, what it captures and, if it runs by a"
                    + " configuration, its role, its services and their real servers."
        },
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "The daemon's control socket, if it is not in its usual place.")
    private @Nullable String socket;

    @Option(names = "--json", description = "Prints it as JSON.")
    private boolean json;

    @Override
    public Integer call() throws CommandFailure {
        String type = json ? "application/json" : "text/plain";
        DaemonQuery.print(socket, "/v1/status", type, spec.commandLine().getOut());
        return 0;
    }
}
