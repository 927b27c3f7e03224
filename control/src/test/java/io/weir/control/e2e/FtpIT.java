package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.LabNetwork;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** curl and vsftpd through NAT, in every way that FTP has to agree on a data connection. */
final class FtpIT {
    private static final int FILE_BYTES = 3_000_000;
    private static final long START_MILLIS = 10_000;

    /** The first lets curl use the address in the reply, which it else distrusts. */
    private static final List<List<String>> WAYS =
            List.of(
                    List.of("--disable-epsv", "--no-ftp-skip-pasv-ip"),
                    List.of(),
                    List.of("--ftp-port", "-", "--disable-eprt"),
                    List.of("--ftp-port", "-"));

    @TempDir private Path directory;

    @Test
    void filesComeAndGoActiveAndPassive() throws Exception {
        Path vsftpd = Site.assumeTool("vsftpd", "vsftpd");
        Path curl = Site.assumeTool("curl", "curl");
        // vsftpd serves as its own user, who has to get here.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (Site site = new Site("lo", 2)) {
            for (int i = 0; i < 2; i++) {
                startVsftpd(site, vsftpd, i);
            }
            String service = LabNetwork.VIRTUAL + ":21";
            site.startDaemon(
                    "-A -t " + service + " -s rr",
                    "-a -t " + service + " -r 10.2.0.11:21 -m",
                    "-a -t " + service + " -r 10.2.0.12:21 -m");
            site.network().serveByNat();
            // Only by way of the balancer: else a server's own address would do as well.
            site.network().namespaces().configure(site.client(), "link set back down");
            for (List<String> way : WAYS) {
                transfer(site, curl, way);
            }
            // Several transfers over one control connection, whose numbers shift with each.
            transferMany(site, curl);
            assertThat(site.daemon().weir("counters")).contains("no packet was dropped");
            assertThat(site.daemon().ipvsadm(List.of("-L", "-n", "-c"), ""))
                    .containsPattern("10\\.1\\.0\\.100:20 ")
                    .containsPattern("10\\.1\\.0\\.100:21 ");
        }
    }

    // Round robin begins with the newest server: downloads come from the second one, uploads go to
    // the first.
    private void transfer(Site site, Path curl, List<String> way) throws Exception {
        byte[] content = Files.readAllBytes(directory.resolve("file"));
        Path copy = directory.resolve("copy");
        Files.deleteIfExists(copy);
        List<String> download = new ArrayList<>(way);
        download.addAll(List.of("--output", copy.toString(), url("file")));
        curl(site, curl, download);
        assertThat(copy).hasBinaryContent(content);

        String name = "upload-" + WAYS.indexOf(way);
        List<String> upload = new ArrayList<>(way);
        upload.addAll(List.of("--upload-file", copy.toString(), url("up/" + name)));
        curl(site, curl, upload);
        Path uploaded = directory.resolve(LabNetwork.serverName(0)).resolve("root/up");
        assertThat(uploaded.resolve(name)).hasBinaryContent(content);
    }

    private void transferMany(Site site, Path curl) throws Exception {
        List<String> command = new ArrayList<>(WAYS.getFirst());
        for (int i = 0; i < 12; i++) {
            command.addAll(List.of("--output", directory.resolve("many-" + i).toString()));
            command.add(url("file"));
        }
        curl(site, curl, command);
        for (int i = 0; i < 12; i++) {
            assertThat(directory.resolve("many-" + i))
                    .hasBinaryContent(Files.readAllBytes(directory.resolve("file")));
        }
    }

    private static String url(String path) {
        return "ftp://" + LabNetwork.VIRTUAL + "/" + path;
    }

    private static void curl(Site site, Path curl, List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.addAll(List.of(curl.toString(), "--silent", "--show-error", "--max-time", "20"));
        command.addAll(arguments);
        Namespaces.run(Namespaces.inside(site.client(), command), "");
    }

    private void startVsftpd(Site site, Path vsftpd, int index) throws Exception {
        Path file = directory.resolve("file");
        if (!Files.exists(file)) {
            byte[] content = new byte[FILE_BYTES];
            Seed.ofThisRun().random().nextBytes(content);
            Files.write(file, content);
        }
        Path home = Files.createDirectory(directory.resolve(LabNetwork.serverName(index)));
        Path root = Files.createDirectory(home.resolve("root"));
        Files.copy(file, root.resolve("file"));
        Path uploads = Files.createDirectory(root.resolve("up"));
        Files.setOwner(
                uploads,
                uploads.getFileSystem()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByName("ftp"));
        Path empty = Files.createDirectory(home.resolve("empty"));
        Path configuration = home.resolve("vsftpd.conf");
        Files.writeString(
                configuration,
                """
                listen=YES
                background=NO
                anonymous_enable=YES
                no_anon_password=YES
                anon_root=%s
                anon_umask=022
                anon_upload_enable=YES
                write_enable=YES
                connect_from_port_20=YES
                secure_chroot_dir=%s
                seccomp_sandbox=NO
                ftpd_banner=%s
                """
                        .formatted(root, empty, LabNetwork.serverName(index)));
        NetworkNamespace server = site.network().server(index);
        List<String> command = List.of(vsftpd.toString(), configuration.toString());
        Process process = site.start(server, command, home.resolve("output"));
        awaitListener(process, server, home.resolve("output"));
    }

    private static void awaitListener(Process process, NetworkNamespace server, Path output)
            throws Exception {
        long end = System.nanoTime() + START_MILLIS * 1_000_000;
        List<String> listeners = Namespaces.inside(server, List.of("ss", "-Hltn", "sport", "21"));
        while (Namespaces.run(listeners, "").isBlank()) {
            assertThat(process.isAlive() && System.nanoTime() < end)
                    .as("vsftpd starts: " + Files.readString(output))
                    .isTrue();
            Thread.sleep(20);
        }
    }
}
