package io.weir.control.check.probe;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Finds programs as the shell does, and says what is wrong with one that cannot be run. */
final class ProgramFile {
    private static final String DEFAULT_PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final int FIRST_LINE_BYTES = 256;

    private ProgramFile() {}

    /** The file of a program, null if there is none that may be executed. */
    static @Nullable Path find(String name) {
        if (name.indexOf('/') >= 0) {
            Path file = path(name);
            return file != null && isProgram(file) ? file : null;
        }
        @Nullable String search = System.getenv("PATH");
        for (String directory : (search == null ? DEFAULT_PATH : search).split(":", -1)) {
            Path file = path(directory.isEmpty() ? name : directory + "/" + name);
            if (file != null && isProgram(file)) {
                return file;
            }
        }
        return null;
    }

    private static boolean isProgram(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }

    private static @Nullable Path path(String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /**
     * Makes sure that there is such a program.
     *
     * @throws IOException if there is not, or it may not be executed
     */
    static void require(String name) throws IOException {
        if (find(name) != null) {
            return;
        }
        if (name.indexOf('/') < 0) {
            throw new IOException("there is no program " + name + " on the PATH");
        }
        Path file = path(name);
        if (file == null || !Files.exists(file)) {
            throw new IOException("there is no program " + name);
        }
        throw new IOException(name + " is not executable");
    }

    /**
     * The interpreter that a script names in its first line and that does not exist; null if there
     * is nothing wrong with that.
     */
    static @Nullable String missingInterpreter(String name) {
        Path file = find(name);
        if (file == null) {
            return null;
        }
        try (var content = Files.newInputStream(file)) {
            String text =
                    new String(content.readNBytes(FIRST_LINE_BYTES), StandardCharsets.ISO_8859_1);
            if (!text.startsWith("#!")) {
                return null;
            }
            String interpreter = text.substring(2).strip().split("[ \t\r\n]", 2)[0];
            return Files.isExecutable(Path.of(interpreter)) ? null : interpreter;
        } catch (IOException | InvalidPathException e) {
            return null;
        }
    }
}
