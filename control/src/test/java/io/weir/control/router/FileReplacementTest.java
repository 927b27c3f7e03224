package io.weir.control.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;

class FileReplacementTest {
    private static final String TEXT = "serial_no = 2\n";

    @TempDir private Path folder;

    private static void replace(Path file) throws IOException {
        try (FileReplacement replacement = FileReplacement.prepare(file, TEXT)) {
            replacement.commit();
        }
    }

    @Test
    void untilItIsCommittedTheFileIsAsItWas() throws Exception {
        Path file = Files.writeString(folder.resolve("lvs.cf"), "serial_no = 1\n");
        try (FileReplacement replacement = FileReplacement.prepare(file, TEXT)) {
            assertThat(replacement).isNotNull();
            assertThat(file).content().isEqualTo("serial_no = 1\n");
            assertThat(names()).hasSize(2);
        }
        assertThat(file).content().isEqualTo("serial_no = 1\n");
        assertThat(names()).containsExactly("lvs.cf");
    }

    @Test
    void keepsPermissionsAndLeavesNothingBehind() throws Exception {
        Path file = Files.writeString(folder.resolve("lvs.cf"), "serial_no = 1\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--rw-"));
        replace(file);
        assertThat(file).content().isEqualTo("serial_no = 2\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r--rw-");
        assertThat(names()).containsExactly("lvs.cf");
    }

    @Test
    void aLinkStaysALink() throws Exception {
        Path file = Files.writeString(folder.resolve("real.cf"), "serial_no = 1\n");
        Path link = Files.createSymbolicLink(folder.resolve("lvs.cf"), Path.of("real.cf"));
        replace(link);
        assertThat(link).isSymbolicLink();
        assertThat(file).content().isEqualTo("serial_no = 2\n");
    }

    @Test
    void aNewFileIsNotForEveryone() throws Exception {
        Path file = folder.resolve("lvs.cf");
        replace(file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r-----");
    }

    @Test
    void aFailureLeavesTheOldFile() throws Exception {
        Path directory = Files.createDirectories(folder.resolve("lvs.cf/x"));
        assertThatThrownBy(() -> replace(directory.getParent())).isInstanceOf(IOException.class);
        assertThat(names()).containsExactly("lvs.cf");
    }

    private Stream<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return Stream.of(
                    files.map(each -> each.getFileName().toString()).toArray(String[]::new));
        }
    }
}
