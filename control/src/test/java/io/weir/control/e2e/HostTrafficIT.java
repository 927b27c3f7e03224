package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.lab.LabNetwork;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is not the services' traffic passes as if weir were not there, and the kernel keeps out. */
final class HostTrafficIT {
    private static final int WAIT_MILLIS = 20_000;
    private static final int SILENCE_MILLIS = 1500;

    /** The addresses of one family in {@link LabNetwork}. */
    enum Family {
        IPV4(LabNetwork.VIRTUAL, LabNetwork.CLIENT, "10.1.0.1", "10.2.0.1", "10.2.0."),
        IPV6(LabNetwork.VIRTUAL_6, LabNetwork.CLIENT_6, "fd01::1", "fd02::1", "fd02::");

        private final String virtual;
        private final String client;
        private final String front;
        private final String back;
        private final String server;
        private final String absent;

        Family(String virtual, String client, String front, String back, String servers) {
            this.virtual = virtual;
            this.client = client;
            this.front = front;
            this.back = back;
            this.server = servers + "11";
            this.absent = servers + "99";
        }

        String rule(String command, int port) {
            return command + " -t " + Site.bracketed(virtual) + ":" + port;
        }
    }

    @ParameterizedTest(name = "virtual {1} address on {0}")
    @CsvSource({"lo,IPV4", "front,IPV4", "lo,IPV6", "front,IPV6"})
    void leavesTheHostAlone(String virtualDevice, Family family) throws Exception {
        try (Site site = new Site(virtualDevice, 1)) {
            site.with(LineServer.start(site.director(), "director", 22));
            site.with(LineServer.start(site.network().server(0), "server", 80));
            site.with(LineServer.start(site.network().server(0), "other", 8080));
            site.with(LineServer.start(site.client(), "client", 9999));
            site.network().serveByNat();
            String server = Site.bracketed(family.server);
            String absent = Site.bracketed(family.absent);
            site.startDaemon(
                    family.rule("-A", 80) + " -s rr",
                    family.rule("-a", 80) + " -r " + server + ":80 -m",
                    family.rule("-A", 81) + " -s rr",
                    family.rule("-a", 81) + " -r " + absent + ":81 -m");
            assertServiceWorks(site, family);
            assertDirectorIsReached(site, family);
            if (family == Family.IPV6) {
                assertLinkLocalTrafficWorks(site);
            }
            assertRoutingWorks(site, family);
            assertKernelKeepsOut(site, family);
            assertThat(site.daemon().process().isAlive())
                    .as("the daemon lives: %s", site.daemon().output())
                    .isTrue();
            // Again, with connections in the table.
            assertServiceWorks(site, family);
        }
    }

    private static void assertServiceWorks(Site site, Family family) throws IOException {
        assertThat(ask(site.client(), family.virtual, 80))
                .isEqualTo("server " + family.client + " " + family.server);
    }

    private static void assertDirectorIsReached(Site site, Family family) throws IOException {
        NetworkNamespace client = site.client();
        assertThat(ask(client, family.front, 22))
                .isEqualTo("director " + family.client + " " + family.front);
        assertThat(ask(client, family.virtual, 22)).startsWith("director " + family.client);
        assertThat(ask(site.network().server(0), family.back, 22))
                .startsWith("director " + family.server);
        InetAddress virtual = InetAddress.getByName(family.virtual);
        assertThat(client.call(() -> virtual.isReachable(WAIT_MILLIS))).as("ping").isTrue();
        assertThatThrownBy(() -> ask(client, family.virtual, 23))
                .isInstanceOf(ConnectException.class);
        // A health check: the reply comes from a real server's service port.
        assertThat(ask(site.director(), family.server, 80))
                .isEqualTo("server " + family.back + " " + family.server);
    }

    private static void assertLinkLocalTrafficWorks(Site site) throws Exception {
        awaitDuplicateDetection(site.client());
        awaitDuplicateDetection(site.director());
        // By number: Java looks names up in the namespace that the process was started in.
        String address = shown(site.director(), "inet6 (fe80:[0-9a-f:]+)/64");
        String there = address + "%" + shown(site.client(), "^(\\d+): front");
        assertThat(ask(site.client(), there, 22)).startsWith("director fe80:");
        // The neighbour is forgotten, and asked for again with the host as the only one to answer.
        site.network().namespaces().configure(site.client(), "neigh flush dev front");
        assertThat(ask(site.client(), there, 22)).startsWith("director fe80:");
    }

    // Until then the kernel does not send from a link-local address (RFC 4862 5.4).
    private static void awaitDuplicateDetection(NetworkNamespace namespace) throws Exception {
        List<String> list =
                List.of("ip", "-6", "-o", "address", "show", "dev", "front", "tentative");
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
        while (!Namespaces.run(Namespaces.inside(namespace, list), "").isBlank()) {
            assertThat(System.nanoTime()).as("duplicate detection ends").isLessThan(deadline);
            Thread.sleep(50);
        }
    }

    /** What a pattern finds in the list of the addresses of a namespace's front interface. */
    private static String shown(NetworkNamespace namespace, String pattern) throws Exception {
        List<String> list = List.of("ip", "-6", "-o", "address", "show", "dev", "front");
        String output = Namespaces.run(Namespaces.inside(namespace, list), "");
        Matcher found = Pattern.compile(pattern).matcher(output);
        assertThat(found.find()).as(output).isTrue();
        return found.group(1);
    }

    private static void assertRoutingWorks(Site site, Family family) throws IOException {
        NetworkNamespace client = site.client();
        // The client is on the servers' network, too; this is to go by way of the director.
        site.network()
                .namespaces()
                .configure(client, "route replace " + family.server + " via " + family.front);
        String answer = family.client + " " + family.server;
        assertThat(ask(client, family.server, 8080)).isEqualTo("other " + answer);
        assertThat(ask(client, family.server, 80))
                .as("a real server's service port past the service")
                .isEqualTo("server " + answer);
        assertThat(ask(site.network().server(0), family.client, 9999)).startsWith("client");
    }

    // The absent real server does not exist: whoever answers is the director's kernel.
    private static void assertKernelKeepsOut(Site site, Family family) {
        assertThatThrownBy(() -> LineServer.ask(site.client(), family.virtual, 81, SILENCE_MILLIS))
                .satisfiesAnyOf(
                        e -> assertThat(e).isInstanceOf(SocketTimeoutException.class),
                        e -> assertThat(e).hasMessageContaining("unreachable"));
    }

    private static String ask(NetworkNamespace from, String host, int port) throws IOException {
        return LineServer.ask(from, host, port);
    }
}
