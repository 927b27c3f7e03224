package io.weir.control.vrrp;

import io.weir.dataplane.sys.NetworkNamespace;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;

/**
 * How long an address does not answer: a client connects to it again and again, to a port where
 * nobody listens, and is refused by whoever has the address.
 */
final class Silence implements AutoCloseable {
    private static final int PORT = 9;
    private static final int PATIENCE_MILLIS = 20;

    private final NetworkNamespace client;
    private final InetSocketAddress address;
    private final Thread thread = Thread.ofPlatform().daemon().name("silence").unstarted(this::run);
    private volatile boolean ended;
    private volatile long longestNanos;

    Silence(NetworkNamespace client, String address) {
        this.client = client;
        this.address = new InetSocketAddress(address, PORT);
        thread.start();
    }

    private void run() {
        try {
            client.call(this::ask);
        } catch (IOException e) {
            longestNanos = Long.MAX_VALUE;
        }
    }

    private boolean ask() throws IOException {
        long answered = System.nanoTime();
        while (!ended) {
            try (Socket socket = new Socket()) {
                socket.connect(address, PATIENCE_MILLIS);
                throw new IllegalStateException("somebody listens");
            } catch (ConnectException e) {
                long now = System.nanoTime();
                longestNanos = Math.max(longestNanos, now - answered);
                answered = now;
            } catch (IOException e) {
                // No answer in time; the next one will tell how long it was.
            }
        }
        longestNanos = Math.max(longestNanos, System.nanoTime() - answered);
        return true;
    }

    /** The longest time between two answers so far. */
    long millis() {
        return TimeUnit.NANOSECONDS.toMillis(longestNanos);
    }

    @Override
    public void close() {
        ended = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
