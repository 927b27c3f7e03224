package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.LabException;
import io.weir.control.lab.LabNetwork;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.sys.ThreadScheduling;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Two workers on live interfaces: each client's packets meet on one of them. */
final class WorkersIT {
    private static final int CLIENTS = 24;
    private static final int REQUESTS = 4;
    private static final Pattern WORKER =
            Pattern.compile("worker [01] on CPU [0-9]+: ([0-9]+) frames, [0-9] dropped");
    private static final Pattern ESTABLISHED = Pattern.compile("ESTABLISHED");
    private static final Pattern FORWARDED = Pattern.compile("([0-9]+) packets forwarded");
    private static final Pattern REASON = Pattern.compile("[a-z-]+ {2,}[0-9]+  [a-z]");
    private static final Pattern WAY_MISSING =
            Pattern.compile("(no-route|link-down|neighbour-[a-z]+) +[0-9]  ");

    @TempDir private Path directory;
    private Path curl;
    private String virtual;

    @ParameterizedTest(name = "{0} by {1}, {2} queues")
    @CsvSource({
        "10.1.0.100,auto,1,(af_packet): veth",
        "fd01::100,afxdp,1,2 workers share 1 queue",
        "10.1.0.100,afxdp,4,2 workers share 4 queues",
    })
    void clientsMeetTheirWorkerInBothDirections(String address, String io, int queues, String way)
            throws Exception {
        curl = Site.assumeTool("curl", "curl");
        virtual = address;
        try (Site site = new Site("lo", 2, queues)) {
            for (int i = 0; i < 2; i++) {
                String name = LabNetwork.serverName(i);
                site.with(Nginx.start(site.network().server(i), name, directory.resolve(name)));
            }
            for (int i = 0; i < 2 * CLIENTS; i++) {
                String length = address.contains(":") ? "/64 dev front nodad" : "/24 dev front";
                site.network()
                        .namespaces()
                        .configure(site.client(), "addr add " + client(i) + length);
            }
            site.startDaemonWith(List.of("--workers", "2", "--no-state", "--io", io));
            assertThat(site.daemon().readyLine()).contains("2 workers on CPUs ");
            assertThat(site.daemon().weir("status"))
                    .containsPattern("front .*" + Pattern.quote(way));
            site.rules(rules("-m"));
            site.network().serveByNat();
            everyClientIsServed(site, 0);
            assertThat(site.daemon().ipvsadm(List.of("-L", "-n", "--stats"), ""))
                    .containsPattern("TCP .*:80 +" + CLIENTS * REQUESTS + " ");
            everyConnectionIsListedOnce(site);
            // The peers of these drivers do not receive what is redirected to them.
            if (io.equals("auto")) {
                theKernelForwardsMany(site);
            }
            assertThat(site.daemon().weir("counters")).contains("no packet was dropped");

            site.network().namespaces().configure(site.director(), "link set front down");
            site.network().namespaces().configure(site.director(), "link set front up");
            if (address.contains(":")) {
                site.network()
                        .namespaces()
                        .configure(
                                site.director(),
                                "addr replace fd01::1/64 dev front nodad",
                                "addr replace " + virtual + "/128 dev lo nodad");
            }
            everyClientIsServed(site, 0);
            onlyTheWayWasMissing(site);

            // A client of a persistent service that uses its port again finds its old connection,
            // thus its old way, in TIME_WAIT, too (is_new_conn_expected in ip_vs_core.c). So
            // others come now.
            site.network().serveDirectly();
            site.daemon().ipvsadm(List.of("-C"), "");
            site.rules(rules("-g"));
            everyClientIsServed(site, CLIENTS);
            onlyTheWayWasMissing(site);

            site.daemon().process().destroyForcibly();
            assertThat(site.daemon().process().waitFor(10, TimeUnit.SECONDS)).isTrue();
            String priority = highestPriority();
            site.startDaemonWith(
                    List.of("--workers", "2", "--no-state", "--worker-priority", priority));
            site.rules(rules("-g"));
            everyClientIsServed(site, 0);
            assertThat(site.daemon().weir("status").contains(", realtime: "))
                    .isEqualTo(priority.equals("realtime"));
        }
    }

