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

/** A request to the daemon of this network namespace whose answer is short. */
final class DaemonRequest {
    private DaemonRequest() {}

    /**
     * Sends a request.
     *
     * @param socket the control socket's path if the user gave one, else null
     * @param target path and query, already encoded
     * @param body null for none
     * @return the answer's body
     * @throws CommandFailure with the daemon's own words if it refuses
     */
    static String send(
            @Nullable String socket, String method, String target, byte @Nullable [] body)
            throws CommandFailure {
        try (ControlConnection connection = ControlConnection.open(socket)) {
            connection.send(method, target, "text/plain", body);
            try (InputStream answer = connection.response()) {
                String text = new String(answer.readAllBytes(), StandardCharsets.UTF_8);
                if (connection.status() != 200) {
                    throw refusal(text);
                }
                return text;
            }
        } catch (IOException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
    }

    /** A field of the JSON object that a request is answered with. */
    static JsonNode field(String answer, String name) {
        return JsonMapper.shared().readTree(answer).path(name);
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** What a problem document says. */
    static CommandFailure refusal(String problem) {
        return new CommandFailure(detail(problem));
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
