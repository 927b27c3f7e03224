package io.weir.control.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Mixin private SocketOption socket = new SocketOption();

    @Override
    public Integer call() throws CommandFailure {
        String target = all ? "/v1/counters?all=true" : "/v1/counters";
        DaemonQuery.print(socket.path(), target, spec.commandLine().getOut());
        return 0;
    }
}
