package io.weir.control.daemon;

import io.weir.control.ipvsadm.Names;
import io.weir.control.mark.MarkException;
import io.weir.control.mark.MarkScript;
import io.weir.dataplane.mark.MarkTable;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The file that {@code weir run --marks} names. */
final class MarksFile {
    private static final long LIMIT_BYTES = 1 << 20;

    private MarksFile() {}

    /**
     * Reads the rules.
     *
     * @param file null for none
     * @throws IOException if there is no such file or a line is wrong; the message is one line for
     *     the operator
     */
    static MarkTable read(@Nullable Path file, Names names) throws IOException {
        if (file == null) {
            return MarkTable.EMPTY;
        }
        try {
            if (Files.size(file) > LIMIT_BYTES) {
                throw new IOException(
                        "marks file " + file + " is longer than " + LIMIT_BYTES + " bytes");
            }
            return new MarkTable(MarkScript.read(file.toString(), Files.readString(file), names));
        } catch (FileSystemException e) {
            String reason = e instanceof NoSuchFileException ? "does not exist" : e.getReason();
            throw new IOException("marks file " + file + " cannot be read: " + reason, e);
        } catch (CharacterCodingException e) {
            throw new IOException("marks file " + file + " is not text in UTF-8", e);
        } catch (MarkException e) {
            throw new IOException(e.text(), e);
        }
    }
}
