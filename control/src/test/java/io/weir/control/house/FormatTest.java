package io.weir.control.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.JavaFormatterOptions.Style;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Every Java file is formatted as dev/format would leave it. */
final class FormatTest {
    private static final Formatter FORMATTER =
            new Formatter(JavaFormatterOptions.builder().style(Style.AOSP).build());

    @Test
    void everyJavaFileIsFormatted() {
        List<Path> files =
                Stream.of("main", "test")
                        .flatMap(set -> RepositoryRoot.javaFiles(set).stream())
                        .toList();
        Path root = RepositoryRoot.find();
        List<String> unformatted =
                files.parallelStream()
                        .filter(file -> !isFormatted(file))
                        .map(file -> root.relativize(file).toString())
                        .sorted()
                        .toList();
        assertThat(files).hasSizeGreaterThan(RepositoryRoot.MODULES.size());
        assertThat(unformatted).as("files that dev/format would change").isEmpty();
    }

    @Test
    void aWrongIndentIsNoticed() throws Exception {
        assertThat(FORMATTER.formatSourceAndFixImports("class A {\n  int a;\n}\n"))
                .isEqualTo("class A {\n    int a;\n}\n");
    }

    private static boolean isFormatted(Path file) {
        try {
            String source = Files.readString(file);
            return FORMATTER.formatSourceAndFixImports(source).equals(source);
        } catch (FormatterException e) {
            throw new AssertionError(file + " cannot be parsed", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
