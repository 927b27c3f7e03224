package io.weir.control.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Mixin private SocketOption socket = new SocketOption();

    @Option(names = "--json", description = "Prints it as JSON.")
    private boolean json;

    @Override
    public Integer call() throws CommandFailure {
        String type = json ? "application/json" : "text/plain";
        DaemonQuery.print(socket.path(), "/v1/status", type, spec.commandLine().getOut());
        return 0;
    }
}
