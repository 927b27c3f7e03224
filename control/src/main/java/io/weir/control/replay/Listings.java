package io.weir.control.replay;

import io.weir.control.ipvsadm.Ipvsadm;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Listings as recordings have them. */
final class Listings {
    private static final int HEADER_LINES = 2;

    private final Ipvsadm ipvsadm;

    Listings(Ipvsadm ipvsadm) {
        this.ipvsadm = ipvsadm;
    }

    /**
     * ipvsadm -Ln as made from /proc/net/ip_vs, which does not tell of schedulers' flags or
     * engines, nor that a mark is for IPv6, and shows a prefix length as if it were the first byte
     * of a mask (recorded: ipv6-persist).
     */
    String services() {
        return print("-Ln")
                .replaceAll("(?m) \\([a-z0-9,-]*\\)| pe sip", "")
                .replaceAll(
                        "(?m)^(FWM .* IPv6 .*|... +\\[.*) persistent (\\d+)(?!\\d| mask)",
                        "$1 persistent $2 mask 128")
                .replaceAll("(?m)^(FWM .* IPv6 .*|... +\\[.*) mask (\\d+)$", "$1 mask $2.0.0.0")
                .replaceAll("(?m)^(FWM +\\d+) IPv6", "$1");
    }

    /** ipvsadm -Lnc, its entries sorted, since a table has no order worth comparing. */
    String connections() {
        List<String> lines = new ArrayList<>(print("-Lnc").lines().toList());
        int header = Math.min(HEADER_LINES, lines.size());
        Collections.sort(lines.subList(header, lines.size()));
        return String.join("\n", lines) + "\n";
    }

    /** How many entries {@link #connections} has. */
    int entries() {
        return (int) print("-Lnc").lines().skip(HEADER_LINES).count();
    }

    /** All listings with a heading each: what final.txt holds. */
    String all() {
        StringBuilder text = new StringBuilder();
        section(text, "", "-Ln", print("-Ln"));
        section(text, "", "-Ln --stats", print("-Ln", "--stats"));
        section(text, "", "-Lnc", connections());
        section(text, "", "-Ln --persistent-conn", print("-Ln", "--persistent-conn"));
        section(text, "", "-Ln --thresholds", print("-Ln", "--thresholds"));
        section(text, "", "-Sn", print("-Sn"));
        return text.toString();
    }

    /** ipvsadm -ln --daemon. */
    String daemons() {
        return print("-ln", "--daemon");
    }

    /** All listings of one of two balancers: its part of a final.txt. */
    String ofSide(String name) {
        StringBuilder text = new StringBuilder();
        String side = name + ": ";
        section(text, side, "-Ln", print("-Ln"));
        section(text, side, "-Ln --stats", print("-Ln", "--stats"));
        section(text, side, "-Lnc", connections());
        section(text, side, "-Ln --persistent-conn", print("-Ln", "--persistent-conn"));
        section(text, side, "-ln --daemon", daemons());
        section(text, side, "-Sn", print("-Sn"));
        return text.toString();
    }

    private String print(String... arguments) {
        return ipvsadm.run(List.of(arguments)).output();
    }

    private static void section(StringBuilder text, String side, String command, String output) {
        if (!text.isEmpty()) {
            text.append('\n');
        }
        text.append("# ")
                .append(side)
                .append("ipvsadm ")
                .append(command)
                .append('\n')
                .append(output);
    }
}
