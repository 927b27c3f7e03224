package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.LabException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;

/** Debian's ipvsadm-save and ipvsadm-restore as they are, with weir in the place of ipvsadm. */
final class DebianScriptsIT {
    private static final String[] RULES = {
        "-A -t 10.1.0.100:80 -s wlc",
        "-a -t 10.1.0.100:80 -r 10.2.0.11:8080 -m -w 3 -x 100 -y 50",
        "-a -t 10.1.0.100:80 -r 10.2.0.12:80 -g -w 0",
        "-a -t 10.1.0.100:80 -r 10.2.0.13:80 -i -w 2147483647 --tun-type ipip",
        "-A -t 10.1.0.100:443 -s sh -p 600 -M 255.255.255.0 -b sh-fallback,sh-port",
        "-a -t 10.1.0.100:443 -r 10.2.0.11:443 -i -w 1 --tun-type gue --tun-port 6080"
                + " --tun-remcsum",
        "-a -t 10.1.0.100:443 -r 10.2.0.12:443 -i -w 1 --tun-type gre --tun-csum",
        "-A -u 10.1.0.100:53 -s mh -o -b mh-port",
        "-a -u 10.1.0.100:53 -r 10.2.0.11:53 -m -w 1",
        "-A -u 10.1.0.100:5060 -s rr -p 60 --pe sip",
        "-A -t [fd01::100]:80 -s rr -p 300 -M 64",
        "-a -t [fd01::100]:80 -r [fd02::11]:8080 -m -w 1",
        "-a -t [fd01::100]:80 -r 10.2.0.11:80 -i -w 1 --tun-type ipip",
        "-A -f 9 -6 -s wlc",
        "-a -f 9 -6 -r [fd02::11]:0 -g -w 5",
        "-A --sctp-service 10.1.0.100:9 -s lc",
        "-A -f 7 -s wrr -p 360",
        "-a -f 7 -r 10.2.0.11:0 -g -w 1",
    };

    @TempDir private Path directory;

    @Test
    void savesAndRestores() throws Exception {
        Path save = Site.assumeTool("ipvsadm-save", "ipvsadm");
        Path restore = Site.assumeTool("ipvsadm-restore", "ipvsadm");
        InstalledClient client = InstalledClient.in(directory);
        try (Site site = new Site("lo", 1)) {
            site.startDaemon(RULES);
            String listing = listing(site);

            List<String> saving = List.of(save.toString(), "-n");
            String saved = client.run(site.director(), saving, "");
            assertThat(saved.lines().toList()).containsExactlyInAnyOrder(RULES);

            site.daemon().ipvsadm(List.of("-C"), "");
            site.rules("-A -t 10.1.0.101:80 -s rr");
            String file = "# saved by a script\n" + saved;
            assertThat(client.run(site.director(), List.of(restore.toString()), file)).isEmpty();
            assertThat(listing(site)).isEqualTo(listing);
            assertThat(client.run(site.director(), saving, "")).isEqualTo(saved);
        }
    }

    private static String listing(Site site) throws LabException {
        return site.daemon().ipvsadm(List.of("-L", "-n"), "")
                + site.daemon().ipvsadm(List.of("-L", "-n", "--thresholds"), "")
                + site.daemon().ipvsadm(List.of("-L", "-n", "--tun-info"), "");
    }
}
