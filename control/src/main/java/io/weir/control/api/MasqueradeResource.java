package io.weir.control.api;

import io.vertx.ext.web.RoutingContext;
import io.weir.control.mark.MarkException;
import io.weir.control.masquerade.MasqueradeEditor;
import io.weir.control.masquerade.MasqueradeText;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * GET, PUT and DELETE of /v1/masquerade: the rules that hide connections of real servers behind an
 * address, as text. Each answers with the rules that are in force then.
 */
final class MasqueradeResource {
    private final MasqueradeEditor editor;

    MasqueradeResource(MasqueradeEditor editor) {
        this.editor = editor;
    }

    void list(RoutingContext request, ResponseStream body) throws IOException {
        StringBuilder text = new StringBuilder();
        editor.rules().forEach(rule -> text.append(MasqueradeText.line(rule)).append('\n'));
        request.response().putHeader("Content-Type", "text/plain; charset=utf-8");
        body.write(text.toString().getBytes(StandardCharsets.UTF_8));
        body.end();
    }

    /** Puts the rules of the body in the place of all that are in force. */
    void replace(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        String text = request.body().asString();
        List<String> sources = request.queryParam("source");
        set(sources.isEmpty() ? "rules" : sources.getFirst(), text == null ? "" : text);
        list(request, body);
    }

    /** Takes all rules away. */
    void flush(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        set("rules", "");
        list(request, body);
    }

    private void set(String source, String text) throws Problem.ProblemException {
        try {
            editor.replace(source, text);
        } catch (MarkException e) {
            throw new Problem.ProblemException(422, e.text());
        }
    }
}
