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
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One machine, NAT: a download goes on when weir ends in good order and starts again. */
@Isolated
final class RestartIT {
    private static final int PORT = 8000;
    private static final int PATIENCE_MILLIS = 20_000;

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

    /** Reads numbers without a gap until told to stop; the longest wait in ms. */
    private static long read(Socket connection, CompletableFuture<Void> enough) throws IOException {
        DataInputStream input = new DataInputStream(connection.getInputStream());
        long longest = 0;
        long expected = 0;
        while (!enough.isDone()) {
            long start = System.nanoTime();
            assertThat(input.readLong()).isEqualTo(expected++);
            longest = Math.max(longest, System.nanoTime() - start);
        }
        return TimeUnit.NANOSECONDS.toMillis(longest);
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(new InetSocketAddress(LabNetwork.VIRTUAL, PORT), PATIENCE_MILLIS);
        return socket;
    }

    private void downloadOutlives(List<String> arguments) throws Exception {
        try (Site site = new Site("lo", 1)) {
            site.network().serveByNat();
            site.with(Ticker.start(site.network().server(0)));
            DaemonProcess first = site.startDaemonWith(arguments);
            awaitServer(site);
            try (Socket connection = site.client().call(RestartIT::connect)) {
                CompletableFuture<Void> enough = new CompletableFuture<>();
                CompletableFuture<Long> silence =
                        CompletableFuture.supplyAsync(
                                () -> {
                                    try {
                                        return read(connection, enough);
                                    } catch (IOException e) {
                                        throw new AssertionError(e);
                                    }
                                });
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
                Thread.sleep(4_000);
                String listing = site.daemon().ipvsadm(List.of("-Lnc"), "");
                String servers = site.daemon().ipvsadm(List.of("-Ln"), "");
                enough.complete(null);
                System.out.printf(
                        "%s: %d ms to end, %d ms to start, %d ms of silence%n",
                        arguments.getFirst(),
                        (ended - start) / 1_000_000,
                        (ready - ended) / 1_000_000,
                        silence.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
                assertThat(listing).containsPattern("TCP .* ESTABLISHED .*:8000");
                assertThat(servers).containsPattern(":8000 +Masq +1 +1 +");
                assertThat(second.output()).anyMatch(line -> line.contains("goes on with"));
                assertThat(stateFile(site)).doesNotExist();
            }
        }
    }

    private static Path stateFile(Site site) throws IOException {
        String inode = site.director().call(ControlSocket::namespaceInode);
        return ControlSocket.directories().getFirst().resolve("netns-" + inode + ".state");
    }

    private static void awaitServer(Site site) throws Exception {
        for (int i = 0; i < 100; i++) {
            if (site.daemon().ipvsadm(List.of("-Ln"), "").contains("Masq")) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError(String.join("\n", site.daemon().output()));
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
                            timeout = 1
                            reentry = 2
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
}
