package io.weir.control.api;

import io.weir.control.mark.MarkText;
import io.weir.dataplane.mark.MarkRule;

import tools.jackson.databind.JsonNode;

/**
 * A rule that gives packets firewall marks, as the API shows and takes it.
 *
 * @param rule the rule on one line; not read
 * @param protocol tcp, udp, sctp or any
 * @param destination an address or a prefix
 * @param source an address or a prefix
 * @param ports a port or a range as 10000-20000
 * @param mark the mark's bits
 * @param mask which bits of the mark are replaced
 */
record MarkDocument(
        String rule,
        String protocol,
        String destination,
        String source,
        String ports,
        long mark,
        long mask) {
    private static final long UNSIGNED_INT = 0xffff_ffffL;

    static MarkDocument of(MarkRule rule) {
        return new MarkDocument(
                MarkText.line(rule),
                MarkText.protocol(rule),
                rule.destination().toString(),
                rule.source().toString(),
                MarkText.ports(rule),
                rule.value() & UNSIGNED_INT,
                rule.mask() & UNSIGNED_INT);
    }

    /**
     * A rule that somebody sent, as a line of {@link MarkText}; where something is missing or makes
     * no sense, reading the line says so.
     */
    static String line(JsonNode sent) {
        StringBuilder line = new StringBuilder(word(sent.path("protocol"), "any"));
        append(line, "to", sent.path("destination"));
        append(line, "port", sent.path("ports"));
        append(line, "from", sent.path("source"));
        append(line, "mark", sent.path("mark"));
        if (!sent.path("mask").isMissingNode()) {
            line.append('/').append(word(sent.path("mask"), ""));
        }
        return line.toString();
    }

    private static void append(StringBuilder line, String keyword, JsonNode value) {
        if (!value.isMissingNode()) {
            line.append(' ').append(keyword).append(' ').append(word(value, ""));
        }
    }

    // Quoted, a word stays one word whatever is in it.
    private static String word(JsonNode value, String missing) {
        String text = value.asString(missing).replace('\n', ' ').replace('\r', ' ');
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
