package io.weir.control.check.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.Probe;
import io.weir.control.config.Probe.Expectation;
import io.weir.control.config.Probe.StatusRange;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** HTTP checks of servers on loopback, good ones and bad ones. */
final class HttpRunnerTest {
    private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final ProbeTransport TRANSPORT = ProbeTransport.best();
    private static final ProbeRunner RUNNER = runner(TRANSPORT);
    private static ProbeTrial trial = new ProbeTrial(TRANSPORT);

    private static ProbeRunner runner(ProbeTransport transport) {
        return new HttpRunner(new TcpConnector(transport), new TlsContexts(null));
    }

    @BeforeAll
    static void open() {
        trial = new ProbeTrial(TRANSPORT);
    }

    @AfterAll
    static void close() throws Exception {
        trial.close();
    }

    private static Probe.Http page(@Nullable String digest, @Nullable Expectation body) {
        return new Probe.Http(
                false,
                "/status?full",
                null,
                true,
                true,
                List.of(StatusRange.SUCCESSFUL),
                digest,
                body);
    }

    private static Probe.Http status(StatusRange... statuses) {
        return new Probe.Http(
                false, "/", "www.example.com:8080", true, true, List.of(statuses), null, null);
    }

    private static ProbeResult ask(Probe probe, LoopbackServer.Treatment treatment)
            throws Exception {
        try (LoopbackServer server = LoopbackServer.start(treatment)) {
            return trial.run(RUNNER, ProbeTrial.check(probe, server.port()));
        }
    }

    private static ProbeResult ask(Probe probe, String answer) throws Exception {
        return ask(probe, connection -> LoopbackServer.answer(connection, answer));
    }

    @ParameterizedTest
    @EnumSource
    void anAnswerWithAGoodStatusPasses(ProbeTransport transport) throws Exception {
        try (ProbeTrial own = new ProbeTrial(transport);
                LoopbackServer server =
                        LoopbackServer.answering(
                                "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")) {
            assertThat(
                            own.run(
                                    runner(transport),
                                    ProbeTrial.check(page(null, null), server.port())))
                    .isEqualTo(ProbeResult.passed("status 204, 0 bytes"));
        }
    }

    @Test
    void theRequestNamesPathHostAndTheEndOfTheConnection() throws Exception {
        CompletableFuture<String> request = new CompletableFuture<>();
        ask(
                status(StatusRange.SUCCESSFUL),
                connection -> request.complete(LoopbackServer.readRequest(connection)));
        assertThat(request.get(10, TimeUnit.SECONDS))
                .startsWith("GET / HTTP/1.1\r\n")
                .contains("host: www.example.com:8080\r\n", "connection: close\r\n");
    }

    @Test
    void withoutANameTheHostIsTheAddress() {
        IpAddress ipv6 = Objects.requireNonNull(IpAddress.parse("fd00::1"));
        assertThat(HostName.of(ProbeTrial.check(page(null, null), 80), page(null, null)))
                .isEqualTo(new HostName("127.0.0.1", "127.0.0.1"));
        assertThat(HostName.of(ProbeTrial.check(page(null, null), ipv6, 81), page(null, null)))
                .isEqualTo(new HostName("[fd00::1]:81", "fd00::1"));
    }

    @Test
    void anotherStatusFails() throws Exception {
        String answer = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
        assertThat(ask(status(StatusRange.SUCCESSFUL), answer))
                .isEqualTo(ProbeResult.failed("status 503, expected 200 to 299"));
        assertThat(ask(status(new StatusRange(200, 204), new StatusRange(404, 404)), answer))
                .isEqualTo(ProbeResult.failed("status 503, expected 200 to 204 or 404"));
        assertThat(ask(status(new StatusRange(200, 200), new StatusRange(503, 503)), answer))
                .isEqualTo(ProbeResult.passed("status 503, 0 bytes"));
    }

