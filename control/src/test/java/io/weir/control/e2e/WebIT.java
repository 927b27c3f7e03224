package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.LabNetwork;
import io.weir.control.lab.Namespaces;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** curl and nginx, by NAT and by direct routing. */
final class WebIT {
    private static final int REQUESTS = 60;
    private static final long START_MILLIS = 10_000;

    @TempDir private Path directory;

    @ParameterizedTest(name = "virtual address {1} on {0}")
    @CsvSource({"lo,10.1.0.100", "front,10.1.0.100", "lo,fd01::100", "front,fd01::100"})
    void distributesRequestsByWeight(String virtualDevice, String virtual) throws Exception {
        Path nginx = Site.assumeTool("nginx", "nginx-light");
        Path curl = Site.assumeTool("curl", "curl");
        try (Site site = new Site(virtualDevice, 3)) {
            for (int i = 0; i < 3; i++) {
                startNginx(site, nginx, i);
            }
            site.startDaemon(rules(virtual, "-m"));
            site.network().serveByNat();
            assertDistribution(get(site, curl, virtual));
            String counters = site.daemon().weir("counters");
            assertThat(counters).contains("no packet was dropped");

            site.network().serveDirectly();
            site.daemon().ipvsadm(List.of("-C"), "");
            site.rules(rules(virtual, "-g"));
            assertDistribution(get(site, curl, virtual));
            assertThat(site.daemon().ipvsadm(List.of("-L", "-n"), ""))
                    .containsPattern("-> .*13\\]?:80 +Route +3 ");
        }
    }

    private static String[] rules(String virtual, String method) {
        String service = bracketed(virtual) + ":80";
        return new String[] {
            "-A -t " + service + " -s wrr",
            "-a -t " + service + " -r " + server(virtual, 0) + ":80 -w 1 " + method,
            "-a -t " + service + " -r " + server(virtual, 1) + ":80 -w 2 " + method,
            "-a -t " + service + " -r " + server(virtual, 2) + ":80 -w 3 " + method,
        };
    }

    private static String server(String virtual, int index) {
        return virtual.contains(":")
                ? bracketed(LabNetwork.serverAddress6(index))
                : LabNetwork.serverAddress(index);
    }

    private static String bracketed(String address) {
        return address.contains(":") ? "[" + address + "]" : address;
    }

    private void startNginx(Site site, Path nginx, int index) throws Exception {
        Path home = Files.createDirectory(directory.resolve(LabNetwork.serverName(index)));
        Path configuration = home.resolve("nginx.conf");
        Files.writeString(
                configuration,
                """
                daemon off;
                user root;
                worker_processes 1;
                pid %1$s/pid;
                error_log %1$s/error.log;
                events { worker_connections 256; }
                http {
                    access_log off;
                    keepalive_timeout 0;
                    client_body_temp_path %1$s/body;
                    proxy_temp_path %1$s/proxy;
                    fastcgi_temp_path %1$s/fastcgi;
                    uwsgi_temp_path %1$s/uwsgi;
                    scgi_temp_path %1$s/scgi;
                    server {
                        listen [::]:80 ipv6only=off;
                        location / { return 200 "%2$s\\n"; }
                    }
                }
                """
                        .formatted(home, LabNetwork.serverName(index)));
        List<String> command =
                List.of(nginx.toString(), "-p", home.toString(), "-c", configuration.toString());
        Process process = site.start(site.network().server(index), command, home.resolve("output"));
        long end = System.nanoTime() + START_MILLIS * 1_000_000;
        while (!Files.exists(home.resolve("pid"))) {
            assertThat(process.isAlive() && System.nanoTime() < end)
                    .as("nginx starts: " + Files.readString(home.resolve("output")))
                    .isTrue();
            Thread.sleep(20);
        }
    }

    private static String get(Site site, Path curl, String virtual) throws Exception {
        String url = "http://" + bracketed(virtual) + "/?[1-" + REQUESTS + "]";
        List<String> command =
                List.of(curl.toString(), "--silent", "--show-error", "--max-time", "5", url);
        return Namespaces.run(Namespaces.inside(site.client(), command), "");
    }

    private static void assertDistribution(String output) {
        Map<String, Integer> answers = new TreeMap<>();
        output.lines().forEach(name -> answers.merge(name, 1, Integer::sum));
        assertThat(answers).isEqualTo(Map.of("server-1", 10, "server-2", 20, "server-3", 30));
    }
}
