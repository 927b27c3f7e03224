package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.DaemonProcess;
import io.weir.control.lab.LabException;
import io.weir.dataplane.sys.NetworkNamespace;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Two balancers that synchronise their connections over a link of their own. */
final class ConnectionSyncIT {
    private static final int BLOCK_BYTES = 4096;
    private static final int BLOCKS = 200;
    private static final int PAUSE_MILLIS = 15;
    private static final int READ_MILLIS = 20_000;
    private static final String DAEMON =
            " --mcast-interface " + RouterPair.SYNC_LINK + " --syncid 7";

    @TempDir private Path directory;

    private Path settings() throws IOException {
        return Files.writeString(
                directory.resolve("pair.conf"),
                """
                net.ipv4.vs.sync_established = 1
                net.ipv4.vs.sync_delay = 20
                net.ipv4.vs.sync_resync = 1
                net.ipv4.vs.sync_threshold = 3 0
                net.ipv4.vs.sync_refresh_period = 60
                """);
    }

    private static void daemon(DaemonProcess weir, String command) throws LabException {
        weir.ipvsadm(List.of((command + DAEMON).split(" ")), "");
    }

    @Test
    void aDownloadGoesOnThroughTheOtherBalancer() throws Exception {
        try (RouterPair pair = new RouterPair();
                DaemonProcess first = pair.startDaemon(0, settings());
                DaemonProcess second = pair.startDaemon(1, settings())) {
            daemon(second, "--start-daemon backup");
            daemon(first, "--start-daemon master");
            pair.activate(0);
            try (SlowServer server = SlowServer.start(pair.server(), BLOCKS)) {
                CountDownLatch halfway = new CountDownLatch(1);
                CompletableFuture<Long> download =
                        CompletableFuture.supplyAsync(() -> download(pair.client(), halfway));
                assertThat(halfway.await(READ_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
                awaitConnection(second);
                // Its host, without weir, would reset what has the address of the service.
                pair.cut(0);
                first.process().destroyForcibly().waitFor();
                pair.activate(1);
                assertThat(download.get(READ_MILLIS, TimeUnit.MILLISECONDS))
                        .isEqualTo((long) BLOCKS * BLOCK_BYTES);
                assertThat(second.ipvsadm(List.of("-Lnc"), ""))
                        .contains(RouterPair.VIRTUAL + ":80");
                assertThat(second.weir("counters")).contains("sync");
                assertThat(server.accepted()).isEqualTo(1);
            }
        }
    }

    @Test
    void aBalancerThatJoinsLateIsToldOfAllConnections() throws Exception {
        try (RouterPair pair = new RouterPair();
                DaemonProcess first = pair.startDaemon(0, settings())) {
            daemon(first, "--start-daemon master");
            pair.activate(0);
            try (SlowServer _ = SlowServer.start(pair.server(), 1);
                    Socket idle = connect(pair.client());
                    DaemonProcess second = pair.startDaemon(1, settings())) {
                // The connection is reported when it is established, and nobody is there to hear.
                assertThat(idle.getInputStream().read()).isNotNegative();
                assertThat(second.ipvsadm(List.of("-Lnc"), "")).doesNotContain("ESTABLISHED");
                daemon(second, "--start-daemon backup");
                assertListsConnection(second, idle.getLocalPort());
            }
        }
    }

    @Test
    void aBalancerThatStartsAgainGetsItsConnectionsBack() throws Exception {
        try (RouterPair pair = new RouterPair();
                DaemonProcess second = pair.startDaemon(1, settings())) {
            daemon(second, "--start-daemon backup");
            pair.activate(0);
            try (SlowServer _ = SlowServer.start(pair.server(), 1)) {
                Socket idle;
                try (DaemonProcess first = pair.startDaemon(0, settings())) {
                    daemon(first, "--start-daemon master");
                    idle = connect(pair.client());
                    assertThat(idle.getInputStream().read()).isNotNegative();
                    assertListsConnection(second, idle.getLocalPort());
                }
                try (idle;
                        DaemonProcess first = pair.startDaemon(0, settings())) {
                    daemon(first, "--start-daemon backup");
                    assertListsConnection(first, idle.getLocalPort());
                }
            }
        }
    }

    // Who is to take over has to know of it.
    private static void awaitConnection(DaemonProcess weir) throws Exception {
        ControlClient control = ControlClient.of(weir);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(READ_MILLIS);
        String known = "";
        while (!known.contains("ESTABLISHED")) {
            assertThat(System.nanoTime()).as(known).isLessThan(end);
            Thread.sleep(10);
            known = control.ask("POST", "/v1/ipvsadm?arg=-L&arg=-n&arg=-c");
        }
    }

    private static void assertListsConnection(DaemonProcess weir, int clientPort) throws Exception {
        String listing = "";
        for (int i = 0; i < 200 && !listing.contains("ESTABLISHED"); i++) {
            Thread.sleep(100);
            listing = weir.ipvsadm(List.of("-Lnc"), "");
        }
        assertThat(listing)
                .contains("ESTABLISHED 10.0.0.2:" + clientPort + "")
                .contains(RouterPair.SERVER + ":8080");
    }

    private static Socket connect(NetworkNamespace client) throws IOException {
        return client.call(
                () -> {
                    Socket socket = new Socket();
                    socket.setSoTimeout(READ_MILLIS);
                    socket.connect(new InetSocketAddress(RouterPair.VIRTUAL, 80), READ_MILLIS);
                    return socket;
                });
    }

    private static long download(NetworkNamespace client, CountDownLatch halfway) {
        try (Socket socket = connect(client)) {
            InputStream input = socket.getInputStream();
            long received = 0;
            byte[] block = new byte[BLOCK_BYTES];
            while (received < (long) BLOCKS * BLOCK_BYTES) {
                int count = input.read(block);
                if (count < 0) {
                    break;
                }
                received += count;
                if (received > BLOCKS / 4 * BLOCK_BYTES) {
                    halfway.countDown();
                }
            }
            return received;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends a client some blocks with pauses between them, and waits for its end. */
    private static final class SlowServer implements AutoCloseable {
        private final ServerSocket listener;
        private final int blocks;
        private final AtomicInteger accepted = new AtomicInteger();

        private SlowServer(ServerSocket listener, int blocks) {
            this.listener = listener;
            this.blocks = blocks;
        }

        static SlowServer start(NetworkNamespace namespace, int blocks) throws IOException {
            ServerSocket listener = namespace.call(() -> new ServerSocket(8080));
            SlowServer server = new SlowServer(listener, blocks);
            Thread.ofPlatform().daemon().name("slow").start(server::serve);
            return server;
        }

        int accepted() {
            return accepted.get();
        }

        private void serve() {
            while (!listener.isClosed()) {
                try (Socket connection = listener.accept()) {
                    accepted.incrementAndGet();
                    for (int i = 0; i < blocks; i++) {
                        connection.getOutputStream().write(new byte[BLOCK_BYTES]);
                        Thread.sleep(PAUSE_MILLIS);
                    }
                    int _ = connection.getInputStream().read();
                } catch (IOException e) {
                    // The client sees it and reports it.
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
