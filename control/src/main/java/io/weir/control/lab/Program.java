package io.weir.control.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The program that a lab starts in processes of their own: the one the launcher says, with the AOT
 * caches it has ({@code weir --make-cache}), otherwise this process's own class path. Any thread.
 */
final class Program {
    /** Set by the launcher: where the program's libraries and caches are. */
    private static final String DIRECTORY = System.getProperty("weir.program", "");

    private Program() {}

    /** The beginning of a command line that starts a daemon. */
    static List<String> daemon() {
        return java("run");
    }

    /** That of a command that talks to a daemon. */
    static List<String> command() {
        List<String> command = java("command");
        command.add("-XX:TieredStopAtLevel=1");
        return command;
    }

    private static List<String> java(String cache) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:-UsePerfData"));
        command.add("--enable-native-access=ALL-UNNAMED");
        if (DIRECTORY.isEmpty()) {
            command.addAll(List.of("-cp", System.getProperty("java.class.path")));
            return command;
        }
        Path lib = Path.of(DIRECTORY, "lib");
        Path file = Path.of(DIRECTORY, cache + "-" + System.getProperty("java.version") + ".aot");
        if (isNewer(file, lib.resolve("weir-control.jar"))) {
            command.add("-XX:AOTCache=" + file);
            command.add("-Xlog:aot*=off,cds*=off");
        }
        command.addAll(List.of("-cp", lib + "/*"));
        return command;
    }

    // The launcher's own condition; whether the cache fits is for the JVM to find out.
    private static boolean isNewer(Path cache, Path jar) {
        try {
            return Files.exists(cache)
                    && Files.getLastModifiedTime(cache).compareTo(Files.getLastModifiedTime(jar))
                            > 0;
        } catch (IOException e) {
            return false;
        }
    }
}
