package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weir.control.lab.DaemonProcess;
import io.weir.control.lab.LabException;
import io.weir.control.lab.LabNetwork;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** weir run --config, NAT, with real servers that die and return, and reloads under connections. */
final class ConfiguredRouterIT {
    private static final String VIP = LabNetwork.VIRTUAL;
    // Without a word about checks, nanny connects; on port 80 alone it asks for a page.
    private static final int PORT = 8000;

    private static final int PATIENCE_MILLIS = 20_000;

    @TempDir private Path directory;

    private Path file() {
        return directory.resolve("lvs.cf");
    }

    /** Writes a file with two servers that are connected to once a second. */
    private void write(int serial, String service, String first, String second) throws IOException {
        Files.writeString(
                file(),
                """
                serial_no = %d
                service = lvs
                network = nat
                virtual web {
                    active = 1
                    address = %s front:1
                    port = 8000
                    protocol = tcp
                    scheduler = rr
                    timeout = 1
                    reentry = 1
                    %s
                    server one {
                        address = %s
                        active = 1
                        %s
                    }
                    server two {
                        address = %s
                        active = 1
                        %s
                    }
                }
                """
                        .formatted(
                                serial,
                                VIP,
                                service,
                                LabNetwork.serverAddress(0),
                                first,
                                LabNetwork.serverAddress(1),
                                second));
    }

    private Site site(int servers) throws LabException {
        Site site = new Site("lo", servers);
        site.network().serveByNat();
        return site;
    }

    private DaemonProcess start(Site site) throws LabException {
        return site.startDaemonWith(List.of("--config", file().toString()));
    }

    private static LineServer serve(Site site, int index, int port) throws IOException {
        String name = LabNetwork.serverName(index);
        return site.with(LineServer.start(site.network().server(index), name, port));
    }

    private static String listing(Site site) throws IOException {
        return ask(site, "POST", "/v1/ipvsadm?arg=-L&arg=-n");
    }

    private static String ask(Site site, String method, String target) throws IOException {
        return ControlClient.of(site.daemon()).ask(method, target);
    }

    private static String await(Site site, Predicate<String> condition) throws Exception {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
        String listing = listing(site);
        while (!condition.test(listing)) {
            assertThat(System.nanoTime())
                    .as("%s%n%s", listing, String.join("\n", site.daemon().output()))
                    .isLessThan(end);
            Thread.sleep(100);
            listing = listing(site);
        }
        return listing;
    }

    private static boolean has(String listing, int server, int port, int weight) {
        String address = LabNetwork.serverAddress(server) + ":" + port;
        return listing.matches("(?s).* -> " + address + " +Masq +" + weight + " .*");
    }

    private static boolean lacks(String listing, int server) {
        return !listing.contains(LabNetwork.serverAddress(server));
    }

    /** Who answers so many requests; all have to be answered. */
    private static Map<String, Integer> ask(Site site, int requests) throws IOException {
        Map<String, Integer> answers = new TreeMap<>();
        for (int i = 0; i < requests; i++) {
            String answer = LineServer.ask(site.client(), VIP, PORT);
            answers.merge(answer.substring(0, answer.indexOf(' ')), 1, Integer::sum);
        }
        return answers;
    }

    private static Socket connect(Site site) throws IOException {
        return site.client()
                .call(
                        () -> {
                            Socket socket = new Socket();
                            socket.setSoTimeout(PATIENCE_MILLIS);
                            socket.connect(new InetSocketAddress(VIP, PORT), PATIENCE_MILLIS);
                            return socket;
                        });
    }

    /** Ends a connection's request and reads the name of the server that answers. */
    private static String finish(Socket socket) throws IOException {
        socket.shutdownOutput();
        String line = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return line.isEmpty() ? "" : line.substring(0, line.indexOf(' '));
    }

