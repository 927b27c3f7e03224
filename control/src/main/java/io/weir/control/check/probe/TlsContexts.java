package io.weir.control.check.probe;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.TrustManagerFactory;

/** What TLS connections of checks have in common. Any thread; reads files on threads of its own. */
final class TlsContexts {
    private static final AtomicInteger THREADS = new AtomicInteger();

    // A session that is taken up again does not show its certificate, which may have expired since.
    private static final long SESSION_SECONDS = 1;

    private static final FileTime NEVER = FileTime.fromMillis(0);

    private static final int IDLE_SECONDS = 30;

    private final @Nullable Path bundle;
    private final ThreadPoolExecutor handshakes = pool();
    private @Nullable CompletableFuture<SslContext> verifying;
    private @Nullable CompletableFuture<SslContext> trusting;
    private FileTime bundleTime = NEVER;

    /**
     * @param bundle the trusted authorities in PEM, read anew when the file has changed; null for
     *     those that come with Java
     */
    TlsContexts(@Nullable Path bundle) {
        this.bundle = bundle;
    }

    /**
     * Where the arithmetic of handshakes is done, which takes longer than all the rest of a check
     * and would keep the others waiting. Never more threads than processors; none without work.
     */
    Executor handshakes() {
        return handshakes;
    }

    private static ThreadPoolExecutor pool() {
        int threads = Runtime.getRuntime().availableProcessors();
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(
                        threads,
                        threads,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        work ->
                                Thread.ofPlatform()
                                        .daemon()
                                        .name("weir-check-tls-" + THREADS.incrementAndGet())
                                        .unstarted(work));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /**
     * The context for connections.
     *
     * @param verify look at the server's certificate and its names
     * @return fails with an exception whose message is for the operator; may complete on any thread
     */
    synchronized CompletableFuture<SslContext> context(boolean verify) {
        if (!verify) {
            CompletableFuture<SslContext> ready = trusting;
            if (ready == null) {
                ready = load(false);
                trusting = ready;
            }
            return ready;
        }
        CompletableFuture<SslContext> ready = verifying;
        FileTime time = bundleTime();
        if (ready == null || ready.isCompletedExceptionally() || !time.equals(bundleTime)) {
            bundleTime = time;
            ready = load(true);
            verifying = ready;
        }
        return ready;
    }

    private FileTime bundleTime() {
        try {
            return bundle == null ? NEVER : Files.getLastModifiedTime(bundle);
        } catch (IOException e) {
            return NEVER;
        }
    }

    private CompletableFuture<SslContext> load(boolean verify) {
        CompletableFuture<SslContext> loaded = new CompletableFuture<>();
        Thread.startVirtualThread(
                () -> {
                    try {
                        loaded.complete(build(verify));
                    } catch (IOException | GeneralSecurityException | RuntimeException e) {
                        loaded.completeExceptionally(
                                new IOException(
                                        "cannot read the trusted authorities in "
                                                + (bundle == null ? "Java" : bundle)
                                                + ": "
                                                + e.getMessage(),
                                        e));
                    }
                });
        return loaded;
    }

    private SslContext build(boolean verify) throws IOException, GeneralSecurityException {
        TrustManagerFactory trust =
                verify ? TrustedAuthorities.read(bundle) : InsecureTrustManagerFactory.INSTANCE;
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .trustManager(trust)
                .sessionTimeout(SESSION_SECONDS)
                // The names in the certificate are compared as HTTPS does it; RFC 9110 §4.3.4.
                .endpointIdentificationAlgorithm(verify ? "HTTPS" : null)
                .build();
    }
}
