package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weir.control.lab.LabException;
import io.weir.control.lab.LabNetwork;
import io.weir.control.lab.Namespaces;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Debian's ldirectord as it is, with weir in the place of ipvsadm: it makes the service, takes a
 * web server that has died out of it, brings it back, and cleans up when it ends.
 */
final class HealthCheckIT {
    /** What ldirectord wants for checks by HTTP over IPv6. */
    private static final Path IPV6_FOR_HTTP = Path.of("/usr/share/perl5/Net/INET6Glue.pm");

    private static final long PATIENCE_MILLIS = 60_000;

    @TempDir private Path directory;

    private boolean ipv6;
    private String service = "";

    @ParameterizedTest(name = "{1}, quiescent = {0}")
    @CsvSource({"no,10.1.0.100", "yes,10.1.0.100", "no,fd01::100"})
    void ldirectordDrivesWeir(String quiescent, String virtual) throws Exception {
        ipv6 = virtual.contains(":");
        assumeTrue(
                !ipv6 || Files.exists(IPV6_FOR_HTTP),
                "needs " + IPV6_FOR_HTTP + ", of the Debian package libnet-inet6glue-perl");
        service = ipv6 ? "[" + virtual + "]:80" : virtual + ":80";
        Path ldirectord = Site.assumeTool("ldirectord", "ldirectord");
        Path curl = Site.assumeTool("curl", "curl");
        InstalledClient client = InstalledClient.in(directory);
        try (Site site = new Site("lo", 2)) {
            Nginx first = startServer(site, 0);
            startServer(site, 1);
            site.network().serveByNat();
            site.startDaemon();
            Process checker = start(site, client, ldirectord, quiescent);

            await(site, listing -> has(listing, 0, 1) && has(listing, 1, 2));
            assertThat(get(site, curl)).isEqualTo(Map.of("server-1", 6, "server-2", 12));

            first.close();
            await(
                    site,
                    quiescent.equals("yes")
                            ? listing -> has(listing, 0, 0)
                            : listing -> !listing.contains(real(0)));
            assertThat(get(site, curl)).isEqualTo(Map.of("server-2", 18));

            startServer(site, 0);
            await(site, listing -> has(listing, 0, 1) && has(listing, 1, 2));
            assertThat(get(site, curl)).isEqualTo(Map.of("server-1", 6, "server-2", 12));

            checker.destroy();
            assertThat(checker.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            assertThat(checker.exitValue()).isZero();
            assertThat(listing(site)).doesNotContain(service);
            assertThat(Files.readString(directory.resolve("log")))
                    .doesNotContain("failed:", "rror");
        }
    }

    private Nginx startServer(Site site, int index) throws IOException, InterruptedException {
        String name = LabNetwork.serverName(index);
        return site.with(Nginx.start(site.network().server(index), name, directory.resolve(name)));
    }

    /** Starts ldirectord in the foreground, where it writes no file of its own. */
    private Process start(Site site, InstalledClient client, Path ldirectord, String quiescent)
            throws IOException {
        Path configuration = directory.resolve("ldirectord.cf");
        Files.writeString(
                configuration,
                """
                checktimeout = 10
                negotiatetimeout = 10
                checkinterval = 1
                autoreload = no
                supervised = yes
                logfile = "%1$s"
                quiescent = %2$s
                virtual%3$s = %4$s
                \treal%3$s = %5$s masq 1
                \treal%3$s = %6$s masq 2
                \tservice = http
                \tchecktype = negotiate
                \trequest = "index.html"
                \treceive = "server-[12]"
                \tscheduler = wrr
                \tprotocol = tcp
                """
                        .formatted(
                                directory.resolve("log"),
                                quiescent,
                                ipv6 ? "6" : "",
                                service,
                                real(0),
                                real(1)));
        List<String> command = List.of(ldirectord.toString(), configuration.toString(), "start");
        Process process =
                new ProcessBuilder(client.inside(site.director(), command))
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("log").toFile())
                        .start();
        site.with(process::destroy);
        return process;
    }

    private String real(int server) {
        return ipv6
                ? "[" + LabNetwork.serverAddress6(server) + "]:80"
                : LabNetwork.serverAddress(server) + ":80";
    }

    private boolean has(String listing, int server, int weight) {
        String line = " -> " + Pattern.quote(real(server)) + " +Masq +" + weight + " ";
        return Pattern.compile(line).matcher(listing).find();
    }

    private static String listing(Site site) throws LabException {
        return site.daemon().ipvsadm(List.of("-L", "-n"), "");
    }

    private void await(Site site, Predicate<String> condition) throws Exception {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        String listing = listing(site);
        while (!condition.test(listing)) {
            assertThat(System.nanoTime())
                    .as("%s%n%s", listing, Files.readString(directory.resolve("log")))
                    .isLessThan(end);
            Thread.sleep(200);
            listing = listing(site);
        }
    }

    /** The answers to 18 requests by the name of the server; all of them have to come. */
    private Map<String, Integer> get(Site site, Path curl) throws LabException {
        List<String> command =
                List.of(
                        curl.toString(),
                        "--silent",
                        "--show-error",
                        "--max-time",
                        "20",
                        "http://" + service + "/?[1-18]");
        Map<String, Integer> answers = new TreeMap<>();
        Namespaces.run(Namespaces.inside(site.client(), command), "")
                .lines()
                .forEach(name -> answers.merge(name, 1, Integer::sum));
        return answers;
    }
}
