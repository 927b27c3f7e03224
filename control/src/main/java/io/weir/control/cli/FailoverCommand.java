package io.weir.control.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/** weir failover. */
@Command(
        name = "failover",
        description = "Gives the active role to the partner, once.",
        mixinStandardHelpOptions = true)
final class FailoverCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Mixin private SocketOption socket = new SocketOption();

    @Override
    public Integer call() throws CommandFailure {
        DaemonRequest.send(socket.path(), "POST", "/v1/failover", null);
        spec.commandLine().getOut().println("the partner takes over; weir status shows it");
        return 0;
    }
}
