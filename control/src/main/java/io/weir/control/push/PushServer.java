package io.weir.control.push;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.weir.control.config.PushConfig;
import io.weir.control.event.Event;
import io.weir.control.event.EventSink;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Takes configurations from the partner: {@code PUT /v1/configuration}, from clients alone whose
 * certificate is among those trusted. Serves on threads of its own; opened and closed by any
 * thread.
 */
public final class PushServer implements AutoCloseable {
    /** Some 100,000 lines. */
    static final int BODY_LIMIT_BYTES = 4 << 20;

    static final String TOO_LONG =
            "the configuration is longer than "
                    + BODY_LIMIT_BYTES
                    + " bytes, which is all that a partner takes";

    private static final int CONNECTION_LIMIT = 16;
    private static final int IDLE_SECONDS = 30;

    /** Nobody has shown a certificate before it is over, so it has to be. */
    private static final long HANDSHAKE_SECONDS = 5;

    private static final long START_SECONDS = 20;
    private static final long STOP_SECONDS = 2;

    private final Vertx vertx;
    private final ConfigurationStore store;
    private final EventSink events;
    private final AtomicInteger connections = new AtomicInteger();

    private PushServer(ConfigurationStore store, EventSink events) {
        this.store = store;
        this.events = events;
        this.vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(1)
                                .setWorkerPoolSize(1)
                                .setInternalBlockingPoolSize(1)
                                .setUseDaemonThread(true)
                                .setFileSystemOptions(
                                        new FileSystemOptions()
                                                .setFileCachingEnabled(false)
                                                .setClassPathResolvingEnabled(false)));
    }

    /**
     * Starts serving where the configuration says.
     *
     * @throws IOException if it cannot; one line for the operator
     */
    public static PushServer open(PushConfig config, ConfigurationStore store, EventSink events)
            throws IOException {
        InetSocketAddress address = config.listen();
        if (address == null) {
            throw new IOException("no address is given where the partner's configuration is taken");
        }
        PushTls.check(config);
        PushServer server = new PushServer(store, events);
        try {
            server.listen(config, address);
            return server;
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    private void listen(PushConfig config, InetSocketAddress address) throws IOException {
        HttpServer http =
                vertx.createHttpServer(
                        new HttpServerOptions()
                                .setHost(address.getHostString())
                                .setPort(address.getPort())
                                .setIdleTimeout(IDLE_SECONDS)
                                .setSsl(true)
                                .setSslHandshakeTimeout(HANDSHAKE_SECONDS)
                                .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS)
                                .setEnabledSecureTransportProtocols(PushTls.PROTOCOLS)
                                .setKeyCertOptions(PushTls.identity(config))
                                .setTrustOptions(PushTls.trust(config))
                                .setClientAuth(ClientAuth.REQUIRED));
        Router router = Router.router(vertx);
        router.put("/v1/configuration")
                .handler(BodyHandler.create(false).setBodyLimit(BODY_LIMIT_BYTES))
                .blockingHandler(this::take);
        router.errorHandler(413, request -> answer(request, 413, TOO_LONG));
        // A stranger's failed handshake is not worth a line in the log: he can make a million.
        http.requestHandler(router).connectionHandler(this::accept).exceptionHandler(failure -> {});
        try {
            http.listen()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(START_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(
                    "cannot take the partner's configuration on "
                            + address
                            + ": "
                            + (e.getCause() == null ? e : e.getCause()).getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void accept(HttpConnection connection) {
        int open = connections.incrementAndGet();
        connection.closeHandler(ignored -> connections.decrementAndGet());
        if (open > CONNECTION_LIMIT) {
            connection.close();
        }
    }

    private void take(RoutingContext request) {
        String text = request.body().asString();
        String partner = request.request().remoteAddress().hostAddress();
        boolean force = request.queryParam("force").contains("true");
        if (text == null) {
            answer(request, 400, "there is no configuration in the request");
            return;
        }
        try {
            answer(request, partner, text, force);
        } catch (ConfigurationRefusedException e) {
            tell("refused", "from " + partner + ": " + firstLine(e.text()));
            answer(request, 422, e.text());
        }
    }

    private void answer(RoutingContext request, String partner, String text, boolean force)
            throws ConfigurationRefusedException {
        String source = "configuration from " + partner;
        ConfigurationStore.Held held = store.held();
        ConfigurationStore.Held offered =
                new ConfigurationStore.Held(store.serialOf(source, text), text);
        switch (PushRules.decide(held, offered, force)) {
            case SAME -> answer(request, 200, "the partner has it already");
            case TAKE -> {
                store.replace(source, text);
                answer(request, 200, "the partner had serial number " + held.serial());
            }
            case OLDER ->
                    answer(
                            request,
                            409,
                            "the partner has serial number "
                                    + held.serial()
                                    + ", which is newer; push from there, or with --force");
            case DIFFERENT ->
                    answer(
                            request,
                            409,
                            "the partner has another configuration with the same serial number "
                                    + held.serial()
                                    + "; raise the number here, or push with --force");
        }
    }

    private void tell(String state, String detail) {
        events.publish(
                new Event(Instant.now(), Event.Kind.CONFIGURATION, List.of("push"), state, detail));
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    private static void answer(RoutingContext request, int status, String line) {
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "text/plain; charset=utf-8")
                .end(line);
    }

    @Override
    public void close() {
        try {
            vertx.close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // Its threads are daemons, and nothing depends on them any more.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
