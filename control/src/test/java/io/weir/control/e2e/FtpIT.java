package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.LabNetwork;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.List;

/** curl and vsftpd through NAT, in every way that FTP has to agree on a data connection. */
final class FtpIT {
    /** The first lets curl use the address in the reply, which it else distrusts. */
    private static final List<String[]> WAYS =
            List.of(
                    new String[] {"--disable-epsv", "--no-ftp-skip-pasv-ip"},
                    new String[0],
                    new String[] {"--ftp-port", "-", "--disable-eprt"},
                    new String[] {"--ftp-port", "-"});

    /** PASV and PORT have no room for an IPv6 address (RFC 2428 1). */
    private static final List<String[]> WAYS_6 = List.of(WAYS.get(1), WAYS.get(3));

    @TempDir private Path directory;

    @ParameterizedTest(name = "virtual address {0}")
    @ValueSource(strings = {LabNetwork.VIRTUAL, LabNetwork.VIRTUAL_6})
    void filesComeAndGoActiveAndPassive(String virtual) throws Exception {
        try (Site site = new Site("lo", 2)) {
            FtpFarm farm = new FtpFarm(site, virtual, directory);
            farm.serve("");
            String endpoint = Site.bracketed(virtual) + ":21";
            site.startDaemon(
                    "-A -t " + endpoint + " -s rr",
                    "-a -t " + endpoint + " -r " + realServer(virtual, 0) + " -m",
                    "-a -t " + endpoint + " -r " + realServer(virtual, 1) + " -m");
            site.network().serveByNat();
            // Only by way of the balancer: else a server's own address would do as well.
            site.network().namespaces().configure(site.client(), "link set back down");
            List<String[]> ways = virtual.contains(":") ? WAYS_6 : WAYS;
            for (int i = 0; i < ways.size(); i++) {
                // Round robin begins with the newest server, so uploads go to the first one.
                farm.download(1, ways.get(i));
                farm.upload("upload-" + i, ways.get(i));
                farm.assertUploaded(0, "upload-" + i);
            }
            // Several transfers over one control connection, whose numbers shift with each.
            farm.download(12, ways.getFirst());
            assertThat(site.daemon().weir("counters")).contains("no packet was dropped");
            assertThat(site.daemon().ipvsadm(List.of("-L", "-n", "-c"), ""))
                    .contains(Site.bracketed(virtual) + ":20 ")
                    .contains(endpoint + " ");
        }
    }

    private static String realServer(String virtual, int index) {
        return Site.bracketed(Site.server(virtual, index)) + ":21";
    }
}
