package io.weir.control.sysctl;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file in the form of sysctl.conf. */
public final class SysctlFile {
    /** Far more than all settings of a kernel take. */
    static final int LIMIT_BYTES = 1 << 20;

    private SysctlFile() {}

    /**
     * Reads a file; nothing has any effect yet.
     *
     * @throws IOException if it cannot be read or is wrong; the message is one line for the
     *     operator with file and line
     */
    public static SysctlScript read(Path file) throws IOException {
        try {
            return SysctlScript.read(file.toString(), text(file));
        } catch (SysctlException e) {
            throw new IOException(e.text(), e);
        }
    }

    // Comments may be in any charset; names and values are ASCII.
    private static String text(Path file) throws IOException {
        byte[] bytes;
        try (InputStream stream = Files.newInputStream(file)) {
            bytes = stream.readNBytes(LIMIT_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new IOException("settings file " + file + " does not exist", e);
        } catch (AccessDeniedException e) {
            throw new IOException("settings file " + file + " cannot be read: no permission", e);
        } catch (IOException e) {
            throw new IOException("settings file " + file + ": " + e.getMessage(), e);
        }
        if (bytes.length > LIMIT_BYTES) {
            throw new IOException(
                    "settings file " + file + " is longer than " + LIMIT_BYTES + " bytes");
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** What to tell an operator of the lines that were left out; one line. */
    public static String foreignNote(String source, SysctlScript script) {
        int count = script.foreign();
        return source
                + ": "
                + count
                + (count == 1 ? " setting" : " settings")
                + " outside "
                + SettingName.DIRECTORY
                + " left to the kernel";
    }
}
