package io.weir.control.client;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the control socket of a network namespace is: {@code DIRECTORY/netns-INODE.sock}.
 *
 * <p>The inode of {@code /proc/thread-self/ns/net} names the namespace for as long as anything
 * lives in it, whatever {@code ip netns exec} does to the mounts, so daemon and clients of one
 * namespace agree without being told. See docs/decisions/control-socket.md.
 */
public final class ControlSocket {
    /** The environment variable that names the socket instead. */
    public static final String ENVIRONMENT = "WEIR_SOCKET";

    private static final Path NAMESPACE_LINK = Path.of("/proc/thread-self/ns/net");

    private ControlSocket() {}

    /**
     * The kernel's name of this process's network namespace, such as {@code net:[4026531833]}.
     *
     * @throws IOException if there is no /proc
     */
    public static String namespace() throws IOException {
        return Files.readSymbolicLink(NAMESPACE_LINK).toString();
    }

    /**
     * The inode of this process's network namespace, in digits.
     *
     * @throws IOException if there is no /proc
     */
    public static String namespaceInode() throws IOException {
        String name = namespace();
        return name.substring(name.indexOf('[') + 1, name.indexOf(']'));
    }

    /**
     * The name of the control socket of this network namespace: {@code netns-INODE.sock}.
     *
     * @throws IOException if there is no /proc
     */
    public static String fileName() throws IOException {
        // concat: the + of strings would start up the machinery of invokedynamic.
        return "netns-".concat(namespaceInode()).concat(".sock");
    }

    /**
     * The directories that can hold it, the best first: /run/weir, which root can write, then one
     * for the user alone.
     */
    public static List<Path> directories() {
        List<Path> directories = new ArrayList<>(2);
        directories.add(Path.of("/run/weir"));
        String user = System.getenv("XDG_RUNTIME_DIR");
        if (user != null && user.startsWith("/")) {
            directories.add(Path.of(user, "weir"));
        }
        return directories;
    }

    /**
     * Where a client looks for the daemon of its network namespace, in this order.
     *
     * @param explicit a path the user gave, the only one looked at then; or null
     * @throws IOException if there is no /proc
     */
    public static List<Path> candidates(@Nullable String explicit) throws IOException {
        String given = explicit != null ? explicit : System.getenv(ENVIRONMENT);
        if (given != null && !given.isEmpty()) {
            return List.of(Path.of(given));
        }
        String name = fileName();
        List<Path> candidates = new ArrayList<>(2);
        for (Path directory : directories()) {
            candidates.add(directory.resolve(name));
        }
        return candidates;
    }
}
