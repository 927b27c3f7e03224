package io.weir.control.replay;

import io.weir.control.Balancer;

import java.util.List;

/** What a scenario ends with: every listing, as the recordings keep them in final.txt. */
final class FinalText {
    private final ScenarioReplay.CommandRunner commands;

    FinalText(ScenarioReplay.CommandRunner commands) {
        this.commands = commands;
    }

    String of(Balancer balancer) {
        StringBuilder text = new StringBuilder();
        section(text, "-Ln", commands.run(balancer, List.of("-Ln"), ""));
        section(text, "-Ln --stats", commands.run(balancer, List.of("-Ln", "--stats"), ""));
        section(text, "-Lnc", Listings.connections(commands, balancer));
        section(
                text,
                "-Ln --persistent-conn",
                commands.run(balancer, List.of("-Ln", "--persistent-conn"), ""));
        section(
                text,
                "-Ln --thresholds",
                commands.run(balancer, List.of("-Ln", "--thresholds"), ""));
        section(text, "-Sn", commands.run(balancer, List.of("-Sn"), ""));
        return text.toString();
    }

    private static void section(StringBuilder text, String command, String output) {
        if (!text.isEmpty()) {
            text.append('\n');
        }
        text.append("# ipvsadm ").append(command).append('\n').append(output);
    }
}
