package io.weir.control.replay;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an events.jsonl and a final.txt of two balancers say, in a form that can be compared.
 *
 * @param steps what was done and read, each with the frames that it caused
 * @param sent the entries that daemons sent
 * @param last the sections of final.txt
 */
record SyncTrace(List<Step> steps, Map<String, List<String>> sent, Map<String, List<String>> last) {
    private static final HexFormat HEX = HexFormat.of();
    private static final Set<String> STEPS =
            Set.of("in", "inject", "conns", "list", "daemon", "ipvsadm", "sysctl");

    /**
     * One event.
     *
     * @param out the frames emitted because of it
     */
    record Step(JsonNode event, List<String> out) {
        String operation() {
            return event.path("op").asString();
        }

        String text(String key) {
            return event.path(key).asString("");
        }

        List<String> changed(String key) {
            List<String> rows = new ArrayList<>();
            event.path("changed").path(key).forEach(row -> rows.add(row.asString()));
            rows.sort(null);
            return rows;
        }

        @Override
        public String toString() {
            return "%s at %s s %s%s"
                    .formatted(
                            operation(),
                            text("t"),
                            text("side") + text("to"),
                            text("note").isEmpty() ? "" : " (" + text("note") + ")");
        }
    }

    static SyncTrace read(Path folder) throws IOException {
        List<JsonNode> events = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("events.jsonl"))) {
            events.add(JsonMapper.shared().readTree(line));
        }
        List<Step> steps = new ArrayList<>();
        for (JsonNode event : events) {
            String operation = event.path("op").asString();
            if (STEPS.contains(operation)) {
                steps.add(new Step(event, new ArrayList<>()));
            } else if (operation.equals("out") && !steps.isEmpty()) {
                steps.getLast().out().add(frame(event));
            }
        }
        return new SyncTrace(steps, SentEntries.of(events), sections(folder.resolve("final.txt")));
    }

    private static String frame(JsonNode event) {
        byte[] frame = KernelChoices.cleared(HEX.parseHex(event.path("frame").asString()));
        return event.path("side").asString()
                + " "
                + event.path("if").asString()
                + " "
                + HEX.formatHex(frame);
    }

    private static Map<String, List<String>> sections(Path file) throws IOException {
        Map<String, List<String>> sections = new LinkedHashMap<>();
        List<String> rows = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("# ")) {
                rows = new ArrayList<>();
                sections.put(line, rows);
            } else if (!line.isBlank()) {
                rows.add(ListedConnection.spaced(line));
            }
        }
        return sections;
    }
}
