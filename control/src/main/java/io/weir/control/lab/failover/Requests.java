package io.weir.control.lab.failover;

import io.weir.dataplane.sys.NetworkNamespace;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Short requests, each on a TCP connection of its own and one after the other, with the patience of
 * a person: what is not answered within {@value #PATIENCE_MILLIS} ms is lost.
 *
 * <p>The one that is on its way when the role moves may be so young that the new router has not
 * been told about it: its handshake had not ended at the old one, or the report had not left. What
 * is repeated then comes to a router that does not know whose it is. Nobody can save it; it is
 * counted apart.
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
    private volatile boolean closed;

    /** When those began that the new router may not know. */
    private volatile long youngFromNanos = System.nanoTime();

    private volatile long youngToNanos = youngFromNanos;
    private volatile boolean moving;

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
        if (young(current)) {
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
     * The role is about to move, until {@link #roleMoved}.
     *
     * @param toldMillis how long after its beginning a connection is known to the partner
     */
    void roleMoves(long toldMillis) {
        youngFromNanos = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(toldMillis);
        moving = true;
    }

    /** The old router has no packets any more. */
    void roleMoved() {
        youngToNanos = System.nanoTime();
        moving = false;
    }

    // A request without a connection is not touched by that: the client asks again, and the new
    // router decides anew.
    private boolean young(@Nullable Attempt attempt) {
        return attempt != null
                && attempt.socket().isConnected()
                && attempt.beginNanos() - youngFromNanos >= 0
                && (moving || attempt.beginNanos() - youngToNanos <= 0);
    }

    /** Lets go of the one that was too young, if it still waits for an answer; whether it does. */
    boolean abandonYoung() throws IOException {
        Attempt waiting = current;
        if (waiting == null || !young(waiting) || waiting.socket().isClosed()) {
            return false;
        }
        waiting.socket().close();
        return true;
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

    /** How many were too young to be known to the new router when the role moved. */
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
