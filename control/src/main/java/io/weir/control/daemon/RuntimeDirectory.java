package io.weir.control.daemon;

import io.weir.control.client.ControlSocket;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Picks the directory for lock and control socket. */
final class RuntimeDirectory {
    private RuntimeDirectory() {}

    /**
     * The first of {@link ControlSocket#directories} that this process can use.
     *
     * @throws IOException if there is none; the message is for the operator
     */
    static Path choose() throws IOException {
        return choose(ControlSocket.directories());
    }

    static Path choose(List<Path> directories) throws IOException {
        for (Path directory : directories) {
            Path parent = directory.getParent();
            if (Files.isDirectory(directory)
                    ? Files.isWritable(directory)
                    : parent != null && Files.isWritable(parent)) {
                return directory;
            }
        }
        throw new IOException(
                "cannot write to "
                        + directories.getFirst()
                        + "; run weir as root, or set XDG_RUNTIME_DIR");
    }
}
