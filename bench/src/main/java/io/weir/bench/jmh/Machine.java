package io.weir.bench.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where something was measured.
 *
 * @param processor its model as the kernel names it
 * @param processors the number of them that the JVM may use
 * @param kernel name and release
 * @param jdk vendor and version
 * @param flags of the measured JVM
 * @param commit the state of the sources, with -dirty if there were changes
 * @param gigahertz the core's measured clock
 */
public record Machine(
        String processor,
        int processors,
        String kernel,
        String jdk,
        List<String> flags,
        String commit,
        double gigahertz) {
    static Machine here(List<String> flags, String commit, double gigahertz) {
        return new Machine(
                processorModel(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vendor") + " " + System.getProperty("java.vm.version"),
                flags,
                commit,
                Math.round(gigahertz * 1000) / 1000.0);
    }

    /** The processor's model as the kernel names it, or the architecture. */
    public static String processorModel() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        } catch (IOException e) {
            return "unknown: " + e.getMessage();
        }
        return System.getProperty("os.arch");
    }
}
