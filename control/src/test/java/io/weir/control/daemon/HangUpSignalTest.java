package io.weir.control.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** SIGHUP in a process that was started with it, and in one that was started with it ignored. */
final class HangUpSignalTest {
    private static final long SECONDS = 60;

    /** The process: sends itself SIGHUP if it is not ignored, and says what became of it. */
    static final class Hearing {
        private Hearing() {}

        public static void main(String[] arguments) throws Exception {
            CountDownLatch heard = new CountDownLatch(1);
            if (!HangUpSignal.handle(heard::countDown)) {
                System.out.print("ignored");
                return;
            }
            String self = Long.toString(ProcessHandle.current().pid());
            new ProcessBuilder("kill", "-HUP", self).start().waitFor();
            System.out.print(heard.await(SECONDS, TimeUnit.SECONDS) ? "heard" : "lost");
        }
    }

    @ParameterizedTest
    @CsvSource({"--default-signal=HUP, heard", "--ignore-signal=HUP, ignored"})
    void saysWhetherItWillBeHeard(String disposition, String expected) throws Exception {
        assumeTrue(changesSignals(), "needs an env that changes signals (coreutils 8.31)");
        List<String> command =
                List.of(
                        "env",
                        disposition,
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Hearing.class.getName());
        assertThat(output(command)).isEqualTo(expected);
    }

    private static boolean changesSignals() throws Exception {
        return output(List.of("env", "--default-signal=HUP", "echo", "yes")).equals("yes\n");
    }

    private static String output(List<String> command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try {
            byte[] output = process.getInputStream().readAllBytes();
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
            return new String(output, StandardCharsets.UTF_8);
        } finally {
            process.destroyForcibly();
        }
    }
}
