package io.weir.control.router;

import io.weir.control.config.Configuration;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The file that a router runs by. */
public final class ConfigurationFile {
    private static final long LIMIT_BYTES = 16 << 20;

    private final Path path;
    private final ConfigurationReader reader;

    /** A file and what reads its format. */
    public ConfigurationFile(Path path, ConfigurationReader reader) {
        this.path = path;
        this.reader = reader;
    }

    Path path() {
        return path;
    }

    /** What a file said when it was read. */
    public record Content(Configuration configuration, String text) {}

    /**
     * What the file says at this moment.
     *
     * @throws RouterRefusal if it cannot be read, or with a line for each mistake
     */
    public Content read() throws RouterRefusal {
        String text;
        try {
            if (Files.size(path) > LIMIT_BYTES) {
                throw new RouterRefusal(
                        "configuration " + path + " is longer than " + LIMIT_BYTES + " bytes");
            }
            text = Files.readString(path);
        } catch (FileSystemException e) {
            String reason = e instanceof NoSuchFileException ? "does not exist" : e.getReason();
            throw new RouterRefusal("configuration " + path + " cannot be read: " + reason, e);
        } catch (CharacterCodingException e) {
            throw new RouterRefusal("configuration " + path + " is not text in UTF-8", e);
        } catch (IOException e) {
            throw new RouterRefusal("configuration " + path + ": " + e.getMessage(), e);
        }
        return new Content(parse(path.toString(), text), text);
    }

    /** What is done between the writing of a text and its taking the file's place. */
    @FunctionalInterface
    interface Step {
        void run() throws RouterRefusal;
    }

    /**
     * Puts another text in its place, whole or not at all, with the owner and permissions it has.
     *
     * @param between is done once the text is written; if it is refused, the file stays as it is
     * @param takeBack undoes that, if the text does not get into the file's place after all
     */
    void write(String text, Step between, Step takeBack) throws RouterRefusal {
        try (FileReplacement written = FileReplacement.prepare(path, text)) {
            between.run();
            try {
                written.commit();
            } catch (IOException e) {
                takeBack.run();
                throw e;
            }
        } catch (AccessDeniedException e) {
            throw new RouterRefusal(
                    "configuration "
                            + path
                            + " cannot be written: weir's user may not write to its directory",
                    e);
        } catch (IOException e) {
            throw new RouterRefusal("configuration " + path + " cannot be written: " + e, e);
        }
    }

    Configuration parse(String source, String text) throws RouterRefusal {
        return reader.read(source, text);
    }
}