    @Test
    void provisionalAnswersAreSkipped() throws Exception {
        assertThat(
                        ask(
                                page(null, new Expectation.Exactly("hello")),
                                "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + HELLO))
                .isEqualTo(ProbeResult.passed("status 200, 5 bytes"));
    }

    @Test
    void oldServersEndTheBodyWithTheConnection() throws Exception {
        assertThat(
                        ask(
                                page(null, new Expectation.Exactly("hello")),
                                "HTTP/1.0 200 OK\r\nServer: old\r\n\r\nhello"))
                .isEqualTo(ProbeResult.passed("status 200, 5 bytes"));
    }

    @Test
    void chunksArePutTogether() throws Exception {
        assertThat(
                        ask(
                                page("5d41402abc4b2a76b9719d911017c592", null),
                                CHUNKED + "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nT: 1\r\n\r\n"))
                .isEqualTo(ProbeResult.passed("status 200, 5 bytes"));
    }

    @ParameterizedTest
    @CsvSource({
        "5d41402abc4b2a76b9719d911017c592,",
        "5D41402ABC4B2A76B9719D911017C592,",
        "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824,",
        "5d41402abc4b2a76b9719d911017c593,'MD5 of the body is 5d41402abc4b2a76b9719d911017c592,"
                + " expected 5d41402abc4b2a76b9719d911017c593'",
    })
    void theDigestOfTheBodyCounts(String digest, @Nullable String fault) throws Exception {
        assertThat(ask(page(digest, null), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"))
                .isEqualTo(
                        fault == null
                                ? ProbeResult.passed("status 200, 5 bytes")
                                : ProbeResult.failed(fault));
    }

    @Test
    void theBodyCounts() throws Exception {
        String answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        assertThat(ask(page(null, new Expectation.Matching("l{2}")), answer).passed()).isTrue();
        assertThat(ask(page(null, new Expectation.NotMatching("[Ee]rror")), answer).passed())
                .isTrue();
        assertThat(ask(page(null, new Expectation.Matching("^e")), answer))
                .isEqualTo(ProbeResult.failed("no match of \"^e\" in \"hello\""));
        assertThat(ask(page(null, new Expectation.NotMatching("ll")), answer))
                .isEqualTo(ProbeResult.failed("a match of \"ll\" in \"hello\""));
        assertThat(ask(page(null, new Expectation.Prefix("hallo")), answer))
                .isEqualTo(ProbeResult.failed("answer begins with \"hello\", expected \"hallo\""));
    }

    @Test
    void aBodyThatIsCutOffFails() throws Exception {
        assertThat(ask(page(null, null), "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"))
                .isEqualTo(
                        ProbeResult.failed(
                                "connection closed, answer incomplete after 5 bytes of body"));
        assertThat(ask(page(null, null), CHUNKED + "5\r\nhello"))
                .isEqualTo(
                        ProbeResult.failed(
                                "connection closed, answer incomplete after 5 bytes of body"));
    }

    @Test
    void noAnswerFails() throws Exception {
        assertThat(ask(page(null, null), ""))
                .isEqualTo(ProbeResult.failed("connection closed, no answer"));
        assertThat(ask(page(null, null), "HTTP/1.1 200"))
                .isEqualTo(ProbeResult.failed("connection closed, no answer"));
        assertThat(ask(page(null, null), "SSH-2.0-OpenSSH_9.2\r\n\r\n").detail())
                .startsWith("not an HTTP answer");
    }

    @Test
    void aResetAndAClosedPortFail() throws Exception {
        assertThat(
                        ask(
                                page(null, null),
                                connection -> {
                                    LoopbackServer.readRequest(connection);
                                    connection.setSoLinger(true, 0);
                                }))
                .isEqualTo(ProbeResult.failed("connection reset"));
        int closed;
        try (LoopbackServer server = LoopbackServer.answering("")) {
            closed = server.port();
        }
        assertThat(trial.run(RUNNER, ProbeTrial.check(page(null, null), closed)))
                .isEqualTo(ProbeResult.failed("connection refused"));
    }

    @Test
    void floodsOfHeadersAreCutOff() throws Exception {
        assertThat(
                        ask(
                                        page(null, null),
                                        connection -> {
                                            LoopbackServer.answer(
                                                    connection, "HTTP/1.1 200 OK\r\n");
                                            while (true) {
                                                LoopbackServer.send(
                                                        connection,
                                                        "X: " + "y".repeat(99) + "\r\n");
                                            }
                                        })
                                .detail())
                .startsWith("not an HTTP answer: ");
        assertThat(
                        ask(
                                        page(null, null),
                                        connection -> {
                                            LoopbackServer.readRequest(connection);
                                            while (true) {
                                                LoopbackServer.send(connection, "HTTP/1.1 200 OK");
                                            }
                                        })
                                .passed())
                .isFalse();
    }

    private static void flood(Socket connection) throws Exception {
        LoopbackServer.answer(connection, "HTTP/1.0 200 OK\r\n\r\n");
        byte[] bytes = new byte[1 << 16];
        while (true) {
            connection.getOutputStream().write(bytes);
        }
    }

    @Test
    void endlessBodiesFailWhereTheyAreToBeLookedAt() throws Exception {
        assertThat(ask(page(null, new Expectation.Anything()), HttpRunnerTest::flood))
                .isEqualTo(
                        ProbeResult.failed(
                                "body has more than 1048576 bytes, too many to look at"));
        assertThat(ask(page(null, null), HttpRunnerTest::flood))
                .isEqualTo(ProbeResult.passed("status 200, more than 1048576 bytes"));
    }

    @Test
    void silenceAndDripsLastUntilTheCheckIsCancelled() throws Exception {
        LoopbackServer.Treatment drip =
                connection -> {
                    LoopbackServer.answer(connection, "HTTP/1.0 200 OK\r\n\r\n");
                    while (true) {
                        LoopbackServer.send(connection, "x");
                        Thread.sleep(20);
                    }
                };
        LoopbackServer.Treatment silence = connection -> connection.getInputStream().readAllBytes();
        for (LoopbackServer.Treatment treatment : List.of(drip, silence)) {
            try (LoopbackServer server = LoopbackServer.start(treatment)) {
                ProbeResult result =
                        trial.run(
                                RUNNER,
                                ProbeTrial.check(page(null, null), server.port()),
                                Duration.ofMillis(200));
                assertThat(result.detail()).isEqualTo(ProbeTrial.CANCELLED);
                long end = System.nanoTime() + 10_000_000_000L;
                while (server.ended() == 0) {
                    assertThat(System.nanoTime()).as("connection is closed").isLessThan(end);
                    Thread.sleep(5);
                }
            }
        }
    }

    @Test
    void expressionsThatTakeForEverAreGivenUp() throws Exception {
        String body = "a".repeat(40) + "!";
        String answer = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
        assertThat(ask(page(null, new Expectation.Matching("^(a+)+\\1$")), answer))
                .isEqualTo(ProbeResult.failed("gave up the search for \"^(a+)+\\1$\""));
        assertThat(ExpectedText.fault(new Expectation.Matching("^(a|b)*$"), "ab".repeat(500_000)))
                .isEqualTo("gave up the search for \"^(a|b)*$\"");
    }

    @Test
    void aPathThatWouldBreakTheRequestFails() throws Exception {
        Probe.Http broken =
                new Probe.Http(
                        false,
                        "/\r\nX: y",
                        null,
                        true,
                        true,
                        List.of(StatusRange.SUCCESSFUL),
                        null,
                        null);
        assertThat(ask(broken, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").detail())
                .startsWith("no request can be made of path and host: ");
    }
}
