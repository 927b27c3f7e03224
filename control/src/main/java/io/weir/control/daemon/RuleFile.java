package io.weir.control.daemon;

import io.weir.control.mark.MarkException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The files that {@code weir run --marks} and {@code --masquerade} name. */
final class RuleFile {
    private static final long LIMIT_BYTES = 1 << 20;

    private RuleFile() {}

    /** Reads the text of a file. */
    @FunctionalInterface
    interface Reader<T> {
        T read(String source, String text) throws MarkException;
    }

    /**
     * Reads the rules.
     *
     * @param file null for none
     * @param kind what it is called in messages
     * @throws IOException if there is no such file or a line is wrong; the message is one line for
     *     the operator
     */
    static <T> T read(@Nullable Path file, String kind, T none, Reader<T> reader)
            throws IOException {
        if (file == null) {
            return none;
        }
        try {
            if (Files.size(file) > LIMIT_BYTES) {
                throw new IOException(
                        kind + " " + file + " is longer than " + LIMIT_BYTES + " bytes");
            }
            return reader.read(file.toString(), Files.readString(file));
        } catch (FileSystemException e) {
            String reason = e instanceof NoSuchFileException ? "does not exist" : e.getReason();
            throw new IOException(kind + " " + file + " cannot be read: " + reason, e);
        } catch (CharacterCodingException e) {
            throw new IOException(kind + " " + file + " is not text in UTF-8", e);
        } catch (MarkException e) {
            throw new IOException(e.text(), e);
        }
    }
}
