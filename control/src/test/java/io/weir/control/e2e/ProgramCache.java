package io.weir.control.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The AOT caches of the built program, which save each of the hundreds of processes of these tests
 * a third of its start. Made once, by the launcher; without them the tests take longer.
 */
public final class ProgramCache {
    private static final long SECONDS = 90;

    private static boolean asked;
    private static String said = "";

    private ProgramCache() {}

    /** Makes them, if the tests run the built program; returns what the launcher said. */
    public static synchronized String make() {
        String program = System.getProperty("weir.program");
        if (program == null || asked) {
            return said;
        }
        asked = true;
        Path directory = Path.of(program);
        try {
            said = runLauncher(directory.resolve("../../../weir").normalize());
        } catch (IOException e) {
            said = "the tests go without AOT caches: " + e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        System.out.println(said.strip());
        return said;
    }

    private static String runLauncher(Path launcher) throws IOException, InterruptedException {
        Path output = Files.createTempFile("weir", ".cache");
        try {
            ProcessBuilder builder = new ProcessBuilder(launcher.toString(), "--make-cache");
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            Process process =
                    builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "the tests go without AOT caches: " + launcher + " does not end";
            }
            String words = Files.readString(output);
            return process.exitValue() == 0
                    ? words
                    : "the tests go without AOT caches: " + launcher + " said " + words;
        } finally {
            Files.delete(output);
        }
    }
}
