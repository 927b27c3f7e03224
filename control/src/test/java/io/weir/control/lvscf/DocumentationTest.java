package io.weir.control.lvscf;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.house.RepositoryRoot;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** docs/lvs-cf.md names every key, and its examples are good. */
class DocumentationTest {
    private static final Pattern EXAMPLE = Pattern.compile("(?s)```\n(.*?)```");

    private static String page() throws IOException {
        return Files.readString(RepositoryRoot.find().resolve("docs/lvs-cf.md"));
    }

    static Stream<String> examples() throws IOException {
        return EXAMPLE.matcher(page()).results().map(match -> match.group(1)).toList().stream();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void anExampleIsGood(String text) throws LvsCfException {
        assertThat(Reads.inspect(text).notes()).allMatch(note -> note.contains("primary"));
    }

    @Test
    void everyKeyIsThere() throws IOException {
        String page = page();
        for (BlockKind kind : BlockKind.values()) {
            assertThat(Directives.keys(kind)).allMatch(key -> page.contains("`" + key + "`"));
        }
        assertThat(ProbeReader.KEYS.keySet()).allMatch(type -> page.contains("`" + type + "`"));
        assertThat(ServiceSettingsReader.SCHEDULERS).allMatch(page::contains);
    }
}
