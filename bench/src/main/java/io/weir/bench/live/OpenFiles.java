package io.weir.bench.live;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How many files, sockets among them, a process of this machine may open. */
final class OpenFiles {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Pattern HARD = Pattern.compile("Max open files +\\w+ +(\\d+) .*");
    private static final int MOST_CONNECTIONS = 50_000;
    private static final int OTHER_FILES = 500;

    // Two sockets, and the ends of pipes for those connections that HAProxy splices.
    private static final int FILES_EACH = 3;

    private OpenFiles() {}

    /** How many connections a proxy can hold. */
    static int proxiedConnections() {
        try {
            long limit =
                    Files.readAllLines(LIMITS).stream()
                            .map(HARD::matcher)
                            .filter(Matcher::matches)
                            .mapToLong(match -> Long.parseLong(match.group(1)))
                            .findFirst()
                            .orElse(Long.MAX_VALUE);
            return Math.clamp((limit - OTHER_FILES) / FILES_EACH, 1, MOST_CONNECTIONS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
