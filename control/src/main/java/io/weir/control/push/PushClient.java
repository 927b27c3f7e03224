package io.weir.control.push;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.weir.control.config.PushConfig;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Gives the partner a configuration. Any thread; each push has a connection of its own. */
public final class PushClient {
    private static final int CONNECT_MILLIS = 5_000;
    private static final long ANSWER_SECONDS = 30;
    private static final int ANSWER_LIMIT_CHARACTERS = 64 << 10;

    private PushClient() {}

    /**
     * What the partner said.
     *
     * @param taken whether the partner has the configuration now
     * @param text why, in one or more lines
     */
    public record Answer(boolean taken, String text) {}

    /**
     * Pushes.
     *
     * @param text the configuration
     * @param force the partner is to take it even if its own is newer
     * @throws IOException if the partner cannot be reached or is not the one that is trusted; one
     *     line for the operator
     */
    public static Answer push(PushConfig config, String text, boolean force) throws IOException {
        InetSocketAddress partner = config.partner();
        if (partner == null) {
            throw new IOException("no partner is given whom the configuration could be pushed to");
        }
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        if (body.length > PushServer.BODY_LIMIT_BYTES) {
            throw new IOException(PushServer.TOO_LONG);
        }
        PushTls.check(config);
        Vertx vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(1)
                                .setWorkerPoolSize(1)
                                .setInternalBlockingPoolSize(1)
                                .setUseDaemonThread(true));
        HttpClientAgent client = client(vertx, config);
        try {
            return put(client, partner, body, force)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException("the partner at " + partner + ": " + cause.getMessage(), e);
        } catch (TimeoutException e) {
            throw new IOException(
                    "the partner at " + partner + " does not answer in " + ANSWER_SECONDS + " s",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            // Named here, so that it lives until now: Vert.x closes a client that nobody holds.
            client.close();
            vertx.close();
        }
    }

    private static HttpClientAgent client(Vertx vertx, PushConfig config) {
        return vertx.createHttpClient(
                new HttpClientOptions()
                        .setSsl(true)
                        .setConnectTimeout(CONNECT_MILLIS)
                        .setEnabledSecureTransportProtocols(PushTls.PROTOCOLS)
                        // Whoever has a key that is trusted is the partner, under any name.
                        .setVerifyHost(false)
                        .setKeyCertOptions(PushTls.identity(config))
                        .setTrustOptions(PushTls.trust(config)));
    }

    private static Future<Answer> put(
            HttpClientAgent client, InetSocketAddress partner, byte[] body, boolean force) {
        RequestOptions request =
                new RequestOptions()
                        .setMethod(HttpMethod.PUT)
                        .setHost(partner.getHostString())
                        .setPort(partner.getPort())
                        .setURI("/v1/configuration" + (force ? "?force=true" : ""));
        return client.request(request)
                .compose(sent -> sent.send(Buffer.buffer(body)))
                .compose(
                        response ->
                                response.body()
                                        .map(
                                                answer ->
                                                        new Answer(
                                                                response.statusCode() == 200,
                                                                shortened(answer.toString()))));
    }

    private static String shortened(String text) {
        return text.length() <= ANSWER_LIMIT_CHARACTERS
                ? text
                : text.substring(0, ANSWER_LIMIT_CHARACTERS);
    }
}
