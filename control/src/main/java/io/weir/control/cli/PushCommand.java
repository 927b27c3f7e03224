package io.weir.control.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/** weir push. */
@Command(
        name = "push",
        description = {
            "Gives the partner the configuration in force, over an authenticated channel.",
            "It is checked and applied there; a newer one there is not overwritten."
        },
        mixinStandardHelpOptions = true)
final class PushCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "The daemon's control socket, if it is not in its usual place.")
    private @Nullable String socket;

    @Option(
            names = "--force",
            description = "The partner takes it even if its own has a higher serial number.")
    private boolean force;

    @Override
    public Integer call() throws CommandFailure {
        String target = force ? "/v1/push?force=true" : "/v1/push";
        String answer = DaemonRequest.send(socket, "POST", target, null);
        spec.commandLine().getOut().println(DaemonRequest.field(answer, "summary").asString());
        return 0;
    }
}