    @Test
    void serversDieAndReturnAndTheSorryServerStandsIn() throws Exception {
        write(7, "sorry_server = " + LabNetwork.serverAddress(2), "", "weight = 1");
        try (Site site = site(3)) {
            LineServer first = serve(site, 0, PORT);
            LineServer second = serve(site, 1, PORT);
            serve(site, 2, PORT);
            start(site);
            await(site, list -> has(list, 0, PORT, 1) && has(list, 1, PORT, 1) && lacks(list, 2));
            assertThat(ask(site, 10)).isEqualTo(Map.of("server-1", 5, "server-2", 5));

            first.close();
            await(site, list -> lacks(list, 0));
            assertThat(ask(site, 6)).isEqualTo(Map.of("server-2", 6));
            second.close();
            await(site, list -> lacks(list, 1) && has(list, 2, PORT, 1));
            assertThat(ask(site, 6)).isEqualTo(Map.of("server-3", 6));

            serve(site, 0, PORT);
            await(site, list -> has(list, 0, PORT, 1) && !has(list, 2, PORT, 1));
            assertThat(ask(site, 6)).isEqualTo(Map.of("server-1", 6));

            String status = ask(site, "GET", "/v1/status");
            assertThat(status)
                    .contains("serial number 7", "role active")
                    .contains("service web, tcp 10.1.0.100:8000: up")
                    .containsPattern("one +10.2.0.11:8000 +up +weight 1 of 1")
                    .containsPattern("two +10.2.0.12:8000 +down +weight - of 1");
            assertThat(String.join("\n", site.daemon().output()))
                    .contains("[ active ] making 10.2.0.11:8000 available")
                    .contains("[inactive] shutting down 10.2.0.12:8000 due to connection failure");
        }
    }

    @Test
    void quiesceKeepsTheServerWithWeightZero() throws Exception {
        write(1, "quiesce_server = 1", "weight = 3", "weight = 1");
        try (Site site = site(2)) {
            LineServer first = serve(site, 0, PORT);
            serve(site, 1, PORT);
            start(site);
            await(site, list -> has(list, 0, PORT, 3) && has(list, 1, PORT, 1));
            first.close();
            await(site, list -> has(list, 0, PORT, 0));
            assertThat(ask(site, 4)).isEqualTo(Map.of("server-2", 4));
            serve(site, 0, PORT);
            await(site, list -> has(list, 0, PORT, 3));
        }
    }

    @Test
    void aReloadChangesWhatDiffersUnderOpenConnections() throws Exception {
        write(1, "", "weight = 1", "weight = 1");
        try (Site site = site(2)) {
            serve(site, 0, PORT);
            serve(site, 1, PORT);
            start(site);
            await(site, list -> has(list, 0, PORT, 1) && has(list, 1, PORT, 1));
            try (Socket one = connect(site);
                    Socket two = connect(site)) {
                write(2, "persistent = 60", "weight = 5", "weight = 1");
                assertThat(ask(site, "POST", "/v1/reload"))
                        .contains("serial number 2, is in force: 1 service, 2 real servers");
                String changed = listing(site);
                assertThat(changed).contains("persistent 60");
                assertThat(has(changed, 0, PORT, 5)).isTrue();
                assertThat(finish(one) + " " + finish(two))
                        .isIn("server-1 server-2", "server-2 server-1");
            }
            assertThat(ask(site, "POST", "/v1/reload")).contains("has not changed");

            Files.writeString(file(), "virtual web {\n  nonsense = 1\n}\n");
            assertThatThrownBy(() -> site.daemon().weir("reload"))
                    .isInstanceOf(LabException.class)
                    .hasMessageContaining("lvs.cf:2");
            assertThat(has(listing(site), 0, PORT, 5)).isTrue();
        }
    }

