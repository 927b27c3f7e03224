package io.weir.control.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weir.control.house.RepositoryRoot;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The launcher in the place of Debian's ipvsadm: first in PATH, and mounted over /usr/sbin/ipvsadm
 * for those who name it so. The mount is seen only by the command that runs with it.
 */
final class InstalledClient {
    private static final String IN_PLACE =
            "mount --bind \"$1/ipvsadm\" \"$2\" && export PATH=\"$1:$PATH\" && shift 2 && exec"
                    + " \"$@\"";

    private final Path directory;
    private final Path debians;

    private InstalledClient(Path directory, Path debians) {
        this.directory = directory;
        this.debians = debians;
    }

    /**
     * Puts an ipvsadm into a directory; skips the test without Debian's ipvsadm, which has to be
     * there to be mounted over, or without the program.
     */
    static InstalledClient in(Path home) throws IOException {
        Path debians = Site.assumeTool("ipvsadm", "ipvsadm").toRealPath();
        Path launcher = RepositoryRoot.find().resolve("weir");
        Path program = launcher.resolveSibling("control/target/weir/lib/weir-control.jar");
        assumeTrue(Files.exists(program), "needs the program; mvn package builds it");
        Path directory = Files.createDirectory(home.resolve("bin"));
        // Not a link: the launcher finds its program beside the file that a link leads to, and a
        // mount leads nowhere.
        Path client = directory.resolve("ipvsadm");
        Files.writeString(
                client,
                """
                #!/bin/sh
                export JAVA_HOME='%s'
                exec '%s' ipvsadm "$@"
                """
                        .formatted(System.getProperty("java.home"), launcher));
        if (!client.toFile().setExecutable(true)) {
            throw new IOException("cannot make " + client + " executable");
        }
        return new InstalledClient(directory, debians);
    }

    /** A command that will run in a namespace and find weir wherever it looks for ipvsadm. */
    List<String> inside(NetworkNamespace namespace, List<String> command) {
        // ip netns exec gives the command a view of the mounts of its own.
        List<String> shell = new ArrayList<>(List.of("/bin/sh", "-c", IN_PLACE, "sh"));
        shell.addAll(List.of(directory.toString(), debians.toString()));
        shell.addAll(command);
        return Namespaces.inside(namespace, shell);
    }

    /** Runs a command so to its end; returns what it printed. */
    String run(NetworkNamespace namespace, List<String> command, String input) throws Exception {
        return Namespaces.run(inside(namespace, command), input);
    }
}
