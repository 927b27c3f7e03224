package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.LabNetwork;
import io.weir.dataplane.sys.NetworkNamespace;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Thousands of short connections lose nothing. */
final class ManyConnectionsIT {
    private static final int THREADS = 16;
    private static final int WAIT_MILLIS = 20_000;

    @ParameterizedTest(name = "{1} connections to {0}")
    @CsvSource({LabNetwork.VIRTUAL + ",10000", LabNetwork.VIRTUAL_6 + ",3000"})
    void answersEveryConnection(String virtual, int connections) throws Exception {
        try (Site site = new Site("lo", 2)) {
            for (int i = 0; i < 2; i++) {
                for (int port : new int[] {8001, 8002}) {
                    String name = LabNetwork.serverName(i);
                    site.with(LineServer.start(site.network().server(i), name, port));
                }
            }
            // A late reset must not end TIME-WAIT early and with it free the port (RFC 1337): IPVS
            // takes a port used again while it waits for the end of its connection for that
            // connection.
            site.network().namespaces().sysctl(site.client(), "ipv4/tcp_rfc1337", 1);
            site.startDaemon(rules(virtual, 8001, "-m"));
            site.network().serveByNat();
            run(site.client(), virtual, "NAT", 8001, connections);
            site.network().serveDirectly();
            site.rules(rules(virtual, 8002, "-g"));
            run(site.client(), virtual, "DR", 8002, connections);
            assertThat(site.daemon().weir("counters")).contains("no packet was dropped");
        }
    }

    private static String[] rules(String virtual, int port, String method) {
        String service = "-t " + Site.bracketed(virtual) + ":" + port;
        return new String[] {
            "-A " + service + " -s rr",
            "-a " + service + " -r " + server(virtual, 0, port) + " " + method,
            "-a " + service + " -r " + server(virtual, 1, port) + " " + method,
        };
    }

    private static String server(String virtual, int index, int port) {
        return Site.bracketed(Site.server(virtual, index)) + ":" + port;
    }

    private static void run(
            NetworkNamespace client, String virtual, String what, int port, int connections)
            throws Exception {
        AtomicInteger left = new AtomicInteger(connections);
        Map<String, Integer> answers = new ConcurrentHashMap<>();
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        Runnable work =
                () -> {
                    while (left.getAndDecrement() > 0) {
                        try {
                            String answer = LineServer.ask(virtual, port, WAIT_MILLIS);
                            answers.merge(
                                    answer.substring(0, answer.indexOf(' ')), 1, Integer::sum);
                        } catch (IOException e) {
                            failures.add(e.toString());
                        }
                    }
                };
        long start = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            // A thread stays in the namespace of the thread that started it.
            threads.add(client.call(() -> Thread.ofPlatform().start(work)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                "%s, %s: %d connections in %.2f s, %.0f a second%n",
                virtual, what, connections, seconds, connections / seconds);
        assertThat(failures).as("failures by " + what).isEmpty();
        assertThat(answers)
                .isEqualTo(Map.of("server-1", connections / 2, "server-2", connections / 2));
    }
}
