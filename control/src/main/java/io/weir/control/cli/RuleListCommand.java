package io.weir.control.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/** What the commands for a list of rules in the daemon have in common. */
abstract class RuleListCommand implements Callable<Integer> {
    private final String path;
    private final String file;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            scope = ScopeType.INHERIT,
            description = "The daemon's control socket, if it is not in its usual place.")
    private @Nullable String socket;

    /**
     * @param path of the rules in the API
     * @param file what a file of such rules is called in messages
     */
    RuleListCommand(String path, String file) {
        this.path = path;
        this.file = file;
    }

    /** Without a subcommand, the rules are shown. */
    @Override
    public Integer call() throws CommandFailure {
        return list();
    }

    @Command(description = "Shows the rules in their order.")
    int list() throws CommandFailure {
        spec.commandLine().getOut().print(request().list());
        spec.commandLine().getOut().flush();
        return 0;
    }

    @Command(description = "Takes all rules away.")
    int flush() throws CommandFailure {
        request().flush();
        return 0;
    }

    @Command(
            description =
                    "Puts the rules of a file, which may be of iptables-save, in the place of all"
                            + " there are, at once; - reads the standard input.")
    int replace(@Parameters(paramLabel = "FILE") String name) throws CommandFailure {
        request().replace(name, file);
        return 0;
    }

    final RuleRequest request() {
        return new RuleRequest(socket, path);
    }
}
