package io.weir.control.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import java.util.List;

/** weir mark. */
@Command(
        name = "mark",
        description = {
            "Shows and changes the rules that give packets firewall marks.",
            "A rule is: tcp|udp|sctp|any to ADDRESS[/LENGTH] [port PORT[-PORT],...]"
                    + " [from ADDRESS[/LENGTH]] mark MARK[/MASK]",
            "Of several that match, the last one counts."
        },
        mixinStandardHelpOptions = true)
final class MarkCommand extends RuleListCommand {
    MarkCommand() {
        super("/v1/marks", "marks file");
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
}
