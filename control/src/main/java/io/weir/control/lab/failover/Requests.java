package io.weir.control.lab.failover;

import io.weir.dataplane.sys.NetworkNamespace;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Short requests, each on a TCP connection of its own and one after the other, with the patience of
 * a person: what is not answered within {@value #PATIENCE_MILLIS} ms is lost.
 */
final class Requests implements AutoCloseable {
    static final int PATIENCE_MILLIS = 10_000;

    private static final long PAUSE_NANOS = 20_000_000;
    private static final int ANSWER_BYTES = 64;

    private final NetworkNamespace client;
    private final Silence silence = new Silence();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private volatile String lastLoss = "";
    private volatile boolean closed;

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
                    lastLoss = String.valueOf(e.getMessage());
                    lost.incrementAndGet();
                }
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private String ask() throws IOException {
        try (Socket socket = new Socket()) {
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

    /** Why the last one was lost, empty if none was. */
    String lastLoss() {
        return lastLoss;
    }

    @Override
    public void close() {
        closed = true;
    }
}
