package io.weir.control.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/** weir counters. */
@Command(
        name = "counters",
        description = "Shows what the daemon has counted: totals, ports, and drops by reason.",
        mixinStandardHelpOptions = true)
final class CountersCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--all", description = "Show drop reasons that never occurred too.")
    private boolean all;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "The daemon's control socket, if it is not in its usual place.")
    private @Nullable String socket;

    @Override
    public Integer call() throws CommandFailure {
        String target = all ? "/v1/counters?all=true" : "/v1/counters";
        DaemonQuery.print(socket, target, spec.commandLine().getOut());
        return 0;
    }
}
