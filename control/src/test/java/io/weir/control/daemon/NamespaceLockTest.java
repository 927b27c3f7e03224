package io.weir.control.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;

class NamespaceLockTest {
    @TempDir private Path directory;

    @Test
    void aSecondDaemonIsToldSo() throws IOException {
        Path place = directory.resolve("weir");
        try (NamespaceLock _ = NamespaceLock.acquire(place)) {
            assertThatThrownBy(() -> NamespaceLock.acquire(place))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("a weir daemon runs in this network namespace already");
        }
        try (NamespaceLock _ = NamespaceLock.acquire(place)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place)))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void aKilledDaemonLeavesNothingBehind() throws Exception {
        Process other =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Holder.class.getName(),
                                directory.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try {
            assertThat(other.getInputStream().read()).as("the other process has it").isEqualTo('!');
            assertThatThrownBy(() -> NamespaceLock.acquire(directory))
                    .isInstanceOf(IOException.class);
            other.destroyForcibly();
            assertThat(other.waitFor(30, TimeUnit.SECONDS)).isTrue();
            NamespaceLock.acquire(directory).close();
        } finally {
            other.destroyForcibly();
        }
    }

    /** A process that takes the lock and keeps it until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws Exception {
            try (NamespaceLock _ = NamespaceLock.acquire(Path.of(args[0]))) {
                System.out.print('!');
                System.out.flush();
                Thread.sleep(TimeUnit.MINUTES.toMillis(2));
            }
        }
    }

    @Test
    void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> NamespaceLock.acquire(file.resolve("weir")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void theFirstUsableDirectoryIsChosen() throws IOException {
        Path missing = directory.resolve("no/weir");
        Path usable = directory.resolve("weir");
        assertThat(RuntimeDirectory.choose(List.of(missing, usable))).isEqualTo(usable);
        assertThatThrownBy(() -> RuntimeDirectory.choose(List.of(missing)))
                .hasMessageContaining("cannot write to " + missing);
    }
}
