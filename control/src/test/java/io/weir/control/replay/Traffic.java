package io.weir.control.replay;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * What an events.jsonl says of frames and listings, in a form that can be compared.
 *
 * @param frames "in" and "out" with their interface and bytes
 * @param listings the texts of "conns" and "list" events
 */
record Traffic(List<String> frames, List<Listing> listings) {
    private static final HexFormat HEX = HexFormat.of();

    /** A listing whose rows have single spaces between their columns. */
    record Listing(String operation, List<String> rows) {
        boolean connections() {
            return operation.equals("conns");
        }
    }

    static Traffic read(Path events) throws IOException {
        List<String> frames = new ArrayList<>();
        List<Listing> listings = new ArrayList<>();
        for (String line : Files.readAllLines(events)) {
            JsonNode event = JsonMapper.shared().readTree(line);
            String operation = event.path("op").asString();
            switch (operation) {
                case "in", "out" -> frames.add(frame(operation, event));
                case "conns", "list" -> listings.add(new Listing(operation, rows(event)));
                default -> {}
            }
        }
        return new Traffic(frames, listings);
    }

    private static String frame(String operation, JsonNode event) {
        byte[] bytes = HEX.parseHex(event.path("frame").asString());
        byte[] shown = operation.equals("out") ? KernelChoices.cleared(bytes) : bytes;
        return operation + " " + event.path("if").asString() + " " + HEX.formatHex(shown);
    }

    private static List<String> rows(JsonNode event) {
        return Arrays.stream(event.path("text").asString().split("\n"))
                .map(row -> row.trim().replaceAll("\\s+", " "))
                .toList();
    }
}
