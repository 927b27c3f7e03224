package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.LabNetwork;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;
import io.weir.dataplane.testing.Seed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * vsftpd on the real servers of a site and curl at its client, with a file of random bytes that
 * goes to and fro.
 */
final class FtpFarm {
    private static final int FILE_BYTES = 3_000_000;
    private static final long START_MILLIS = 10_000;

    private final Site site;
    private final String virtual;
    private final Path directory;
    private final Path vsftpd;
    private final Path curl;
    private final Path file;

    /** Skips the test if a program is missing. */
    FtpFarm(Site site, String virtual, Path directory) throws IOException {
        this.site = site;
        this.virtual = virtual;
        this.directory = directory;
        vsftpd = Site.assumeTool("vsftpd", "vsftpd");
        curl = Site.assumeTool("curl", "curl");
        // vsftpd serves as its own user, who has to get here.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        byte[] content = new byte[FILE_BYTES];
        Seed.ofThisRun().random().nextBytes(content);
        file = Files.write(directory.resolve("file"), content);
    }

    /**
     * Starts vsftpd on every real server; they listen when this returns.
     *
     * @param settings more lines for vsftpd.conf
     */
    void serve(String settings) throws Exception {
        for (int i = 0; i < site.network().servers(); i++) {
            start(i, settings);
        }
    }

    private void start(int index, String settings) throws Exception {
        Path home = Files.createDirectory(home(index));
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
                %s=YES
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
                xferlog_enable=YES
                vsftpd_log_file=%s
                """
                                .formatted(
                                        virtual.contains(":") ? "listen_ipv6" : "listen",
                                        root,
                                        empty,
                                        home.resolve("log"))
                        + settings);
        NetworkNamespace server = site.network().server(index);
        Path output = home.resolve("output");
        Process process =
                site.start(server, List.of(vsftpd.toString(), configuration.toString()), output);
        long end = System.nanoTime() + START_MILLIS * 1_000_000;
        List<String> listeners = Namespaces.inside(server, List.of("ss", "-Hltn", "sport", "21"));
        while (Namespaces.run(listeners, "").isBlank()) {
            assertThat(process.isAlive() && System.nanoTime() < end)
                    .as("vsftpd starts: " + Files.readString(output))
                    .isTrue();
            Thread.sleep(20);
        }
    }

    private Path home(int server) {
        return directory.resolve(LabNetwork.serverName(server));
    }

    /** What a server has put into its root directory, uploads in up/. */
    Path root(int server) {
        return home(server).resolve("root");
    }

    /** What vsftpd has logged: a line for each connection, download and upload. */
    List<String> log(int server) throws IOException {
        Path log = home(server).resolve("log");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    /** Fetches the file some times over one control connection and compares it. */
    void download(int times, String... options) throws Exception {
        List<Path> copies = new ArrayList<>();
        List<String> arguments = new ArrayList<>(List.of(options));
        for (int i = 0; i < times; i++) {
            Path copy = directory.resolve("copy-" + i);
            Files.deleteIfExists(copy);
            copies.add(copy);
            arguments.addAll(List.of("--output", copy.toString(), url("file")));
        }
        curl(arguments);
        for (Path copy : copies) {
            assertWhole(copy);
        }
    }

    /** Sends the file; {@link #assertUploaded} looks at what has come. */
    void upload(String name, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(options));
        arguments.addAll(List.of("--upload-file", file.toString(), url("up/" + name)));
        curl(arguments);
    }

    void assertUploaded(int server, String name) throws IOException {
        assertWhole(root(server).resolve("up").resolve(name));
    }

    // hasBinaryContent() reads byte by byte, which takes a second for each of these files.
    private void assertWhole(Path copy) throws IOException {
        assertThat(Files.mismatch(copy, file)).as("first wrong byte of %s", copy).isEqualTo(-1);
    }

    private String url(String path) {
        return "ftp://" + Site.bracketed(virtual) + "/" + path;
    }

    private void curl(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.addAll(List.of(curl.toString(), "--silent", "--show-error", "--max-time", "20"));
        command.addAll(arguments);
        Namespaces.run(Namespaces.inside(site.client(), command), "");
    }
}
