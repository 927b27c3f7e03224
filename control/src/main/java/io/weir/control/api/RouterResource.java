package io.weir.control.api;

import io.vertx.ext.web.RoutingContext;
import io.weir.control.router.ConfiguredRouter;
import io.weir.control.router.RouterRefusal;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * What an operator asks of a router: POST of /v1/reload, /v1/push, /v1/failover, /v1/checks and
 * /v1/drain, PUT of /v1/maintenance. Each answers with a JSON object that says what is so now.
 */
final class RouterResource {
    private final @Nullable ConfiguredRouter router;

    /** With null, a daemon that runs without a configuration. */
    RouterResource(@Nullable ConfiguredRouter router) {
        this.router = router;
    }

    /** What is asked. */
    @FunctionalInterface
    private interface Wish {
        Object fulfil(ConfiguredRouter router) throws RouterRefusal;
    }

    void reload(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        fulfil(request, body, asked -> Map.of("summary", asked.reload()));
    }

    void failover(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        fulfil(
                request,
                body,
                asked -> {
                    asked.router().handOver();
                    return Map.of("summary", "the partner is asked to take over");
                });
    }

    void checkNow(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        fulfil(
                request,
                body,
                asked -> {
                    asked.router().checkNow();
                    return Map.of("summary", "every check is made now");
                });
    }

    /** Takes {@code ?force=true}. */
    void push(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        boolean force = "true".equals(parameter(request, "force"));
        fulfil(request, body, asked -> Map.of("summary", asked.push(force)));
    }

    /** Takes {"on": true} or {"on": false}. */
    void maintenance(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        boolean on = on(request.body().asString());
        fulfil(
                request,
                body,
                asked -> {
                    asked.router().setMaintenance(on);
                    return Map.of("on", on);
                });
    }

    /** Takes {@code ?server=NAME}, {@code &service=NAME} for one of its services, {@code &on=}. */
    void drain(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        String server = parameter(request, "server");
        if (server == null) {
            throw new Problem.ProblemException(400, "the query must be like ?server=NAME");
        }
        String service = parameter(request, "service");
        boolean on = !"false".equals(parameter(request, "on"));
        fulfil(
                request,
                body,
                asked -> Map.of("servers", asked.router().drain(server, service, on), "on", on));
    }

    private static @Nullable String parameter(RoutingContext request, String name) {
        List<String> values = request.queryParam(name);
        return values.isEmpty() ? null : values.getFirst();
    }

    private static boolean on(@Nullable String text) throws Problem.ProblemException {
        try {
            JsonNode on = Json.parse(text == null ? "" : text).path("on");
            if (on.isBoolean()) {
                return on.booleanValue();
            }
        } catch (JacksonException e) {
            // Told below in words that fit the request.
        }
        throw new Problem.ProblemException(400, "the body must be like {\"on\": true}");
    }

    private void fulfil(RoutingContext request, ResponseStream body, Wish wish)
            throws IOException, Problem.ProblemException {
        Object answer;
        try {
            answer = wish.fulfil(required());
        } catch (RouterRefusal e) {
            throw new Problem.ProblemException(422, String.valueOf(e.getMessage()));
        }
        request.response().putHeader("Content-Type", Json.MEDIA_TYPE);
        body.write(Json.document(answer));
        body.end();
    }

    private ConfiguredRouter required() throws Problem.ProblemException {
        ConfiguredRouter asked = router;
        if (asked == null) {
            throw new Problem.ProblemException(
                    409,
                    "this daemon runs without a configuration; weir run --config FILE starts one"
                            + " with it");
        }
        return asked;
    }
}
