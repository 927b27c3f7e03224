package io.weir.control.replay;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** Writes events.jsonl: one JSON object a line, in the recordings' form. */
final class EventLog implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final HexFormat HEX = HexFormat.of();

    private final Writer out;

    EventLog(Path file) throws IOException {
        this.out = Files.newBufferedWriter(file);
    }

    /** A frame that came in; {@code seconds} count from the start. */
    void in(double seconds, String link, byte[] frame) throws IOException {
        write(frame("in", seconds, link, frame));
    }

    /**
     * A frame that went out.
     *
     * @param spontaneous whether time alone caused it, not the frame before
     */
    void out(double seconds, String link, byte[] frame, boolean spontaneous) throws IOException {
        ObjectNode event = frame("out", seconds, link, frame);
        if (spontaneous) {
            event.put("spontaneous", true);
        }
        write(event);
    }

    /** A listing; {@code operation} is conns or list. */
    void listing(double seconds, String operation, String text) throws IOException {
        write(event(operation, seconds).put("text", text));
    }

    /** An event with a frame, to be completed and written. */
    static ObjectNode frame(String operation, double seconds, String link, byte[] frame) {
        return event(operation, seconds).put("if", link).put("frame", HEX.formatHex(frame));
    }

    /** An event to be completed and written. */
    static ObjectNode event(String operation, double seconds) {
        return JSON.createObjectNode().put("t", seconds).put("op", operation);
    }

    /** Writes an event. */
    void write(ObjectNode event) throws IOException {
        out.write(JSON.writeValueAsString(event));
        out.write('\n');
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
