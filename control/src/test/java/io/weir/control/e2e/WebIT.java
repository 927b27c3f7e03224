package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.LabNetwork;
import io.weir.control.lab.Namespaces;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** curl and nginx, by NAT and by direct routing. */
final class WebIT {
    private static final int REQUESTS = 60;

    @TempDir private Path directory;

    @ParameterizedTest(name = "virtual address {1} on {0}")
    @CsvSource({"lo,10.1.0.100", "front,10.1.0.100", "lo,fd01::100", "front,fd01::100"})
    void distributesRequestsByWeight(String virtualDevice, String virtual) throws Exception {
        Path curl = Site.assumeTool("curl", "curl");
        try (Site site = new Site(virtualDevice, 3)) {
            for (int i = 0; i < 3; i++) {
                String name = LabNetwork.serverName(i);
                site.with(Nginx.start(site.network().server(i), name, directory.resolve(name)));
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
        String service = Site.bracketed(virtual) + ":80";
        return new String[] {
            "-A -t " + service + " -s wrr",
            "-a -t " + service + " -r " + server(virtual, 0) + ":80 -w 1 " + method,
            "-a -t " + service + " -r " + server(virtual, 1) + ":80 -w 2 " + method,
            "-a -t " + service + " -r " + server(virtual, 2) + ":80 -w 3 " + method,
        };
    }

    private static String server(String virtual, int index) {
        return Site.bracketed(Site.server(virtual, index));
    }

    private static String get(Site site, Path curl, String virtual) throws Exception {
        String url = "http://" + Site.bracketed(virtual) + "/?[1-" + REQUESTS + "]";
        List<String> command =
                List.of(curl.toString(), "--silent", "--show-error", "--max-time", "20", url);
        return Namespaces.run(Namespaces.inside(site.client(), command), "");
    }

    private static void assertDistribution(String output) {
        Map<String, Integer> answers = new TreeMap<>();
        output.lines().forEach(name -> answers.merge(name, 1, Integer::sum));
        assertThat(answers).isEqualTo(Map.of("server-1", 10, "server-2", 20, "server-3", 30));
    }
}
