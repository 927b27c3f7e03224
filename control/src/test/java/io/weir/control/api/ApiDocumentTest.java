package io.weir.control.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Runs the examples of docs/api.md and compares what they print. */
class ApiDocumentTest {
    private static final Path DOCUMENT = Path.of("../docs/api.md");

    @TempDir private Path directory;

    private record Example(String command, StringBuilder expected) {}

    @Test
    void theExamplesPrintWhatTheDocumentSays() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "curl is missing");
        List<Example> examples = examples();
        assertThat(examples).hasSizeGreaterThan(5);
        try (ApiServer _ = new FakeBalancer(2).serve(directory.resolve("s"))) {
            for (Example example : examples) {
                assertThat(run(example.command(), directory.resolve("s")))
                        .as(example.command())
                        .matches(pattern(example.expected().toString()));
            }
        }
    }

    private static List<Example> examples() throws IOException {
        List<Example> examples = new ArrayList<>();
        boolean inside = false;
        for (String line : Files.readAllLines(DOCUMENT)) {
            if (line.startsWith("```")) {
                inside = line.equals("```console");
            } else if (inside && line.startsWith("$ ")) {
                examples.add(new Example(line.substring(2), new StringBuilder()));
            } else if (inside) {
                examples.getLast().expected().append(line).append('\n');
            }
        }
        return examples;
    }

    private static Pattern pattern(String expected) {
        String[] literals = expected.split("…", -1);
        StringBuilder pattern = new StringBuilder(Pattern.quote(literals[0]));
        for (int i = 1; i < literals.length; i++) {
            pattern.append("(?s:.+)").append(Pattern.quote(literals[i]));
        }
        return Pattern.compile(pattern.toString());
    }

    private static String run(String command, Path socket)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder("/bin/sh", "-c", command).redirectErrorStream(true);
        builder.environment().put("SOCKET", socket.toString());
        Process process = builder.start();
        try (var output = process.getInputStream()) {
            String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return text;
        } finally {
            process.destroyForcibly();
        }
    }
}
