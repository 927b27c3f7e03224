package io.weir.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

class GuardProcessTest {
    @TempDir private Path directory;

    private static String await(Path file) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!Files.exists(file) && System.nanoTime() < end) {
            Thread.sleep(5);
        }
        return Files.readString(file);
    }

    @Test
    void scriptHearsLinesAndTheEnd() throws Exception {
        Path partly = directory.resolve("partly");
        Path result = directory.resolve("result");
        String script =
                "exec 3<&0; { all=; while read -r line; do all=\"$all $line\"; done; echo \"$all\""
                        + " > "
                        + partly
                        + "; mv "
                        + partly
                        + " "
                        + result
                        + "; } <&3 &";
        try (GuardProcess guard = GuardProcess.start(script, new int[0], "test")) {
            assertThat(guard.tell("first")).isTrue();
            assertThat(guard.tell("and second")).isTrue();
            assertThat(result).doesNotExist();
        }
        assertThat(await(result)).isEqualTo(" first and second\n");
    }

    @Test
    void scriptKeepsDescriptors() throws Exception {
        Path partly = directory.resolve("partly");
        Path result = directory.resolve("result");
        Path kept = Files.writeString(directory.resolve("kept"), "x");
        String script =
                "exec 3<&0; { read -r line; ls -l /proc/self/fd > "
                        + partly
                        + "; mv "
                        + partly
                        + " "
                        + result
                        + "; } <&3 &";
        try (Descriptor one = Descriptor.openForReading(kept.toString(), "test");
                GuardProcess guard =
                        GuardProcess.start(
                                script, new int[] {one.number(), one.number()}, "test")) {
            guard.tell("now");
            String open = await(result);
            assertThat(open.lines().filter(line -> line.endsWith(kept.toString())))
                    .as(open)
                    .hasSize(2);
            assertThat(open).as("Java's own").doesNotContain(".jar");
        }
    }

    @Test
    void scriptThatHasEndedIsNotTold() throws Exception {
        try (GuardProcess guard = GuardProcess.start("exit 0", new int[0], "test")) {
            assertThat(guard.tell("nobody there")).isFalse();
        }
    }
}
