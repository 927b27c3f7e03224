package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weir.control.client.ControlSocket;
import io.weir.control.lab.DaemonProcess;
import io.weir.control.lab.LabNetwork;
import io.weir.dataplane.sys.NetworkNamespace;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * One machine, NAT: a download goes on when weir ends in good order and starts again, and who comes
 * meanwhile is not refused.
 */
@Isolated
final class RestartIT {
    private static final int PORT = 8000;

    /** TCP doubles its pauses: after ten seconds of silence the next may be another ten. */
    private static final int PATIENCE_MILLIS = 40_000;

    /** For so long the host is kept away, less what the end of the process takes of it. */
    private static final long GUARD_NANOS = TimeUnit.SECONDS.toNanos(9);

    @TempDir private Path directory;

    /** Sends numbers, one every few milliseconds, to whoever connects. */
    private record Ticker(ServerSocket listener) implements Closeable {
        static Ticker start(NetworkNamespace namespace) throws IOException {
            Ticker ticker = new Ticker(namespace.call(() -> new ServerSocket(PORT)));
            Thread.ofPlatform().daemon().name("ticker").start(ticker::accept);
            return ticker;
        }

        private void accept() {
            try {
                while (true) {
                    Socket connection = listener.accept();
                    Thread.ofPlatform().daemon().start(() -> send(connection));
                }
            } catch (IOException closed) {
                // the end of the test
            }
        }

        private static void send(Socket connection) {
            try (connection) {
                connection.setTcpNoDelay(true);
                DataOutputStream output = new DataOutputStream(connection.getOutputStream());
                for (long i = 0; true; i++) {
                    output.writeLong(i);
                    Thread.sleep(4);
                }
            } catch (IOException | InterruptedException ended) {
                // a check, or the client has seen enough
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    /** Reads numbers without a gap until told to stop, and counts them; the longest wait in ms. */
    private static long read(Socket connection, AtomicLong count, CompletableFuture<Void> enough)
            throws IOException {
        DataInputStream input = new DataInputStream(connection.getInputStream());
        long longest = 0;
        long expected = 0;
        while (!enough.isDone()) {
            long start = System.nanoTime();
            assertThat(input.readLong()).isEqualTo(expected++);
            longest = Math.max(longest, System.nanoTime() - start);
            count.set(expected);
        }
        return TimeUnit.NANOSECONDS.toMillis(longest);
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(new InetSocketAddress(LabNetwork.VIRTUAL, PORT), PATIENCE_MILLIS);
        return socket;
    }

    /** Connects again and again until told to stop; how often. */
    private static int comeAndGo(CompletableFuture<Void> enough) throws IOException {
        int times = 0;
        while (!enough.isDone()) {
            try (Socket connection = connect()) {
                assertThat(new DataInputStream(connection.getInputStream()).readLong()).isZero();
            }
            times++;
        }
        return times;
    }

    // With a thread for each: the common pool has no more than one on a machine with two CPUs.
    private static <T> CompletableFuture<T> beside(Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            try {
                                result.complete(work.call());
                            } catch (Throwable e) {
                                result.completeExceptionally(e);
                            }
                        });
        return result;
    }

    private void downloadOutlives(List<String> arguments) throws Exception {
        try (Site site = new Site("lo", 1)) {
            site.network().serveByNat();
            site.with(Ticker.start(site.network().server(0)));
            DaemonProcess first = site.startDaemonWith(arguments);
            awaitListing(site, "Masq");
            try (Socket connection = site.client().call(RestartIT::connect)) {
                CompletableFuture<Void> enough = new CompletableFuture<>();
                AtomicLong numbers = new AtomicLong();
                CompletableFuture<Long> silence = beside(() -> read(connection, numbers, enough));
                CompletableFuture<Void> noMore = new CompletableFuture<>();
                CompletableFuture<Integer> others =
                        beside(() -> site.client().call(() -> comeAndGo(noMore)));
                Thread.sleep(500);
                long start = System.nanoTime();
                first.process().destroy();
                assertThat(first.process().waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS))
                        .isTrue();
                long ended = System.nanoTime();
                DaemonProcess second = site.startDaemonWith(arguments);
                long ready = System.nanoTime();
                assumeTrue(
                        ready - ended < GUARD_NANOS,
                        "this machine is too busy to start weir in ten seconds");
                long known = numbers.get();
                await(() -> numbers.get() > known + 100, silence::toString);
                noMore.complete(null);
                assertThat(others.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isPositive();
                awaitListing(site, ":8000 +Masq +1 +1 +");
                String listing = site.daemon().ipvsadm(List.of("-Lnc"), "");
                enough.complete(null);
                System.out.printf(
                        "%s: %d ms to end, %d ms to start, %d ms of silence%n",
                        arguments.getFirst(),
                        (ended - start) / 1_000_000,
                        (ready - ended) / 1_000_000,
                        silence.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
                assertThat(listing).containsPattern("TCP .* ESTABLISHED .*:8000");
                assertThat(second.output()).anyMatch(line -> line.contains("goes on with"));
                await(() -> Files.notExists(stateFile(site)), () -> "the state file stays");
            }
        }
    }

    private static Path stateFile(Site site) throws IOException {
        String inode = site.director().call(ControlSocket::namespaceInode);
        return ControlSocket.directories().getFirst().resolve("netns-" + inode + ".state");
    }

    private static void awaitListing(Site site, String pattern) throws Exception {
        Pattern wanted = Pattern.compile(pattern);
        AtomicReference<String> listing = new AtomicReference<>("");
        await(
                () -> {
                    listing.set(site.daemon().ipvsadm(List.of("-Ln"), ""));
                    return wanted.matcher(listing.get()).find();
                },
                () -> listing.get() + String.join("\n", site.daemon().output()));
    }

    private static void await(Callable<Boolean> condition, Supplier<String> otherwise)
            throws Exception {
        long start = System.nanoTime();
        while (!condition.call()) {
            if (System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS)) {
                throw new AssertionError(otherwise.get());
            }
            Thread.sleep(50);
        }
    }

