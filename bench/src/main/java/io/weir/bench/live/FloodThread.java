package io.weir.bench.live;

import io.weir.bench.rate.Flood;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** A thread that lets a source of packets send until it is closed. */
final class FloodThread implements AutoCloseable {
    private static final Path OWN_THREAD = Path.of("/proc/thread-self");

    private final CompletableFuture<Flood> started = new CompletableFuture<>();
    private final CompletableFuture<Long> ended = new CompletableFuture<>();
    private volatile boolean stopping;

    private FloodThread() {}

    /**
     * Starts a source.
     *
     * @param processors where it runs, as taskset(1) writes them
     * @param source opens it; called in the namespace
     */
    static FloodThread start(NetworkNamespace host, String processors, Callable<Flood> source)
            throws IOException, InterruptedException {
        FloodThread thread = new FloodThread();
        Thread.ofPlatform()
                .name("flood")
                .daemon()
                .start(() -> thread.run(host, processors, source));
        thread.result(thread.started);
        return thread;
    }

    private void run(NetworkNamespace host, String processors, Callable<Flood> source) {
        try {
            String id = Files.readSymbolicLink(OWN_THREAD).getFileName().toString();
            Namespaces.run(List.of("taskset", "-cp", processors, id), "");
            ended.complete(host.call(() -> sendUntilStopped(source)));
        } catch (Exception e) {
            started.completeExceptionally(e);
            ended.completeExceptionally(e);
        }
    }

    private long sendUntilStopped(Callable<Flood> source) throws Exception {
        try (Flood flood = source.call()) {
            started.complete(flood);
            while (!stopping) {
                flood.send();
            }
            return flood.sent();
        }
    }

    private <T> T result(CompletableFuture<T> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw failure(e);
        }
    }

    private static IOException failure(Exception e) {
        return new IOException("cannot flood: " + e.getCause(), e.getCause());
    }

    void setTcpFlags(int flags) {
        started.join().setTcpFlags(flags);
    }

    void setIntruders(int bits) {
        started.join().setIntruders(bits);
    }

    void setRate(int packetsPerSecond) {
        started.join().setRate(packetsPerSecond);
    }

    long sent() {
        return started.join().sent();
    }

    /**
     * Makes sure that it still sends.
     *
     * @throws IOException what ended it
     */
    void check() throws IOException, InterruptedException {
        if (ended.isDone()) {
            result(ended);
        }
    }

    @Override
    public void close() throws IOException {
        stopping = true;
        try {
            ended.join();
        } catch (CompletionException e) {
            throw failure(e);
        }
    }
}
