package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.lab.DaemonProcess;
import io.weir.control.lab.LabNetwork;

import org.junit.jupiter.api.Test;

import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** However the daemon ends, the host is as before at once, unless a connection is to go on. */
final class DaemonEndIT {
    private static final int WAIT_MILLIS = 20_000;
    private static final String[] RULES = {
        "-A -t " + LabNetwork.VIRTUAL + ":80 -s rr",
        "-a -t " + LabNetwork.VIRTUAL + ":80 -r 10.2.0.11:80 -m",
    };

    @Test
    void givesTheHostBack() throws Exception {
        try (Site site = new Site("lo", 1)) {
            site.with(LineServer.start(site.network().server(0), "server", 80));
            site.network().serveByNat();

            DaemonProcess killed = site.startDaemon(RULES);
            assertBalances(site);
            killed.process().destroyForcibly();
            assertThat(killed.process().waitFor(WAIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            assertRefusedAtOnce(site);

            DaemonProcess ended = site.startDaemon(RULES);
            assertBalances(site);
            awaitEndOfConnection(site);
            ended.process().destroy();
            assertThat(ended.process().waitFor(WAIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            assertThat(ended.process().exitValue()).isZero();
            assertRefusedAtOnce(site);
            assertThat(ended.output()).noneMatch(line -> line.contains("error"));
        }
    }

    private static void assertBalances(Site site) throws Exception {
        String answer = LineServer.ask(site.client(), LabNetwork.VIRTUAL, 80);
        assertThat(answer).isEqualTo("server 10.1.0.2 10.2.0.11");
    }

    // Else the host would be kept away from it until a next process came.
    private static void awaitEndOfConnection(Site site) throws Exception {
        String listing = "";
        for (int i = 0; i < 100; i++) {
            listing = site.daemon().ipvsadm(List.of("-Lnc"), "");
            if (listing.contains("TIME_WAIT")) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError(listing);
    }

    // The kernel has the virtual address and nobody listens there; without its answer a client
    // would send its SYN again after a second.
    private static void assertRefusedAtOnce(Site site) throws Exception {
        String before = sentAgain(site);
        assertThatThrownBy(() -> LineServer.ask(site.client(), LabNetwork.VIRTUAL, 80))
                .isInstanceOf(ConnectException.class);
        assertThat(sentAgain(site)).isEqualTo(before);
    }

    /** How many segments the client's host has sent again. */
    private static String sentAgain(Site site) throws Exception {
        List<String> lines =
                site.client().call(() -> Files.readAllLines(Path.of("/proc/thread-self/net/snmp")));
        List<String> tcp = lines.stream().filter(line -> line.startsWith("Tcp:")).toList();
        List<String> names = List.of(tcp.getFirst().split(" ", -1));
        return tcp.getLast().split(" ", -1)[names.indexOf("RetransSegs")];
    }
}
