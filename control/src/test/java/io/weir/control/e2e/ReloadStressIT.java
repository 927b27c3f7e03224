package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.DaemonProcess;
import io.weir.control.lab.LabNetwork;
import io.weir.dataplane.sys.NetworkNamespace;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * Many reloads under traffic: weights, schedulers, persistence and checks change, a service and two
 * of three servers come and go. No connection is lost, and nothing piles up. {@code
 * -Dweir.reload.count=10000} makes it long.
 */
@Isolated
final class ReloadStressIT {
    private static final String VIP = LabNetwork.VIRTUAL;
    private static final int PORT = 8000;
    private static final int RELOADS = Integer.getInteger("weir.reload.count", 1000);
    private static final int LONG_CONNECTIONS = 10;

    @TempDir private Path directory;

    private final AtomicInteger lines = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicReference<String> failure = new AtomicReference<>();
    private volatile boolean over;

    private void write(int serial, Random random) throws IOException {
        StringBuilder text = new StringBuilder("serial_no = " + serial + "\nservice = lvs\n");
        text.append("network = nat\n");
        service(text, "web", PORT, random);
        if (random.nextBoolean()) {
            service(text, "other", PORT + 1, random);
        }
        Files.writeString(directory.resolve("lvs.cf"), text);
    }

    private static void service(StringBuilder text, String name, int port, Random random) {
        String[] schedulers = {"rr", "wrr", "lc", "wlc", "sh", "lblcr"};
        text.append("virtual ").append(name).append(" {\n active = 1\n");
        text.append(" address = ").append(VIP).append(" front:1\n port = ").append(port);
        text.append("\n scheduler = ").append(schedulers[random.nextInt(schedulers.length)]);
        text.append("\n persistent = ").append(random.nextInt(2) * 30);
        text.append("\n timeout = ").append(3 + random.nextInt(2)).append("\n reentry = 1\n");
        for (int i = 0; i < 3; i++) {
            // The first is always there: without a server nobody could answer.
            if (i == 0 || random.nextInt(3) != 0) {
                text.append(" server s").append(i).append(" {\n  active = 1\n  address = ");
                text.append(LabNetwork.serverAddress(i)).append("\n  weight = ");
                text.append(1 + random.nextInt(5)).append("\n }\n");
            }
        }
        text.append("}\n");
    }

    @Test
    void noConnectionIsLost() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        write(0, random);
        try (Site site = new Site("lo", 3)) {
            site.network().serveByNat();
            for (int i = 0; i < 3; i++) {
                site.with(EchoServer.start(site.network().server(i), PORT));
            }
            DaemonProcess daemon =
                    site.startDaemonWith(
                            List.of("--config", directory.resolve("lvs.cf").toString()));
            ControlClient control = ControlClient.of(daemon);
            awaitFirstServer(control);
            List<Thread> clients = startClients(site.client());
            String threadsBefore = "";
            long descriptorsBefore = 0;
            for (int i = 1; i <= RELOADS && failure.get() == null; i++) {
                write(i, random);
                assertThat(control.ask("POST", "/v1/reload")).as("seed %d", seed).contains("force");
                if (i % 25 == 0) {
                    // Time for new servers to pass their checks and get connections.
                    Thread.sleep(100);
                }
                if (i == RELOADS / 4) {
                    threadsBefore = threads(daemon);
                    descriptorsBefore = descriptors(daemon);
                }
            }
            over = true;
            for (Thread client : clients) {
                client.join(20_000);
            }
            assertThat(failure.get())
                    .as("seed %d%n%s", seed, control.ask("GET", "/v1/status"))
                    .isNull();
            assertThat(lines.get()).isGreaterThan(LONG_CONNECTIONS);
            assertThat(requests.get()).isPositive();
            assertThat(descriptors(daemon)).isLessThan(descriptorsBefore + 20);
            assertThat(Integer.parseInt(threads(daemon)))
                    .isLessThan(Integer.parseInt(threadsBefore) + 10);
            assertThat(instances(daemon, "io.weir.control.keeper.KeptServer")).isLessThan(30);
            assertThat(String.join("\n", daemon.output())).doesNotContain(" error ");
        }
    }

    private static void awaitFirstServer(ControlClient control) throws Exception {
        String wanted = LabNetwork.serverAddress(0) + ":" + PORT + " ";
        String listing = control.listing();
        for (int i = 0; i < 400 && !listing.contains(wanted); i++) {
            Thread.sleep(50);
            listing = control.listing();
        }
        assertThat(listing).contains(wanted);
    }

    private List<Thread> startClients(NetworkNamespace namespace) {
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < LONG_CONNECTIONS; i++) {
            clients.add(client(namespace, this::stay));
        }
        clients.add(client(namespace, this::comeAndGo));
        return clients;
    }

    /** What a client does until it is over. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private Thread client(NetworkNamespace namespace, Work work) {
        return Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            try {
                                namespace.call(
                                        () -> {
                                            try {
                                                work.run();
                                            } catch (InterruptedException e) {
                                                Thread.currentThread().interrupt();
                                            }
                                            return null;
                                        });
                            } catch (IOException | RuntimeException e) {
                                failure.compareAndSet(null, e.toString());
                            }
                        });
    }

    private void stay() throws IOException, InterruptedException {
        try (Socket socket = connect()) {
            while (!over) {
                exchange(socket, "still here\n");
                lines.incrementAndGet();
                Thread.sleep(20);
            }
        }
    }

    private void comeAndGo() throws IOException, InterruptedException {
        while (!over) {
            try (Socket socket = connect()) {
                exchange(socket, "hello\n");
                requests.incrementAndGet();
            }
            Thread.sleep(5);
        }
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(15_000);
        socket.connect(new InetSocketAddress(VIP, PORT), 15_000);
        return socket;
    }

    private static void exchange(Socket socket, String line) throws IOException {
        byte[] sent = line.getBytes(StandardCharsets.US_ASCII);
        socket.getOutputStream().write(sent);
        InputStream answers = socket.getInputStream();
        assertThat(answers.readNBytes(sent.length)).isEqualTo(sent);
    }

    private static long descriptors(DaemonProcess daemon) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + daemon.process().pid() + "/fd"))) {
            return open.count();
        }
    }

    private static String threads(DaemonProcess daemon) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + daemon.process().pid() + "/status")).stream()
                .filter(line -> line.startsWith("Threads:"))
                .map(line -> line.substring("Threads:".length()).strip())
                .findFirst()
                .orElseThrow();
    }

    /** How many instances of a class are reachable; the JVM collects before it counts. */
    private static long instances(DaemonProcess daemon, String className) throws IOException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process =
                new ProcessBuilder(
                                jcmd.toString(),
                                String.valueOf(daemon.process().pid()),
                                "GC.class_histogram")
                        .start();
        String histogram =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return histogram
                .lines()
                .filter(line -> line.strip().endsWith(" " + className))
                .mapToLong(line -> Long.parseLong(line.strip().split(" +", -1)[1]))
                .findFirst()
                .orElseThrow(() -> new AssertionError(histogram.lines().limit(5).toList()));
    }
}
