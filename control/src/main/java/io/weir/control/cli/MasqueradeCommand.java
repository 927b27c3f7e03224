package io.weir.control.cli;

import picocli.CommandLine.Command;

/** weir masquerade. */
@Command(
        name = "masquerade",
        description = {
            "Shows and replaces the rules that hide connections of real servers behind an address.",
            "A rule is: tcp|udp|any ADDRESS[/LENGTH] [sport PORT] [to ADDRESS[/LENGTH]] behind"
                    + " ADDRESS|interface",
            "Of several that match, the first one counts."
        },
        mixinStandardHelpOptions = true)
final class MasqueradeCommand extends RuleListCommand {
    MasqueradeCommand() {
        super("/v1/masquerade", "masquerading file");
    }
}
