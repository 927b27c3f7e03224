package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.LabException;
import io.weir.control.lab.LabNetwork;

import org.junit.jupiter.api.Test;

/** weir doctor beside a daemon whose real servers are set up wrongly. */
final class DoctorIT {
    @Test
    void findsWhatIsWrong() throws Exception {
        Site.assumeNamespaces();
        try (Site site = new Site("front", 1)) {
            String virtual = LabNetwork.VIRTUAL + ":80";
            String server = LabNetwork.serverAddress(0);
            site.startDaemon(
                    "-A -t " + virtual + " -s rr", "-a -t " + virtual + " -r " + server + ":80 -g");
            site.network().serveDirectly();
            assertThat(doctor(site)).doesNotContain("problem");

            // The real server answers ARP for the virtual address on the servers' network.
            site.network()
                    .namespaces()
                    .sysctl(site.network().server(0), "ipv4/conf/all/arp_ignore", 0);
            site.network().namespaces().sysctl(site.director(), "ipv4/conf/all/rp_filter", 1);
            assertThat(doctor(site))
                    .contains("problem  " + LabNetwork.VIRTUAL + ": is answered for on back by ")
                    .contains("arp_ignore=1")
                    .contains("note     front: has rp_filter 1");
        }
    }

    private static String doctor(Site site) {
        try {
            return site.daemon().weir("doctor");
        } catch (LabException failed) {
            return String.valueOf(failed.getMessage())
                    .replace("  ->", "\n  ->")
                    .replaceAll(" (problem|warning|note|fine) ", "\n$1 ");
        }
    }
}
