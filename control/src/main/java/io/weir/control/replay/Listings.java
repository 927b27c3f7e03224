package io.weir.control.replay;

import io.weir.control.Balancer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Listings in the order recordings have them. */
final class Listings {
    private static final int HEADER_LINES = 2;

    private Listings() {}

    /** ipvsadm -Ln as made from /proc/net/ip_vs, which does not tell a scheduler's flags. */
    static String services(ScenarioReplay.CommandRunner commands, Balancer balancer) {
        return commands.run(balancer, List.of("-Ln"), "").replaceAll("(?m) \\([a-z0-9,-]*\\)", "");
    }

    /** ipvsadm -Lnc, its entries sorted, since a table has no order worth comparing. */
    static String connections(ScenarioReplay.CommandRunner commands, Balancer balancer) {
        List<String> lines =
                new ArrayList<>(commands.run(balancer, List.of("-Lnc"), "").lines().toList());
        int header = Math.min(HEADER_LINES, lines.size());
        Collections.sort(lines.subList(header, lines.size()));
        return String.join("\n", lines) + "\n";
    }
}
