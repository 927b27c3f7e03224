package io.weir.control.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

import java.util.List;
import java.util.concurrent.Callable;

/** weir mark. */
@Command(
        name = "mark",
        description = {
            "Shows and changes the rules that give packets firewall marks.",
            "A rule is: tcp|udp|sctp|any to ADDRESS[/LENGTH] [port PORT[-PORT],...]"
                    + " [from ADDRESS[/LENGTH]] mark MARK[/MASK]"
        },
        mixinStandardHelpOptions = true)
final class MarkCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            scope = ScopeType.INHERIT,
            description = "The daemon's control socket, if it is not in its usual place.")
    private @Nullable String socket;

    /** Without a subcommand, the rules are shown. */
    @Override
    public Integer call() throws CommandFailure {
        return list();
    }

    @Command(description = "Shows the rules in their order; the last one that matches counts.")
    int list() throws CommandFailure {
        spec.commandLine().getOut().print(request().list());
        spec.commandLine().getOut().flush();
        return 0;
    }

    @Command(description = "Puts a rule behind those there are.")
    int add(@Parameters(paramLabel = "RULE", arity = "1..*") List<String> words)
            throws CommandFailure {
        request().send("POST", "rule", String.join(" ", words));
        return 0;
    }

    @Command(description = "Takes a rule away.")
    int delete(@Parameters(paramLabel = "RULE", arity = "1..*") List<String> words)
            throws CommandFailure {
        request().delete(String.join(" ", words));
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
    int replace(@Parameters(paramLabel = "FILE") String file) throws CommandFailure {
        request().replace(file, "marks file");
        return 0;
    }

    private RuleRequest request() {
        return new RuleRequest(socket, "/v1/marks");
    }
}