    @Test
    void byRules() throws Exception {
        Path rules =
                Files.writeString(
                        directory.resolve("rules"),
                        """
                        -A -t %s:%d -s rr
                        -a -t %s:%d -r %s:%d -m -w 1
                        """
                                .formatted(
                                        LabNetwork.VIRTUAL,
                                        PORT,
                                        LabNetwork.VIRTUAL,
                                        PORT,
                                        LabNetwork.serverAddress(0),
                                        PORT));
        downloadOutlives(List.of("--rules", rules.toString()));
    }

    @Test
    void byConfiguration() throws Exception {
        Path file =
                Files.writeString(
                        directory.resolve("lvs.cf"),
                        """
                        serial_no = 1
                        service = lvs
                        network = nat
                        virtual web {
                            active = 1
                            address = %s front:1
                            port = 8000
                            protocol = tcp
                            scheduler = rr
                            timeout = 6
                            reentry = 6
                            server one {
                                address = %s
                                active = 1
                                weight = 1
                            }
                        }
                        """
                                .formatted(LabNetwork.VIRTUAL, LabNetwork.serverAddress(0)));
        downloadOutlives(List.of("--config", file.toString()));
    }

    /** Asks again and again until told to stop, and is never told that nobody is there. */
    private static int askOn(CompletableFuture<Void> enough) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(LabNetwork.VIRTUAL, PORT));
            socket.setSoTimeout(20);
            int answers = 0;
            while (!enough.isDone()) {
                socket.send(new DatagramPacket(new byte[1], 1));
                try {
                    socket.receive(new DatagramPacket(new byte[64], 64));
                    answers++;
                } catch (SocketTimeoutException lost) {
                    // with its answer or without
                }
            }
            return answers;
        }
    }

    @Test
    void datagramsAreNotRefusedMeanwhile() throws Exception {
        String service = "-u " + LabNetwork.VIRTUAL + ":" + PORT;
        String server = LabNetwork.serverAddress(0);
        Path rules =
                Files.writeString(
                        directory.resolve("datagrams"),
                        "-A %s -s rr%n-a %s -r %s:%d -m%n"
                                .formatted(service, service, server, PORT));
        List<String> arguments = List.of("--rules", rules.toString());
        try (Site site = new Site("lo", 1)) {
            site.network().serveByNat();
            site.with(DatagramServer.start(site.network().server(0), "server", server, PORT));
            DaemonProcess first = site.startDaemonWith(arguments);
            CompletableFuture<Void> enough = new CompletableFuture<>();
            CompletableFuture<Integer> answers =
                    beside(() -> site.client().call(() -> askOn(enough)));
            awaitListing(site, ":8000 +Masq +1 +0 +1");
            first.process().destroy();
            assertThat(first.process().waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            long ended = System.nanoTime();
            DaemonProcess second = site.startDaemonWith(arguments);
            assumeTrue(
                    System.nanoTime() - ended < GUARD_NANOS,
                    "this machine is too busy to start weir in ten seconds");
            assertThat(second.output()).anyMatch(line -> line.contains("goes on with 1 conn"));
            enough.complete(null);
            assertThat(answers.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isPositive();
        }
    }
}
