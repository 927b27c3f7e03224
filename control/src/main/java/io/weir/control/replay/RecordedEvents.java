package io.weir.control.replay;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What was done to the kernel in a recording, and when: its events.jsonl without the frames that
 * the kernel emitted.
 */
final class RecordedEvents {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Some thirty years; a replay lives through all of the time. */
    private static final double MOST_SECONDS = 1e9;

    private RecordedEvents() {}

    /**
     * One event.
     *
     * @param line where it stands in the file
     */
    record Event(Path file, int line, JsonNode node) {
        /** When it began, or for a listing when it was complete. */
        double recordedMillis() {
            return node.path("t").asDouble(0) * 1000;
        }

        /** When it was over. */
        double overMillis() {
            double waited = operation().equals("wait") ? node.path("s").asDouble(0) * 1000 : 0;
            return recordedMillis() + waited;
        }

        String operation() {
            return node.path("op").asString("");
        }

        String text(String name) throws ReplayException {
            JsonNode value = node.path(name);
            if (!value.isString()) {
                throw fault("\"" + name + "\" with a text is missing");
            }
            return value.asString();
        }

        /** A number or a text, as a text. */
        String word(String name) throws ReplayException {
            JsonNode value = node.path(name);
            if (!value.isIntegralNumber() && !value.isString()) {
                throw fault("\"" + name + "\" with a value is missing");
            }
            return value.asString();
        }

        ReplayException fault(String what) {
            return new ReplayException(file + ":" + line + ": " + what);
        }
    }

    /** Reads the file; events of the kernel itself are passed over. */
    static List<Event> read(Path file) throws ReplayException {
        List<Event> events = new ArrayList<>();
        int number = 0;
        for (String line : TextFile.read(file).lines().toList()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            JsonNode node = parse(line, file, number);
            String operation = node.path("op").asString("");
            if (operation.isEmpty() || !node.path("t").isNumber()) {
                throw new ReplayException(
                        file + ":" + number + ": an event needs a time \"t\" and an \"op\"");
            }
            if (!lasts(node.path("t").asDouble()) || !lasts(node.path("s").asDouble(0))) {
                throw new ReplayException(
                        file + ":" + number + ": a time is not from 0 to 1e9 seconds");
            }
            if (!operation.equals("out")) {
                events.add(new Event(file, number, node));
            }
        }
        return events;
    }

    private static boolean lasts(double seconds) {
        return seconds >= 0 && seconds <= MOST_SECONDS;
    }

    static JsonNode parse(String text, Path file, int line) throws ReplayException {
        try {
            return JSON.readTree(text);
        } catch (JacksonException malformed) {
            throw new ReplayException(
                    file + ":" + line + ": not JSON: " + malformed.getOriginalMessage());
        }
    }
}
