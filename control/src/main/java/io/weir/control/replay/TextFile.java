package io.weir.control.replay;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads what a user has written. */
final class TextFile {
    private TextFile() {}

    /**
     * The whole file as text; bytes that are not UTF-8 become replacement characters, which its
     * parser will name.
     *
     * @throws ReplayException naming the file, if it cannot be read
     */
    static String read(Path file) throws ReplayException {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new ReplayException(file + ": no such file");
        } catch (AccessDeniedException e) {
            throw new ReplayException(file + ": permission denied");
        } catch (IOException e) {
            throw new ReplayException(file + ": cannot be read: " + e.getMessage());
        }
    }
}
