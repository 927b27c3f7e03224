package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.lab.LabNetwork;
import io.weir.dataplane.sys.NetworkNamespace;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;

/** What is not the services' traffic passes as if weir were not there, and the kernel keeps out. */
final class HostTrafficIT {
    private static final int WAIT_MILLIS = 5000;
    private static final int SILENCE_MILLIS = 1500;

    @ParameterizedTest(name = "virtual address on {0}")
    @ValueSource(strings = {"lo", "front"})
    void leavesTheHostAlone(String virtualDevice) throws Exception {
        try (Site site = new Site(virtualDevice, 1)) {
            site.with(LineServer.start(site.director(), "director", 22));
            site.with(LineServer.start(site.network().server(0), "server", 80));
            site.with(LineServer.start(site.network().server(0), "other", 8080));
            site.with(LineServer.start(site.client(), "client", 9999));
            site.network().serveByNat();
            site.startDaemon(
                    "-A -t " + LabNetwork.VIRTUAL + ":80 -s rr",
                    "-a -t " + LabNetwork.VIRTUAL + ":80 -r 10.2.0.11:80 -m",
                    "-A -t " + LabNetwork.VIRTUAL + ":81 -s rr",
                    "-a -t " + LabNetwork.VIRTUAL + ":81 -r 10.2.0.99:81 -m");
            assertServiceWorks(site);
            assertDirectorIsReached(site);
            assertRoutingWorks(site);
            assertKernelKeepsOut(site);
            assertThat(site.daemon().process().isAlive())
                    .as("the daemon lives: %s", site.daemon().output())
                    .isTrue();
            // Again, with connections in the table.
            assertServiceWorks(site);
        }
    }

    private static void assertServiceWorks(Site site) throws IOException {
        assertThat(ask(site.client(), LabNetwork.VIRTUAL, 80))
                .isEqualTo("server 10.1.0.2 10.2.0.11");
    }

    private static void assertDirectorIsReached(Site site) throws IOException {
        NetworkNamespace client = site.client();
        assertThat(ask(client, "10.1.0.1", 22)).isEqualTo("director 10.1.0.2 10.1.0.1");
        assertThat(ask(client, LabNetwork.VIRTUAL, 22)).startsWith("director 10.1.0.2");
        assertThat(ask(site.network().server(0), "10.2.0.1", 22)).startsWith("director 10.2.0.11");
        InetAddress virtual = InetAddress.getByName(LabNetwork.VIRTUAL);
        assertThat(client.call(() -> virtual.isReachable(WAIT_MILLIS))).as("ping").isTrue();
        assertThatThrownBy(() -> ask(client, LabNetwork.VIRTUAL, 23))
                .isInstanceOf(ConnectException.class);
        // A health check: the reply comes from a real server's service port.
        assertThat(ask(site.director(), "10.2.0.11", 80)).isEqualTo("server 10.2.0.1 10.2.0.11");
    }

    private static void assertRoutingWorks(Site site) throws IOException {
        NetworkNamespace client = site.client();
        // The client is on the servers' network, too; this is to go by way of the director.
        site.network().namespaces().configure(client, "route replace 10.2.0.11/32 via 10.1.0.1");
        assertThat(ask(client, "10.2.0.11", 8080)).isEqualTo("other 10.1.0.2 10.2.0.11");
        assertThat(ask(client, "10.2.0.11", 80))
                .as("a real server's service port past the service")
                .isEqualTo("server 10.1.0.2 10.2.0.11");
        assertThat(ask(site.network().server(0), LabNetwork.CLIENT, 9999)).startsWith("client");
    }

    // The real server 10.2.0.99 does not exist: whoever answers is the director's kernel.
    private static void assertKernelKeepsOut(Site site) {
        assertThatThrownBy(
                        () -> LineServer.ask(site.client(), LabNetwork.VIRTUAL, 81, SILENCE_MILLIS))
                .satisfiesAnyOf(
                        e -> assertThat(e).isInstanceOf(SocketTimeoutException.class),
                        e -> assertThat(e).hasMessageContaining("unreachable"));
    }

    private static String ask(NetworkNamespace from, String host, int port) throws IOException {
        return LineServer.ask(from, host, port, WAIT_MILLIS);
    }
}
