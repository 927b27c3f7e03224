package io.weir.control.api;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The HTTP server on the control socket.
 *
 * <p>Opened and closed by the daemon's main thread; serves on threads of its own, none of which
 * keeps the process alive.
 */
public final class ApiServer implements AutoCloseable {
    private static final int CONNECTION_LIMIT = 128;
    private static final int WORKING_LIMIT = 16;
    private static final int IDLE_SECONDS = 60;

    // A request line carries the arguments of an ipvsadm call; a line of rules has some 200 bytes.
    private static final int REQUEST_LINE_LIMIT_BYTES = 16 << 10;
    private static final Duration START_LIMIT = Duration.ofSeconds(20);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(2);

    private final Vertx vertx;
    private final ExecutorService pool = pool();
    private final AtomicInteger connections = new AtomicInteger();
    private @Nullable SocketFile socket;

    private ApiServer(Vertx vertx) {
        this.vertx = vertx;
    }

    /**
     * Makes a server that does not serve yet. That takes most of the time of its start, and depends
     * on nothing.
     */
    public static ApiServer create() {
        return new ApiServer(vertx());
    }

    /**
     * Starts serving.
     *
     * @param path where to put the socket; its directory must exist
     * @param backend what requests are about
     * @throws IOException if the socket cannot be made there, or somebody serves it already; the
     *     message is for the operator, and the server is to be closed
     */
    public void serve(Path path, ApiBackend backend) throws IOException {
        SocketFile file = SocketFile.prepare(path);
        socket = file;
        HttpServer http = vertx.createHttpServer(httpOptions());
        http.requestHandler(ApiRoutes.create(vertx, backend, pool, InstantSource.system()));
        http.connectionHandler(this::accept);
        String bindPath = file.bindPath().toString();
        await(http.listen(SocketAddress.domainSocketAddress(bindPath)), START_LIMIT);
        file.publish();
    }

    private static Vertx vertx() {
        VertxOptions options =
                new VertxOptions()
                        .setPreferNativeTransport(true)
                        .setEventLoopPoolSize(1)
                        .setWorkerPoolSize(1)
                        .setInternalBlockingPoolSize(1)
                        .setUseDaemonThread(true)
                        .setFileSystemOptions(
                                new FileSystemOptions()
                                        .setFileCachingEnabled(false)
                                        .setClassPathResolvingEnabled(false));
        return Vertx.vertx(options);
    }

    private static HttpServerOptions httpOptions() {
        return new HttpServerOptions()
                .setIdleTimeout(IDLE_SECONDS)
                .setMaxInitialLineLength(REQUEST_LINE_LIMIT_BYTES)
                .setHandle100ContinueAutomatically(true)
                .setHttp2ClearTextEnabled(false);
    }

    // No queue: a request is at work at once or refused.
    private static ExecutorService pool() {
        AtomicInteger number = new AtomicInteger();
        return new ThreadPoolExecutor(
                0,
                WORKING_LIMIT,
                30,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                work ->
                        Thread.ofPlatform()
                                .daemon()
                                .name("weir-api-" + number.incrementAndGet())
                                .unstarted(work));
    }

    private void accept(HttpConnection connection) {
        int open = connections.incrementAndGet();
        connection.closeHandler(ignored -> connections.decrementAndGet());
        if (open > CONNECTION_LIMIT) {
            connection.close();
        }
    }

    /** Takes the socket away and cuts off what is still being served. */
    @Override
    public void close() {
        SocketFile file = socket;
        if (file != null) {
            file.remove();
        }
        pool.shutdownNow();
        try {
            await(vertx.close(), STOP_LIMIT);
        } catch (IOException e) {
            // The process ends anyway, and nothing else depends on these threads.
        }
    }

    private static <T> void await(Future<T> future, Duration limit) throws IOException {
        try {
            future.toCompletionStage()
                    .toCompletableFuture()
                    .get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("the control socket's server does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
