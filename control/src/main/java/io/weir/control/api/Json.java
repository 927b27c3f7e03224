package io.weir.control.api;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.nio.charset.StandardCharsets;

/** JSON text of the API's records. */
final class Json {
    static final String MEDIA_TYPE = "application/json";

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final ObjectWriter INDENTED =
            MAPPER.writer().with(SerializationFeature.INDENT_OUTPUT);

    private Json() {}

    /** A document, indented and with a line break at its end, because people read it with curl. */
    static byte[] document(Object value) {
        return utf8(INDENTED.writeValueAsString(value));
    }

    /** A document on one line. */
    static byte[] line(Object value) {
        return utf8(MAPPER.writeValueAsString(value));
    }

    private static byte[] utf8(String text) {
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads a document.
     *
     * @throws tools.jackson.core.JacksonException if the text is not JSON
     */
    static JsonNode parse(String text) {
        return MAPPER.readTree(text);
    }
}
