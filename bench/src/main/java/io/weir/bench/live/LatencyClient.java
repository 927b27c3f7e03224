package io.weir.bench.live;

import org.HdrHistogram.Histogram;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A client in a process of its own that sends HTTP requests and takes down how long their answers
 * take: from the moment when each was due, not when it could be sent, so that a balancer that
 * stalls answers for all requests that the stall held up (no coordinated omission).
 *
 * <p>Arguments: address, port, connections, requests per second over all of them (0: one after the
 * other, each as soon as the one before is answered), milliseconds to warm up, milliseconds to
 * measure. Each connection has a thread.
 */
final class LatencyClient {
    /** What it prints when measuring begins. */
    static final String BEGINS = "measuring";

    private static final byte[] REQUEST =
            "GET / HTTP/1.1\r\nHost: bench\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final String GOOD = "HTTP/1.1 200 ";
    private static final int BUFFER_BYTES = 4096;
    private static final int DIGITS = 3;
    private static final long LEAD_NANOS = 100_000_000;

    private final SocketChannel channel;
    private final ByteBuffer request = ByteBuffer.allocateDirect(REQUEST.length).put(REQUEST);
    private final ByteBuffer answer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final Histogram nanos = new Histogram(DIGITS);
    private final int answerBytes;

    private LatencyClient(InetSocketAddress server) throws IOException {
        channel = SocketChannel.open(server);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        send();
        channel.read(answer);
        byte[] first = new byte[answer.flip().remaining()];
        answer.get(first);
        String text = new String(first, StandardCharsets.US_ASCII);
        if (!text.startsWith(GOOD)) {
            throw new IOException("unexpected answer: " + text.lines().findFirst().orElse(""));
        }
        answerBytes = first.length;
    }

    public static void main(String[] arguments) throws Exception {
        InetSocketAddress server =
                new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
        int connections = Integer.parseInt(arguments[2]);
        int rate = Integer.parseInt(arguments[3]);
        long start = System.nanoTime() + LEAD_NANOS;
        long measured = start + Long.parseLong(arguments[4]) * 1_000_000;
        long end = measured + Long.parseLong(arguments[5]) * 1_000_000;
        long interval = rate == 0 ? 0 : 1_000_000_000L * connections / rate;
        List<LatencyClient> clients = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            LatencyClient client = new LatencyClient(server);
            clients.add(client);
            long first = start + interval * i / connections;
            threads.add(
                    Thread.ofPlatform().start(() -> client.run(first, interval, measured, end)));
        }
        Thread.sleep(Math.max(0, (measured - System.nanoTime()) / 1_000_000));
        System.out.println(BEGINS);
        Histogram all = new Histogram(DIGITS);
        for (int i = 0; i < connections; i++) {
            threads.get(i).join();
            all.add(clients.get(i).nanos);
        }
        System.out.printf(
                "%d requests, ns: p50 %d p99 %d p99.9 %d%n",
                all.getTotalCount(),
                all.getValueAtPercentile(50),
                all.getValueAtPercentile(99),
                all.getValueAtPercentile(99.9));
    }

    private void run(long first, long interval, long measured, long end) {
        try {
            wakePunctually();
            long due = first;
            while (due < end) {
                await(due);
                send();
                receive();
                long now = System.nanoTime();
                if (due >= measured) {
                    nanos.recordValue(now - due);
                }
                due = interval == 0 ? now : due + interval;
            }
        } catch (IOException e) {
            System.out.println("the connection failed: " + e);
            System.exit(1);
        }
    }

    // By default the kernel lets a timer be 50 us late, for the sake of power.
    private static void wakePunctually() throws IOException {
        Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
        Files.writeString(Path.of("/proc").resolve(thread).resolve("timerslack_ns"), "1");
    }

    private static void await(long due) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void send() throws IOException {
        request.clear();
        while (request.hasRemaining()) {
            channel.write(request);
        }
    }

    private void receive() throws IOException {
        answer.clear().limit(answerBytes);
        while (answer.hasRemaining()) {
            if (channel.read(answer) < 0) {
                throw new IOException("closed by the other end");
            }
        }
    }
}
