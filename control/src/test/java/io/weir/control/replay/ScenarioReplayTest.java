package io.weir.control.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

final class ScenarioReplayTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"mix-random-4", "sched-lblcr-edit-1", "sched-sh-churn-1", "udp-ops-1"})
    void twoReplaysWriteTheSameFiles(String name) throws Exception {
        try (Recordings recordings = Recordings.open()) {
            Path first = folder.resolve("first");
            Path second = folder.resolve("second");
            new ScenarioReplay(recordings.scenario(name)).run(first);
            new ScenarioReplay(recordings.scenario(name)).run(second);
            assertSameFiles(first, second);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mix-random-4", "tcp-states-1", "dest-readd-2"})
    void whatTheKernelAnsweredIsNotRead(String name) throws Exception {
        try (Recordings recordings = Recordings.open()) {
            Path scenario = recordings.scenario(name);
            Path blind = Files.createDirectory(folder.resolve("blind"));
            Files.copy(scenario.resolve("rules"), blind.resolve("rules"));
            Files.copy(scenario.resolve("topology.json"), blind.resolve("topology.json"));
            List<String> questions = new ArrayList<>();
            for (String line : Files.readAllLines(scenario.resolve("events.jsonl"))) {
                if (!line.contains("\"op\":\"out\"")) {
                    questions.add(line.replaceFirst("\"text\":\"[^\"]*\"", "\"text\":\"\""));
                }
            }
            Files.write(blind.resolve("events.jsonl"), questions);

            Path first = folder.resolve("first");
            Path second = folder.resolve("second");
            new ScenarioReplay(scenario).run(first);
            new ScenarioReplay(blind).run(second);
            assertSameFiles(first, second);
        }
    }

    @Test
    void aMalformedEventIsNamedByFileAndLine() throws Exception {
        Path events = scenario("{\"t\":0,\"op\":\"note\"}\n{\"t\":1,\"op\":\n");
        assertThatThrownBy(() -> new ScenarioReplay(folder).run(folder.resolve("out")))
                .isInstanceOf(ReplayException.class)
                .hasMessageStartingWith(events + ":2: not JSON: ");
    }

    @Test
    void aFrameThatIsNotHexadecimalIsNamedByFileAndLine() throws Exception {
        Path events = scenario("{\"t\":0,\"op\":\"in\",\"if\":\"cli\",\"frame\":\"0g\"}\n");
        assertThatThrownBy(() -> new ScenarioReplay(folder).run(folder.resolve("out")))
                .isInstanceOf(ReplayException.class)
                .hasMessage(events + ":1: \"frame\" is not a row of hexadecimal bytes");
    }

    @Test
    void anUnknownInterfaceIsNamed() throws Exception {
        Path events = scenario("{\"t\":0,\"op\":\"in\",\"if\":\"eth7\",\"frame\":\"00\"}\n");
        assertThatThrownBy(() -> new ScenarioReplay(folder).run(folder.resolve("out")))
                .isInstanceOf(ReplayException.class)
                .hasMessage(events + ":1: there is no interface \"eth7\" in topology.json");
    }

    private Path scenario(String events) throws Exception {
        Files.writeString(folder.resolve("rules"), "-A -t 10.1.0.100:80 -s rr\n");
        Files.writeString(
                folder.resolve("topology.json"),
                "{\"interfaces\":[{\"name\":\"cli\",\"mac\":\"02:00:00:00:00:01\"}]}");
        return Files.writeString(folder.resolve("events.jsonl"), events);
    }

    private static void assertSameFiles(Path first, Path second) {
        for (String file : List.of("events.jsonl", "final.txt")) {
            assertThat(second.resolve(file)).hasSameTextualContentAs(first.resolve(file));
        }
        assertThat(first.resolve("events.jsonl")).isNotEmptyFile();
    }
}
