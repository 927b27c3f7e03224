package io.weir.control.check.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.LoadConfig;
import io.weir.dataplane.service.ServerId;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Servers that tell their load, and programs that do it for them. */
final class LoadRunnerTest {
    private final ProbeTransport transport = ProbeTransport.best();
    private final ProbeTrial trial = new ProbeTrial(transport);
    private final ProgramPool pool = new ProgramPool();
    private final LoadRunner runner = new LoadRunner(new TcpConnector(transport), pool);

    @AfterEach
    void close() throws InterruptedException {
        trial.close();
        pool.close();
    }

    private LoadAnswer ask(LoadConfig load) throws Exception {
        CompletableFuture<LoadAnswer> answer = new CompletableFuture<>();
        trial.loop()
                .execute(
                        () ->
                                runner.start(
                                        load,
                                        new ServerId(ProbeTrial.LOOPBACK, 80),
                                        trial.loop(),
                                        answer::complete));
        return answer.get(20, TimeUnit.SECONDS);
    }

    private static LoadConfig load(LoadConfig.Source source, int port, String... command) {
        return new LoadConfig(
                source,
                List.of(command),
                "/load",
                port,
                Duration.ofSeconds(20),
                Duration.ofSeconds(5));
    }

    private LoadAnswer agent(LoopbackServer.Treatment treatment) throws Exception {
        try (LoopbackServer server = LoopbackServer.start(treatment)) {
            return ask(load(LoadConfig.Source.AGENT, server.port()));
        }
    }

    private LoadAnswer page(String answer) throws Exception {
        try (LoopbackServer server = LoopbackServer.answering(answer)) {
            return ask(load(LoadConfig.Source.HTTP, server.port()));
        }
    }

    private static LoadAnswer of(double load) {
        return new LoadAnswer(OptionalDouble.of(load), "");
    }

    @Test
    void aProgramPrintsALineAsUptimeDoes() throws Exception {
        LoadConfig.Source program = LoadConfig.Source.COMMAND;
        assertThat(ask(load(program, 0, "echo", "up 3 days, load average: 0.42, 1.0, 2.0")))
                .isEqualTo(of(0.42));
        assertThat(ask(load(program, 0, "echo", "no route to", "%h", "%p")).detail())
                .isEqualTo("no load in \"no route to 127.0.0.1 80\"");
        assertThat(ask(load(program, 0, "false")).detail()).startsWith("exit code 1");
        assertThat(ask(load(program, 0, "weir-no-such-load")).detail())
                .startsWith("there is no program");
    }

    @Test
    void anAgentSaysItToWhoeverConnects() throws Exception {
        assertThat(agent(connection -> LoopbackServer.send(connection, "1.5\n")))
                .isEqualTo(of(1.5));
        assertThat(agent(connection -> LoopbackServer.send(connection, "0.25")))
                .as("without a newline")
                .isEqualTo(of(0.25));
        assertThat(agent(connection -> {}).detail()).isEqualTo("connection closed, no answer");
        assertThat(
                        agent(connection -> LoopbackServer.send(connection, "x".repeat(100_000)))
                                .detail())
                .startsWith("no load in \"xxx");
    }

    @Test
    void aWebServerSaysItInAPage() throws Exception {
        assertThat(page("HTTP/1.0 200 OK\r\n\r\n0.75 0.5 0.25 1/99 4711\n")).isEqualTo(of(0.75));
        assertThat(page("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n").detail())
                .isEqualTo("status 503");
        assertThat(page("HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n0.5").load()).isEmpty();
        assertThat(page("what?\r\n\r\n").load()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                " 10:00:01 up 5 days, 2 users, load average: 0.08, 0.03, 0.05 | 0.08",
                "10:00 up 1 day, load averages: 1.20 1.10 1.00 | 1.20",
                "host up 5 days, load average: 0.00, 0.00, 0.00 | 0",
                "host up 1+02:03, 3 users, load 2.50, 1.00, 0.50 | 2.5",
                "Systemlast, load average: 0,08, 0,03, 0,05 | 0.08",
                "load: 7 | 7",
                "load:3,2,1 | 3",
            })
    void linesOfOtherSystems(String line, double load) {
        assertThat(LoadText.inLine(line)).hasValue(load);
        assertThat(LoadText.anywhere(line)).hasValue(load);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"load: -1", "load", "load:", "loads of 3", "down: 3", "''"})
    void noLoad(String line) {
        assertThat(LoadText.inLine(line)).isEmpty();
        assertThat(LoadText.anywhere(line)).isEmpty();
    }

    @Test
    void aNumberAloneIsALoadOnlyWhereNothingElseIsAsked() {
        assertThat(LoadText.anywhere(" 0.5\n")).hasValue(0.5);
        assertThat(LoadText.anywhere("3")).hasValue(3);
        assertThat(LoadText.anywhere("3 errors in /load")).hasValue(3);
        assertThat(LoadText.inLine("3")).isEmpty();
        assertThat(LoadText.anywhere("1e9")).isEmpty();
    }
}
