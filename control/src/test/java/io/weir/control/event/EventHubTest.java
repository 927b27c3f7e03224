package io.weir.control.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.ScriptConfig;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Events on their way to listeners and programs. */
class EventHubTest {
    private static Event event(String state, String... subject) {
        return new Event(Instant.EPOCH, Event.Kind.SERVER, List.of(subject), state, "be\ncause");
    }

    @Test
    void aListenerHearsWhatItAskedForInOrder() {
        EventHub hub = new EventHub();
        for (int i = 0; i < EventHub.REMEMBERED + 5; i++) {
            hub.publish(event("s" + i));
        }
        List<String> heard = new ArrayList<>();
        EventSink listener = one -> heard.add(one.state());
        hub.listen(listener, 2);
        hub.publish(event("now"));
        hub.leave(listener);
        hub.publish(event("later"));
        assertThat(heard).containsExactly("s259", "s260", "now");
        assertThat(hub.recent()).hasSize(EventHub.REMEMBERED);
        assertThat(hub.published()).isEqualTo(EventHub.REMEMBERED + 7);
    }

    @Test
    void aListenerThatFailsDisturbsNobody() {
        EventHub hub = new EventHub();
        List<String> heard = new ArrayList<>();
        hub.listen(
                one -> {
                    throw new IllegalStateException("as the test wanted");
                });
        hub.listen(one -> heard.add(one.state()));
        hub.publish(event("up"));
        assertThat(heard).containsExactly("up");
    }

    @Test
    void wordsHaveNoLineBreaks() {
        assertThat(EventText.line(event("up", "web", "a\nb")))
                .isEqualTo("server web a?b: up: be?cause");
        assertThat(EventText.arguments(event("up", "web", "one")))
                .containsExactly("server", "up", "be?cause", "web", "one");
    }

    @Test
    void aLogThatIsNotReadHoldsNobodyUp() throws InterruptedException {
        CountDownLatch read = new CountDownLatch(1);
        List<String> lines = new CopyOnWriteArrayList<>();
        System.Logger stuck =
                (System.Logger)
                        Proxy.newProxyInstance(
                                getClass().getClassLoader(),
                                new Class<?>[] {System.Logger.class},
                                (proxy, method, arguments) -> {
                                    read.await();
                                    return lines.add(arguments[0] + " " + arguments[1]) ? null : 0;
                                });
        EventLog log = new EventLog(stuck);
        for (int i = 0; i < EventLog.WAITING + 100; i++) {
            log.publish(event(i == 0 ? "down" : "up", "web", "one"));
        }
        assertThat(lines).isEmpty();
        read.countDown();
        log.close();
        assertThat(lines.getFirst()).isEqualTo("WARNING server web one: down: be?cause");
        assertThat(lines)
                .anyMatch(line -> line.endsWith(" events came faster than the log took them"));
        assertThat(lines.size()).isBetween(EventLog.WAITING, EventLog.WAITING + 3);
    }

    @TempDir private Path directory;

    private List<String> script(String body) throws IOException {
        Path script = Files.createTempFile(directory, "script", ".sh");
        Files.writeString(script, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return List.of(script.toString(), "first");
    }

    @Test
    void scriptsRunInOrderAndGetTheWords() throws IOException {
        Path log = directory.resolve("log");
        try (ProgramQueue programs = new ProgramQueue(Duration.ofSeconds(10))) {
            NotifyScripts scripts = new NotifyScripts(programs);
            scripts.configure(
                    new ScriptConfig(
                            script("echo active >>" + log),
                            script("echo standby >>" + log),
                            script("echo \"$@\" >>" + log)));
            scripts.roleChanged(true);
            for (int i = 0; i < 5; i++) {
                scripts.publish(event("s" + i, "web", "one"));
            }
            scripts.roleChanged(false);
        }
        assertThat(Files.readAllLines(log))
                .containsExactly(
                        "active",
                        "first server s0 be?cause web one",
                        "first server s1 be?cause web one",
                        "first server s2 be?cause web one",
                        "first server s3 be?cause web one",
                        "first server s4 be?cause web one",
                        "standby");
    }

    @Test
    void aScriptThatHangsOrFloodsIsEndedAndTheNextOneRuns() throws Exception {
        Path log = directory.resolve("log");
        long begin = System.nanoTime();
        try (ProgramQueue programs = new ProgramQueue(Duration.ofSeconds(1))) {
            NotifyScripts scripts = new NotifyScripts(programs);
            scripts.configure(
                    new ScriptConfig(
                            script("yes & sleep 1000"),
                            script("echo standby >>" + log),
                            List.of("/no/such/program")));
            scripts.roleChanged(true);
            scripts.publish(event("up"));
            scripts.roleChanged(false);
            for (int i = 0; i < 3 * ProgramQueue.WAITING; i++) {
                scripts.publish(event("never waits"));
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isLessThan(Duration.ofSeconds(20));
            while (!Files.exists(log)) {
                Thread.sleep(10);
                assertThat(Duration.ofNanos(System.nanoTime() - begin))
                        .isLessThan(Duration.ofSeconds(60));
            }
        }
    }
}
