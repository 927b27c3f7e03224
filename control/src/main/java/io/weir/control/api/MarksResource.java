package io.weir.control.api;

import io.vertx.ext.web.RoutingContext;
import io.weir.control.mark.MarkEditor;
import io.weir.control.mark.MarkException;
import io.weir.control.mark.MarkText;
import io.weir.dataplane.mark.MarkRule;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * GET, POST, PUT and DELETE of /v1/marks: the rules that give packets firewall marks, as JSON or as
 * text. Each answers with the rules that are in force then.
 */
final class MarksResource {
    private final MarkEditor editor;

    MarksResource(MarkEditor editor) {
        this.editor = editor;
    }

    /** A change of the rules. */
    @FunctionalInterface
    private interface Change {
        void apply() throws MarkException;
    }

    void list(RoutingContext request, ResponseStream body) throws IOException {
        List<MarkRule> rules = editor.rules();
        if ("text/plain".equals(request.request().getHeader("Accept"))) {
            StringBuilder text = new StringBuilder();
            rules.forEach(rule -> text.append(MarkText.line(rule)).append('\n'));
            request.response().putHeader("Content-Type", "text/plain; charset=utf-8");
            body.write(text.toString().getBytes(StandardCharsets.UTF_8));
        } else {
            request.response().putHeader("Content-Type", Json.MEDIA_TYPE);
            body.write(Json.document(rules.stream().map(MarkDocument::of).toList()));
        }
        body.end();
    }

    /** Puts the rules of the body behind those in force. */
    void add(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        String text = text(request);
        change(() -> editor.add(editor.read(source(request), text)));
        list(request, body);
    }

    /** Puts the rules of the body in the place of all that are in force. */
    void replace(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        String text = text(request);
        change(() -> editor.replace(editor.read(source(request), text)));
        list(request, body);
    }

    /** Takes away the rules of the query; without a query, all of them. */
    void delete(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        String query = request.request().query();
        if (query == null || query.isEmpty()) {
            change(() -> editor.replace(List.of()));
        } else {
            List<String> rules = request.queryParam("rule");
            if (rules.isEmpty()) {
                throw new Problem.ProblemException(400, "the query must be like ?rule=RULE");
            }
            change(() -> editor.delete(editor.read("rule", String.join("\n", rules))));
        }
        list(request, body);
    }

    private static void change(Change change) throws Problem.ProblemException {
        try {
            change.apply();
        } catch (MarkException e) {
            throw new Problem.ProblemException(422, e.text());
        }
    }

    private static String source(RoutingContext request) {
        List<String> sources = request.queryParam("source");
        return sources.isEmpty() ? "rules" : sources.getFirst();
    }

    private static String text(RoutingContext request) throws Problem.ProblemException {
        String text = request.body().asString();
        String type = request.request().getHeader("Content-Type");
        if (text == null) {
            return "";
        }
        return isJson(type) ? lines(text) : text;
    }

    private static boolean isJson(@Nullable String type) {
        return type != null && type.startsWith(Json.MEDIA_TYPE);
    }

    private static String lines(String text) throws Problem.ProblemException {
        try {
            JsonNode rules = Json.parse(text);
            if (rules.isArray()) {
                StringBuilder lines = new StringBuilder();
                for (JsonNode rule : rules) {
                    lines.append(MarkDocument.line(rule)).append('\n');
                }
                return lines.toString();
            }
        } catch (JacksonException e) {
            // Told below in words that fit the request.
        }
        throw new Problem.ProblemException(
                400,
                "the body must be like [{\"protocol\": \"tcp\", \"destination\": \"192.0.2.1\","
                        + " \"ports\": \"80\", \"mark\": 80}]");
    }
}
