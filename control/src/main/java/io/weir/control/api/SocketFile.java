package io.weir.control.api;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The control socket in the file system: for its owner and root alone from its first instant, and
 * put in place of what a killed daemon left there.
 *
 * <p>bind(2) makes a socket with the permissions of the umask, which Java cannot set. So it is
 * bound in a directory that nobody else can enter, restricted, and then moved to its place in one
 * step. Used by the daemon's main thread.
 */
final class SocketFile {
    /** What struct sockaddr_un holds (unix(7)), the final zero left out. */
    private static final int PATH_LIMIT_BYTES = 107;

    private static final String BIND_NAME = "s";

    private final Path path;
    private final Path privateDirectory;
    private boolean published;

    private SocketFile(Path path, Path privateDirectory) {
        this.path = path;
        this.privateDirectory = privateDirectory;
    }

    /**
     * Checks that the place can be taken.
     *
     * @throws IOException if not; the message says why and what to do
     */
    static SocketFile prepare(Path path) throws IOException {
        Path absolute = path.toAbsolutePath();
        if (absolute.toString().getBytes(StandardCharsets.UTF_8).length > PATH_LIMIT_BYTES - 16) {
            throw new IOException(
                    "control socket " + path + ": the path is too long, choose a shorter one");
        }
        refuseServed(absolute);
        Path directory = absolute.getParent();
        try {
            Path privateDirectory =
                    Files.createTempDirectory(
                            directory,
                            ".",
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rwx------")));
            return new SocketFile(absolute, privateDirectory);
        } catch (NoSuchFileException e) {
            throw new IOException(
                    "control socket " + path + ": there is no directory " + directory, e);
        } catch (IOException e) {
            throw new IOException(
                    "control socket "
                            + path
                            + ": cannot write to "
                            + directory
                            + ", choose another place with --socket",
                    e);
        }
    }

    private static void refuseServed(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new IOException(
                    "control socket "
                            + path
                            + ": there is a file of that name, remove it or choose another place"
                            + " with --socket");
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            return;
        }
        throw new IOException(
                "control socket "
                        + path
                        + ": another daemon serves it, stop that one or choose another place with"
                        + " --socket");
    }

    /** Where to bind. */
    Path bindPath() {
        return privateDirectory.resolve(BIND_NAME);
    }

    /** Moves the bound socket to its place. */
    void publish() throws IOException {
        Files.setPosixFilePermissions(bindPath(), PosixFilePermissions.fromString("rw-------"));
        try {
            Files.move(bindPath(), path, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("control socket " + path + ": cannot be put in its place", e);
        }
        published = true;
        Files.delete(privateDirectory);
    }

    Path path() {
        return path;
    }

    /** Removes what is there of it. */
    void remove() {
        try {
            if (published) {
                Files.deleteIfExists(path);
            } else {
                Files.deleteIfExists(bindPath());
                Files.deleteIfExists(privateDirectory);
            }
        } catch (IOException e) {
            // A socket that nobody serves hinders neither clients nor the next daemon.
        }
    }
}