    // Containers often lack the right.
    private static String highestPriority() throws InterruptedException {
        AtomicReference<String> highest = new AtomicReference<>("normal");
        Thread trial =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        ThreadScheduling.realTime(1);
                                        highest.set("realtime");
                                    } catch (SystemCallException e) {
                                        assertThat(e.errno()).isEqualTo(Errno.EPERM);
                                    }
                                });
        trial.join();
        return highest.get();
    }

    private String[] rules(String method) {
        String service = Site.bracketed(virtual) + ":80";
        return new String[] {
            "-A -t " + service + " -s wlc -p 60",
            "-a -t " + service + " -r " + server(0) + ":80 " + method,
            "-a -t " + service + " -r " + server(1) + ":80 " + method,
        };
    }

    private String server(int index) {
        return Site.bracketed(Site.server(virtual, index));
    }

    private String client(int index) {
        return virtual.contains(":") ? "fd01::" + (1000 + index) : "10.1.0." + (150 + index);
    }

    // Persistence sends all requests of a client to one server, if its template is found again.
    private void everyClientIsServed(Site site, int first) throws LabException {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < CLIENTS; i++) {
            requests.append(i == 0 ? "" : "next\n").append(requests(client(first + i)));
        }
        List<String> curls = List.of(curl.toString(), "--config", "-");
        List<String> answers =
                Namespaces.run(Namespaces.inside(site.client(), curls), requests.toString())
                        .lines()
                        .toList();
        assertThat(answers).hasSize(CLIENTS * REQUESTS);
        Map<String, List<String>> byClient = new TreeMap<>();
        for (int i = 0; i < CLIENTS; i++) {
            byClient.put(client(first + i), answers.subList(i * REQUESTS, (i + 1) * REQUESTS));
        }
        assertThat(byClient)
                .allSatisfy((client, served) -> assertThat(served).containsOnly(served.get(0)));
        assertThat(answers).containsOnly(LabNetwork.serverName(0), LabNetwork.serverName(1));
    }

    /** One client's part of a configuration of curl. */
    private String requests(String client) {
        return """
        silent
        show-error
        no-keepalive
        header = "Connection: close"
        interface = "%s"
        max-time = 5
        url = "http://%s/?[1-%d]"
        """
                .formatted(client, Site.bracketed(virtual), REQUESTS);
    }

    private void everyConnectionIsListedOnce(Site site) throws LabException {
        List<String> connections =
                site.daemon()
                        .ipvsadm(List.of("-L", "-n", "-c"), "")
                        .lines()
                        .filter(line -> line.startsWith("TCP ") && !line.contains(":0 "))
                        .toList();
        assertThat(connections)
                .extracting(line -> line.split(" +", -1)[3])
                .hasSize(CLIENTS * REQUESTS)
                .doesNotHaveDuplicates();
        assertThat(connections).as("the end of all is known").noneMatch(ESTABLISHED.asPredicate());
    }

    // A request takes some ten packets. Flows are counted four times a second.
    private static void theKernelForwardsMany(Site site) throws Exception {
        Thread.sleep(400);
        Matcher forwarded = FORWARDED.matcher(site.daemon().weir("status"));
        assertThat(forwarded.find()).isTrue();
        assertThat(Integer.parseInt(forwarded.group(1))).isGreaterThan(2 * CLIENTS * REQUESTS);
    }

    // A packet may come before the news that its link is up again and has routes; TCP repeats it.
    private static void onlyTheWayWasMissing(Site site) throws LabException {
        assertThat(site.daemon().weir("counters").lines())
                .filteredOn(line -> REASON.matcher(line).lookingAt())
                .allMatch(line -> WAY_MISSING.matcher(line).lookingAt());
        Matcher workers = WORKER.matcher(site.daemon().weir("status"));
        for (int i = 0; i < 2; i++) {
            assertThat(workers.find()).isTrue();
            assertThat(Integer.parseInt(workers.group(1))).isGreaterThan(20);
        }
    }
}
