package io.weir.bench.live;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Programs of the machine that contenders and measures need. */
final class Tool {
    private static final List<String> DIRECTORIES =
            List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin");

    private Tool() {}

    /** What to say if a program is missing; empty if it is there. */
    static Optional<String> lacks(String name, String debianPackage) {
        boolean there =
                DIRECTORIES.stream()
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
        return there
                ? Optional.empty()
                : Optional.of("needs " + name + ", of the Debian package " + debianPackage);
    }
}
