package io.weir.control.handover;

import io.weir.control.check.ServerHealth;
import io.weir.dataplane.director.SavedConnections;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The file in which a process that ends in good order leaves connections and the health of real
 * servers for the next one of the same network namespace. One thread at a time.
 */
public final class StateFile {
    /** Room for some three million connections. */
    private static final long MOST_BYTES = 128L << 20;

    private static final String SUFFIX = ".state";
    private static final String UID = "unix:uid";
    private static final String OWN = "rw-------";
    private static final Logger LOG = System.getLogger("weir");

    private final Path path;
    private final long cookie;

    /**
     * Names the file.
     *
     * @param inode of the network namespace, in digits
     * @param cookie the network namespace's
     */
    public StateFile(Path directory, String inode, long cookie) {
        this.path = directory.resolve("netns-" + inode + SUFFIX);
        this.cookie = cookie;
    }

    public Path path() {
        return path;
    }

    /** Reads it; what cannot be used is ignored, with a line in the log that says why. */
    public SavedState read() {
        try {
            requireOwn();
            try (InputStream input =
                    Channels.newInputStream(
                            FileChannel.open(
                                    path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
                return new StateReader(new BufferedInputStream(input)).read(cookie, Moment.now());
            }
        } catch (NoSuchFileException nothingLeft) {
            return SavedState.NONE;
        } catch (IOException | RuntimeException e) {
            LOG.log(
                    Level.WARNING,
                    "connections and checks begin anew: " + path + ": " + e.getMessage());
            return SavedState.NONE;
        }
    }

    // Whoever may write it could have any packet sent anywhere.
    private void requireOwn() throws IOException {
        PosixFileAttributes file =
                Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        Set<PosixFilePermission> own = PosixFilePermissions.fromString(OWN);
        if (!file.isRegularFile() || !own.containsAll(file.permissions()) || !isTrusted(path)) {
            throw new IOException("others may have written it");
        }
        if (file.size() > MOST_BYTES + MOST_BYTES / 4) {
            throw new IOException("it is too long");
        }
    }

    private static boolean isTrusted(Path file) throws IOException {
        Object owner = Files.getAttribute(file, UID, LinkOption.NOFOLLOW_LINKS);
        return owner.equals(0)
                || owner.equals(Files.getAttribute(file.toAbsolutePath().getParent(), UID));
    }

    /**
     * Writes it, whole or not at all.
     *
     * @param connections is given where they go, once
     * @return how many connections and templates were written
     * @throws IOException if it cannot be written
     */
    public long write(Collection<ServerHealth> health, Consumer<SavedConnections.Sink> connections)
            throws IOException {
        Path draft = path.resolveSibling(path.getFileName() + ".new");
        Files.deleteIfExists(draft);
        try {
            long count;
            try (OutputStream output =
                    new BufferedOutputStream(
                            Channels.newOutputStream(
                                    FileChannel.open(
                                            draft,
                                            Set.of(
                                                    StandardOpenOption.CREATE_NEW,
                                                    StandardOpenOption.WRITE),
                                            PosixFilePermissions.asFileAttribute(
                                                    PosixFilePermissions.fromString(OWN)))),
                            1 << 16)) {
                StateWriter writer = new StateWriter(output);
                writer.begin(cookie, Moment.now());
                writer.write(health);
                Messages messages = new Messages(writer);
                connections.accept(messages);
                count = messages.count;
                writer.end();
            }
            Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
            return count;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    /** Takes messages for as long as there is room. */
    private static final class Messages implements SavedConnections.Sink {
        private final StateWriter writer;
        private long bytes;
        private long count;

        Messages(StateWriter writer) {
            this.writer = writer;
        }

        @Override
        public boolean take(byte[] message, int length, int entries) {
            if (bytes + length > MOST_BYTES) {
                LOG.log(Level.WARNING, "only " + count + " connections fit into the state file");
                return false;
            }
            try {
                writer.write(message, length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            bytes += length;
            count += entries;
            return true;
        }
    }

    /**
     * Removes it, if it is there: what it said is known to this process, or is old. So are those
     * that others in the same directory have left and nobody has come for.
     */
    public void delete() {
        Instant old = Instant.now().minusMillis(StateReader.MOST_MILLIS);
        try (DirectoryStream<Path> all =
                Files.newDirectoryStream(path.toAbsolutePath().getParent(), "*" + SUFFIX)) {
            Files.deleteIfExists(path);
            for (Path left : all) {
                if (Files.getLastModifiedTime(left, LinkOption.NOFOLLOW_LINKS)
                        .toInstant()
                        .isBefore(old)) {
                    Files.deleteIfExists(left);
                }
            }
        } catch (NoSuchFileException e) {
            // Somebody else has removed it.
        } catch (IOException | DirectoryIteratorException e) {
            LOG.log(Level.WARNING, "cannot remove " + path + ": " + e.getMessage());
        }
    }
}
