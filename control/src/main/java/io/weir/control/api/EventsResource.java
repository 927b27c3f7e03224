package io.weir.control.api;

import io.netty.handler.codec.http.HttpHeaderValues;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import io.weir.control.event.Event;
import io.weir.control.event.EventHub;
import io.weir.control.event.EventSink;
import io.weir.control.router.ConfiguredRouter;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * GET /v1/events: events as they happen, one JSON object a line or, asked for text/plain, one line
 * of words; {@code past=N} has the last N of those remembered first. Runs on the event loop.
 *
 * <p>A listener that does not take them loses those beyond {@value #WAITING}. An empty line comes
 * every {@value #PULSE_MILLIS} ms, so that either side notices when the other has gone.
 */
final class EventsResource {
    /** The most listeners at a time. */
    static final int LISTENERS = 32;

    /** The most events that wait for a listener. */
    static final int WAITING = 1024;

    static final long PULSE_MILLIS = 15_000;

    private final @Nullable EventHub hub;
    private final AtomicInteger listeners = new AtomicInteger();

    EventsResource(@Nullable ConfiguredRouter router) {
        this.hub = router == null ? null : router.events();
    }

    void stream(RoutingContext request) {
        EventHub events = hub;
        if (events == null) {
            refuse(request, Problem.of(409, "this daemon runs without a configuration"));
            return;
        }
        if (listeners.incrementAndGet() > LISTENERS) {
            listeners.decrementAndGet();
            refuse(request, Problem.of(503, "there are " + LISTENERS + " listeners already"));
            return;
        }
        boolean text = "text/plain".equals(request.request().getHeader("Accept"));
        HttpServerResponse response = request.response();
        response.setChunked(true)
                .putHeader(
                        "Content-Type",
                        text
                                ? HttpHeaderValues.TEXT_PLAIN + "; charset=utf-8"
                                : "application/jsonl");
        response.writeHead();
        Listener listener = new Listener(response, request.vertx().getOrCreateContext(), text);
        Vertx vertx = request.vertx();
        long pulse = vertx.setPeriodic(PULSE_MILLIS, id -> listener.write(Buffer.buffer("\n")));
        response.closeHandler(
                ignored -> {
                    vertx.cancelTimer(pulse);
                    events.leave(listener);
                    listeners.decrementAndGet();
                });
        events.listen(listener, past(request));
    }

    private static int past(RoutingContext request) {
        List<String> values = request.queryParam("past");
        try {
            return values.isEmpty() ? 0 : Math.max(0, Integer.parseInt(values.getFirst()));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static void refuse(RoutingContext request, Problem problem) {
        request.response()
                .setStatusCode(problem.status())
                .putHeader("Content-Type", Problem.MEDIA_TYPE)
                .end(Buffer.buffer(Json.line(problem)));
    }

    /** One who listens; events come on any thread and go on the event loop. */
    private static final class Listener implements EventSink {
        private final HttpServerResponse response;
        private final Context eventLoop;
        private final boolean text;
        private final AtomicInteger waiting = new AtomicInteger();

        Listener(HttpServerResponse response, Context eventLoop, boolean text) {
            this.response = response;
            this.eventLoop = eventLoop;
            this.text = text;
        }

        @Override
        public void publish(Event event) {
            if (waiting.incrementAndGet() > WAITING) {
                waiting.decrementAndGet();
                return;
            }
            byte[] line =
                    text
                            ? EventDocument.line(event).getBytes(StandardCharsets.UTF_8)
                            : Json.line(EventDocument.of(event));
            try {
                eventLoop.runOnContext(ignored -> write(Buffer.buffer(line)));
            } catch (RejectedExecutionException e) {
                // The server has ended, and the connection with it.
            }
        }

        void write(Buffer line) {
            boolean event = line.length() > 1;
            if (response.ended() || response.closed()) {
                return;
            }
            response.write(line)
                    .onComplete(
                            ignored -> {
                                if (event) {
                                    waiting.decrementAndGet();
                                }
                            });
        }
    }
}
