package io.weir.control.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/** weir reload. */
@Command(
        name = "reload",
        description = {
            "Has the router read its configuration again and go over to what it says: exactly the"
                    + " difference takes effect.",
            "A file with a mistake is refused as a whole; what was in force stays."
        },
        mixinStandardHelpOptions = true)
final class ReloadCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Mixin private SocketOption socket = new SocketOption();

    @Override
    public Integer call() throws CommandFailure {
        String answer = DaemonRequest.send(socket.path(), "POST", "/v1/reload", null);
        spec.commandLine().getOut().println(DaemonRequest.field(answer, "summary").asString());
        return 0;
    }
}
