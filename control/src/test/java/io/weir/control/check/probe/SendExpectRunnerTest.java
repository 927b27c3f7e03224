package io.weir.control.check.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.Probe;
import io.weir.control.config.Probe.Expectation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.net.Socket;
import java.time.Duration;

/** TCP servers on loopback that are sent something and answer. */
final class SendExpectRunnerTest {
    private static final Expectation NOTHING = new Expectation.Prefix("");

    private static ProbeResult ask(
            String send, Expectation expectation, LoopbackServer.Treatment treatment)
            throws Exception {
        return ask(ProbeTransport.best(), send, expectation, treatment);
    }

    private static ProbeResult ask(
            ProbeTransport transport,
            String send,
            Expectation expectation,
            LoopbackServer.Treatment treatment)
            throws Exception {
        try (ProbeTrial trial = new ProbeTrial(transport);
                LoopbackServer server = LoopbackServer.start(treatment)) {
            return trial.run(
                    new SendExpectRunner(new TcpConnector(transport)),
                    ProbeTrial.check(new Probe.SendExpect(false, send, expectation), server.port()),
                    Duration.ofSeconds(3));
        }
    }

    /** Says something and waits until the check has gone. */
    private static void say(Socket connection, String... pieces) throws Exception {
        for (String piece : pieces) {
            LoopbackServer.send(connection, piece);
            Thread.sleep(30);
        }
        var _ = connection.getInputStream().read();
    }

    @ParameterizedTest
    @EnumSource
    void whatIsSentArrivesAndTheAnswerIsLookedAt(ProbeTransport transport) throws Exception {
        ProbeResult result =
                ask(
                        transport,
                        "GET / HTTP/1.0\r\n\r\n",
                        new Expectation.Prefix("HTTP"),
                        connection ->
                                say(
                                        connection,
                                        LoopbackServer.readRequest(connection)
                                                        .equals("GET / HTTP/1.0\r\n\r\n")
                                                ? "HTTP/1.0 200 OK\r\n"
                                                : "what?"));
        assertThat(result).isEqualTo(ProbeResult.passed("answered \"HTTP/1.0 200 OK\\r\\n\""));
    }

    @Test
    void bytesStayWhatTheyAre() throws Exception {
        ProbeResult result =
                ask(
                        "\u0000\u00ff",
                        new Expectation.Exactly("\u00fe\u0001"),
                        connection -> {
                            byte[] asked = connection.getInputStream().readNBytes(2);
                            boolean right = asked[0] == 0 && asked[1] == (byte) 0xff;
                            say(connection, right ? "\u00fe\u0001" : "no");
                        });
        assertThat(result.passed()).isTrue();
    }

    @Test
    void withoutExpectationNothingIsRead() throws Exception {
        assertThat(ask("", NOTHING, connection -> say(connection)))
                .isEqualTo(ProbeResult.passed("connected"));
        assertThat(ask("hello", NOTHING, connection -> say(connection)))
                .isEqualTo(ProbeResult.passed("connected and sent"));
    }

    @ParameterizedTest
    @CsvSource({
        "SSH-2.0, SSH-2.0-weir, true",
        "SSH-2.0, SSH-1.9-weir, false",
        "SSH-2.0, xSSH-2.0, false",
    })
    void aPrefixIsAPrefix(String prefix, String answer, boolean good) throws Exception {
        ProbeResult result =
                ask("", new Expectation.Prefix(prefix), connection -> say(connection, answer));
        assertThat(result.passed()).as(result.detail()).isEqualTo(good);
    }

    @Test
    void anAnswerMayComeInPieces() throws Exception {
        assertThat(
                        ask(
                                        "",
                                        new Expectation.Prefix("+OK ready"),
                                        connection -> say(connection, "+", "OK ", "ready\r\n"))
                                .passed())
                .isTrue();
        assertThat(
                        ask(
                                        "",
                                        new Expectation.Matching("st.tus: (fine|good)"),
                                        connection ->
                                                say(
                                                        connection,
                                                        "x".repeat(300),
                                                        " status: ",
                                                        "good"))
                                .passed())
                .isTrue();
    }

    @Test
    void aPieceThatCannotBecomeGoodIsNotWaitedFor() throws Exception {
        assertThat(
                        ask(
                                "",
                                new Expectation.Prefix("+OK ready"),
                                connection -> say(connection, "+ER")))
                .isEqualTo(
                        ProbeResult.failed("answer begins with \"+ER\", expected \"+OK ready\""));
    }

    @Test
    void anythingIsAtLeastAByte() throws Exception {
        assertThat(ask("", new Expectation.Anything(), connection -> say(connection, "x")).passed())
                .isTrue();
        assertThat(ask("", new Expectation.Anything(), connection -> {}))
                .isEqualTo(ProbeResult.failed("connection closed, no answer"));
        assertThat(ask("", new Expectation.Anything(), connection -> say(connection)))
                .as("a silent server")
                .isEqualTo(ProbeResult.failed(ProbeTrial.CANCELLED));
    }

    @Test
    void anEndlessAnswerWithoutAMatchFails() throws Exception {
        assertThat(
                        ask(
                                        "",
                                        new Expectation.Matching("needle"),
                                        connection -> {
                                            for (int i = 0; i < 10_000; i++) {
                                                LoopbackServer.send(connection, "hay".repeat(100));
                                            }
                                        })
                                .detail())
                .startsWith("no match of \"needle\" in \"hayhay");
    }

    @Test
    void anExpressionThatIsNoneFailsAndOneThatTakesForeverIsGivenUp() throws Exception {
        assertThat(
                        ask(
                                        "",
                                        new Expectation.Matching("("),
                                        connection -> LoopbackServer.send(connection, "x"))
                                .detail())
                .contains("not a regular expression");
        assertThat(
                        ask(
                                        "",
                                        new Expectation.Matching("(a+a+)+\\1b"),
                                        connection ->
                                                LoopbackServer.send(connection, "a".repeat(60)))
                                .detail())
                .contains("gave up the search");
    }

    @Test
    void nobodyThereIsRefused() throws Exception {
        // A port that was closed a moment ago may be another program's by now.
        try (ProbeTrial trial = new ProbeTrial(ProbeTransport.best())) {
            assertThat(
                            trial.run(
                                    new SendExpectRunner(new TcpConnector(ProbeTransport.best())),
                                    ProbeTrial.check(
                                            new Probe.SendExpect(
                                                    false, "x", new Expectation.Anything()),
                                            1)))
                    .isEqualTo(ProbeResult.failed("connection refused"));
        }
    }
}
