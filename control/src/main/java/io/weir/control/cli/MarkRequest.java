package io.weir.control.cli;

import io.weir.control.client.ControlConnection;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Requests to /v1/marks of the daemon of this network namespace. */
final class MarkRequest {
    private static final String TARGET = "/v1/marks";

    private final @Nullable String socket;

    MarkRequest(@Nullable String socket) {
        this.socket = socket;
    }

    /** The rules in force, one on each line. */
    String list() throws CommandFailure {
        return request("GET", TARGET, null);
    }

    /**
     * Sends rules.
     *
     * @param method POST to add them, PUT to put them in the place of all others
     * @param source where they come from, for messages
     */
    void send(String method, String source, String rules) throws CommandFailure {
        request(
                method,
                TARGET + "?source=" + encode(source),
                rules.getBytes(StandardCharsets.UTF_8));
    }

    void delete(String rule) throws CommandFailure {
        request("DELETE", TARGET + "?rule=" + encode(rule), null);
    }

    void flush() throws CommandFailure {
        request("DELETE", TARGET, null);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private String request(String method, String target, byte @Nullable [] body)
            throws CommandFailure {
        try (ControlConnection connection = ControlConnection.open(socket)) {
            connection.send(method, target, "text/plain", body);
            try (InputStream answer = connection.response()) {
                String text = new String(answer.readAllBytes(), StandardCharsets.UTF_8);
                if (connection.status() != 200) {
                    throw new CommandFailure(detail(text));
                }
                return text;
            }
        } catch (IOException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
    }

    private static String detail(String problem) {
        try {
            JsonNode detail = JsonMapper.shared().readTree(problem).path("detail");
            if (detail.isString()) {
                return detail.stringValue();
            }
        } catch (JacksonException e) {
            // Then it is shown as it came.
        }
        return "the daemon answered " + problem.strip();
    }
}
