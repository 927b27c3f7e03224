package io.weir.control.api;

import io.vertx.ext.web.RoutingContext;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;

/** GET /v1/status and /v1/counters, as JSON or, asked for text/plain, for a terminal. */
final class DaemonResource {
    private final ApiBackend backend;
    private final InstantSource clock;

    DaemonResource(ApiBackend backend, InstantSource clock) {
        this.backend = backend;
        this.clock = clock;
    }

    void status(RoutingContext request, ResponseStream body) throws IOException {
        Instant now = clock.instant();
        StatusDocument document = StatusDocument.of(backend, now);
        answer(request, body, wantsText(request) ? document.text(now) : document);
    }

    void counters(RoutingContext request, ResponseStream body) throws IOException {
        CountersDocument document = CountersDocument.of(backend);
        boolean all = request.queryParam("all").contains("true");
        answer(request, body, wantsText(request) ? document.text(all) : document);
    }

    static boolean wantsText(RoutingContext request) {
        return "text/plain".equals(request.request().getHeader("Accept"));
    }

    /** Answers with a text for a terminal, or with anything else as JSON. */
    static void answer(RoutingContext request, ResponseStream body, Object document)
            throws IOException {
        if (document instanceof String text) {
            request.response().putHeader("Content-Type", "text/plain; charset=utf-8");
            body.write(text.getBytes(StandardCharsets.UTF_8));
        } else {
            request.response().putHeader("Content-Type", Json.MEDIA_TYPE);
            body.write(Json.document(document));
        }
        body.end();
    }
}
