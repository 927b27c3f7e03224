package io.weir.control.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.check.Health;
import io.weir.control.check.ServerKey;
import io.weir.control.config.LocalServiceConfig;
import io.weir.control.event.ProgramQueue;
import io.weir.control.keeper.Farm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Services that run on the active router. */
class LocalServicesTest {
    @TempDir private Path directory;

    private LocalServiceConfig service(String name) {
        return new LocalServiceConfig(
                name,
                Farm.ip("192.0.2.1"),
                8080,
                program("start " + name),
                program("stop " + name),
                List.of(Farm.check(1, Duration.ofSeconds(1))));
    }

    private List<String> program(String words) {
        return List.of("/bin/sh", "-c", "echo " + words + " >>" + directory.resolve("log"));
    }

    @Test
    void theyRunWhereTheRouterIsActive() throws IOException {
        List<LocalServiceConfig> web = List.of(service("web"));
        try (ProgramQueue programs = new ProgramQueue(Duration.ofSeconds(10))) {
            LocalServices local = new LocalServices(programs);
            assertThat(local.settle(web, false)).isTrue();
            assertThat(local.settle(web, false)).isFalse();
            assertThat(local.monitored()).isEmpty();
            assertThat(local.settle(web, true)).isTrue();
            assertThat(local.monitored()).hasSize(1);
            local.settle(List.of(service("web"), service("mail")), true);
            local.settle(List.of(service("mail")), true);
            local.settle(List.of(service("mail")), false);
            local.settle(List.of(service("mail")), true);
            local.end();
            local.end();
        }
        assertThat(Files.readAllLines(directory.resolve("log")))
                .containsExactly(
                        "stop web",
                        "stop web",
                        "start web",
                        "stop mail",
                        "start mail",
                        "stop web",
                        "stop mail",
                        "stop mail",
                        "start mail",
                        "stop mail");
    }

    @Test
    void oneThatHasAnsweredAndDoesSoNoMoreIsNamed() {
        try (ProgramQueue programs = new ProgramQueue(Duration.ofSeconds(10))) {
            LocalServices local = new LocalServices(programs);
            local.settle(List.of(service("web")), true);
            ServerKey key = local.monitored().getFirst().key();
            assertThat(local.hear(key, Health.DOWN)).isEmpty();
            assertThat(local.hear(key, Health.UP)).isEmpty();
            assertThat(local.hear(key, Health.DOWN)).isEqualTo("web");
            assertThat(local.hear(key, Health.DOWN)).isEmpty();
            local.settle(List.of(service("web")), false);
            assertThat(local.hear(key, Health.UP)).isEmpty();
        }
    }
}
