package io.weir.control.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds the sources of all modules, from whatever directory the tests were started in. */
public final class RepositoryRoot {
    static final List<String> MODULES =
            List.of("dataplane", "schedulers", "nat-engine", "dr-engine", "control", "bench");

    private RepositoryRoot() {}

    /** The nearest directory upwards that holds all modules. */
    public static Path find() {
        Path start = Path.of("").toAbsolutePath();
        for (Path dir = start; dir != null; dir = dir.getParent()) {
            if (MODULES.stream().map(dir::resolve).allMatch(Files::isDirectory)) {
                return dir;
            }
        }
        throw new IllegalStateException("no directory above " + start + " holds " + MODULES);
    }

    /**
     * All Java files of the modules in path order.
     *
     * @param sourceSet {@code main} or {@code test}
     */
    static List<Path> javaFiles(String sourceSet) {
        Path root = find();
        return MODULES.stream()
                .map(module -> root.resolve(module).resolve("src").resolve(sourceSet))
                .filter(Files::isDirectory)
                .flatMap(RepositoryRoot::walk)
                .toList();
    }

    private static Stream<Path> walk(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files
                    .filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
