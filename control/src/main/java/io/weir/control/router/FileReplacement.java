package io.weir.control.router;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A text that is to take the place of a file's, as a whole or not at all. It lies beside the file
 * until then, so that nothing is left that is likely to fail. One thread.
 */
final class FileReplacement implements AutoCloseable {
    private static final Set<PosixFilePermission> NEW_FILE =
            PosixFilePermissions.fromString("rw-r-----");

    private final Path directory;
    private final Path target;
    private final Path temporary;

    private FileReplacement(Path directory, Path target, Path temporary) {
        this.directory = directory;
        this.target = target;
        this.temporary = temporary;
    }

    /**
     * Writes a text beside a file. The file will keep its permissions, and its owner and group if
     * we may give it away. A symbolic link stays one, and its target is replaced.
     *
     * @throws IOException if there is no room, or we may not; nothing is left behind
     */
    static FileReplacement prepare(Path file, String text) throws IOException {
        Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        Path directory = target.getParent();
        if (directory == null) {
            throw new IOException(file + " is not the name of a file");
        }
        Path temporary =
                Files.createTempFile(
                        directory,
                        "." + target.getFileName(),
                        ".new",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        try {
            write(temporary, text);
            keepAttributes(target, temporary);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
        return new FileReplacement(directory, target, temporary);
    }

    /**
     * Puts it in the file's place. A reader sees the old file or the new one, also if the machine
     * fails meanwhile.
     *
     * @throws IOException if the old file is as it was
     */
    void commit() throws IOException {
        Files.move(
                temporary,
                target,
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel folder = FileChannel.open(directory, StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    /** Removes it, unless it has taken the file's place. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(temporary);
    }

    private static void write(Path file, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private static void keepAttributes(Path old, Path file) throws IOException {
        if (!Files.exists(old)) {
            Files.setPosixFilePermissions(file, NEW_FILE);
            return;
        }
        PosixFileAttributes attributes = Files.readAttributes(old, PosixFileAttributes.class);
        PosixFileAttributeView view =
                Files.getFileAttributeView(
                        file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        PosixFileAttributes given = view.readAttributes();
        if (!given.owner().equals(attributes.owner())) {
            view.setOwner(attributes.owner());
        }
        if (!given.group().equals(attributes.group())) {
            view.setGroup(attributes.group());
        }
        view.setPermissions(attributes.permissions());
    }
}
