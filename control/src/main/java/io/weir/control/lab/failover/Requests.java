package io.weir.control.lab.failover;

import io.weir.dataplane.sys.NetworkNamespace;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Short requests, each on a TCP connection of its own and one after the other, with the patience of
 * a person: what is not answered within {@value #PATIENCE_MILLIS} ms is lost.
 *
 * <p>The one that is on its way when a router dies may be so young that its partner has not been
 * told about it: a reply that was lost with the router is then repeated by the real server towards
 * a router that does not know whose it is. Nobody can save it; it is counted apart.
 */
final class Requests implements AutoCloseable {
    static final int PATIENCE_MILLIS = 10_000;

    private static final long PAUSE_NANOS = 20_000_000;
    private static final int ANSWER_BYTES = 64;

    private final NetworkNamespace client;
    private final Silence silence = new Silence();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private final AtomicInteger untold = new AtomicInteger();
    private volatile String lastLoss = "";
    private volatile @Nullable Attempt current;
    private volatile @Nullable Attempt young;
    private volatile boolean closed;

    private record Attempt(Socket socket, long beginNanos) {}

    private Requests(NetworkNamespace client) {
        this.client = client;
    }

    static Requests start(NetworkNamespace client) {
        Requests requests = new Requests(client);
        Thread.ofPlatform().daemon().name("requests").start(requests::run);
        return requests;
    }

    private void run() {
        while (!closed) {
            try {
                client.call(this::ask);
                answered.incrementAndGet();
                silence.sign();
            } catch (IOException e) {
                if (!closed) {
                    lost(e);
                }
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void lost(IOException failure) {
        if (Objects.equals(current, young)) {
            untold.incrementAndGet();
        } else {
            lastLoss = String.valueOf(failure.getMessage());
            lost.incrementAndGet();
        }
    }

    private String ask() throws IOException {
        try (Socket socket = new Socket()) {
            current = new Attempt(socket, System.nanoTime());
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(
                    new InetSocketAddress(PairNetwork.VIRTUAL, PacedServer.PORT), PATIENCE_MILLIS);
            String request = PacedServer.HELLO + "\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readNBytes(ANSWER_BYTES);
            String text = new String(answer, StandardCharsets.US_ASCII);
            if (!text.startsWith(PacedServer.HELLO)) {
                throw new IOException(text.isEmpty() ? "empty answer" : "wrong answer " + text);
            }
            return text;
        }
    }

    /**
     * A router has just died. A request without a connection is not touched by that: the client
     * asks again, and the partner decides anew.
     *
     * @param toldMillis how long after its beginning a connection is known to the partner
     */
    void routerDied(long toldMillis) {
        Attempt now = current;
        long oldest = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(toldMillis);
        if (now != null && now.socket().isConnected() && now.beginNanos() - oldest >= 0) {
            young = now;
        }
    }

    /** Lets go of the one that was too young, if it still waits for an answer. */
    void abandonYoung() throws IOException {
        Attempt waiting = young;
        if (waiting != null && waiting.equals(current)) {
            waiting.socket().close();
        }
    }

    /** The time between answers. */
    Silence silence() {
        return silence;
    }

    int answered() {
        return answered.get();
    }

    int lost() {
        return lost.get();
    }

    /** How many were too young to be known to the partner when a router died. */
    int untold() {
        return untold.get();
    }

    /** Why the last one was lost, empty if none was. */
    String lastLoss() {
        return lastLoss;
    }

    @Override
    public void close() {
        closed = true;
    }
}
