package io.weir.control.daemon;

import io.weir.control.client.ControlSocket;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to be the one daemon of a network namespace: a record lock on one byte of a file shared
 * by all namespaces, the byte whose offset is the namespace's inode. The kernel gives it back when
 * the process ends in whatever way, and nothing is left to clean up. See
 * docs/decisions/control-socket.md.
 */
final class NamespaceLock implements AutoCloseable {
    private static final String FILE = "lock";

    // Never closed: closing any descriptor of a file releases all the process's record locks on it
    // (fcntl(2)), also those of another daemon of the same process.
    private static final Map<Path, FileChannel> CHANNELS = new ConcurrentHashMap<>();

    private final FileLock lock;

    private NamespaceLock(FileLock lock) {
        this.lock = lock;
    }

    /**
     * Takes the lock of the calling thread's network namespace.
     *
     * @param directory where the lock file is; made for this user alone if it does not exist
     * @throws IOException if another daemon has it, or the directory cannot be used; the message is
     *     for the operator
     */
    static NamespaceLock acquire(Path directory) throws IOException {
        long inode = Long.parseLong(ControlSocket.namespaceInode());
        FileLock lock;
        try {
            lock = channel(directory).tryLock(inode, 1, false);
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new IOException(
                    "a weir daemon runs in this network namespace already; see 'weir status', and"
                            + " stop it first");
        }
        return new NamespaceLock(lock);
    }

    private static FileChannel channel(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        FileChannel open = CHANNELS.get(file);
        if (open != null && Files.exists(file)) {
            return open;
        }
        try {
            createDirectory(directory);
            FileChannel opened =
                    FileChannel.open(
                            file,
                            Set.of(
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE,
                                    LinkOption.NOFOLLOW_LINKS),
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")));
            CHANNELS.put(file, opened);
            return opened;
        } catch (IOException e) {
            throw new IOException("cannot use " + file + ": " + e, e);
        }
    }

    private static void createDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectory(
                    directory,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        }
    }

    @Override
    public void close() {
        try {
            lock.release();
        } catch (IOException e) {
            // The end of the process releases it as well.
        }
    }
}