    @Test
    void hangUpReadsTheFileAgainAndABadOneIsRefusedWhole() throws Exception {
        write(1, "", "weight = 1", "weight = 1");
        try (Site site = site(2)) {
            serve(site, 0, PORT);
            serve(site, 1, PORT);
            DaemonProcess daemon = start(site);
            await(site, list -> has(list, 0, PORT, 1) && has(list, 1, PORT, 1));
            assumeTrue(
                    daemon.output().stream().noneMatch(line -> line.contains("SIGHUP is ignored")),
                    "needs SIGHUP, which whoever started the tests has ignored");
            Files.writeString(
                    file(), Files.readString(file()).replace("scheduler = rr", "scheduler = best"));
            hangUp(daemon);
            awaitOutput(daemon, "stays in force");
            assertThat(listing(site)).contains("TCP  10.1.0.100:8000 rr");
            write(2, "", "weight = 2", "weight = 1");
            hangUp(daemon);
            await(site, list -> has(list, 0, PORT, 2) && has(list, 1, PORT, 1));
            assertThat(daemon.process().isAlive()).isTrue();
        }
    }

    private static void hangUp(DaemonProcess daemon) throws Exception {
        // The process that was started is ip netns exec, which becomes java.
        new ProcessBuilder("kill", "-HUP", String.valueOf(daemon.process().pid()))
                .start()
                .waitFor();
    }

    private static void awaitOutput(DaemonProcess daemon, String words) throws Exception {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
        while (!String.join("\n", daemon.output()).contains(words)) {
            assertThat(System.nanoTime()).as(String.join("\n", daemon.output())).isLessThan(end);
            Thread.sleep(50);
        }
    }

    @Test
    void aDrainOverridesPersistenceAndEndsAtItsTime() throws Exception {
        write(1, "persistent = 300\n drain = 9", "weight = 1", "weight = 1");
        try (Site site = site(2)) {
            serve(site, 0, PORT);
            serve(site, 1, PORT);
            start(site);
            await(site, list -> has(list, 0, PORT, 1) && has(list, 1, PORT, 1));
            Map<String, Integer> sticky = ask(site, 4);
            assertThat(sticky).hasSize(1);
            String stuckTo = sticky.keySet().iterator().next();
            String name = stuckTo.equals("server-1") ? "one" : "two";
            try (Socket open = connect(site);
                    Socket idle = connect(site)) {
                assertThat(site.daemon().weir("drain", name))
                        .contains(name + " drains in 1 service");
                assertThat(ask(site, 4)).doesNotContainKey(stuckTo).hasSize(1);
                assertThat(ask(site, "GET", "/v1/status"))
                        .containsPattern(name + " .* draining .*, ends in \\d s");
                assertThat(finish(open)).isEqualTo(stuckTo);
                await(site, list -> lacks(list, name.equals("one") ? 0 : 1));
                assertThatThrownBy(() -> finish(idle)).isInstanceOf(IOException.class);
            }
            assertThat(ask(site, "GET", "/v1/status")).containsPattern(name + " .* drained ");
            ask(site, "POST", "/v1/drain?on=false&server=" + name);
            await(site, list -> has(list, 0, PORT, 1) && has(list, 1, PORT, 1));
            assertThat(ask(site, "POST", "/v1/drain?server=three"))
                    .contains("there is no server three");
        }
    }

    @Test
    void foreignEditsOfItsServicesAreUndoneAndOthersLeftAlone() throws Exception {
        write(1, "", "weight = 1", "weight = 1");
        try (Site site = site(2)) {
            serve(site, 0, PORT);
            serve(site, 1, PORT);
            start(site);
            await(site, list -> has(list, 0, PORT, 1) && has(list, 1, PORT, 1));
            site.rules(
                    "-A -t 10.1.0.100:8001 -s rr",
                    "-a -t 10.1.0.100:8001 -r 10.2.0.11:8000 -m -w 9",
                    "-e -t 10.1.0.100:8000 -r 10.2.0.11:8000 -m -w 9",
                    "-d -t 10.1.0.100:8000 -r 10.2.0.12:8000");
            String mended = await(site, list -> has(list, 0, PORT, 1) && has(list, 1, PORT, 1));
            assertThat(mended).contains("TCP  10.1.0.100:8001 rr").contains("Masq    9 ");
            awaitOutput(site.daemon(), "changed by somebody else");
            // The failover protocols need a partner; a router alone says so.
            assertThat(ask(site, "POST", "/v1/failover")).contains("no partner");
        }
    }
}
