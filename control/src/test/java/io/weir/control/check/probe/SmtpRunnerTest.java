package io.weir.control.check.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.Probe;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** SMTP checks of servers on loopback. */
final class SmtpRunnerTest {
    private static final ProbeTransport TRANSPORT = ProbeTransport.best();
    private static final ProbeTrial TRIAL = new ProbeTrial(TRANSPORT);
    private static final ProbeResult GOOD = ProbeResult.passed("greeting accepted");

    @AfterAll
    static void close() throws Exception {
        TRIAL.close();
    }

    private static ProbeResult ask(LoopbackServer.Treatment treatment) throws Exception {
        try (LoopbackServer server = LoopbackServer.start(treatment)) {
            return TRIAL.run(
                    new SmtpRunner(new TcpConnector(TRANSPORT)),
                    ProbeTrial.check(new Probe.Smtp("balancer.example.com"), server.port()),
                    Duration.ofSeconds(5));
        }
    }

    /** A server that says something at once and something to HELO. */
    private static ProbeResult ask(String banner, String reply) throws Exception {
        return ask(
                connection -> {
                    LoopbackServer.send(connection, banner);
                    readLine(connection);
                    LoopbackServer.send(connection, reply);
                    readLine(connection);
                });
    }

    private static String readLine(Socket connection) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = connection.getInputStream().read();
                next >= 0 && next != '\n';
                next = connection.getInputStream().read()) {
            line.append((char) next);
        }
        return line.toString();
    }

    @Test
    void aServerThatAcceptsTheGreetingPasses() throws Exception {
        LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
        assertThat(
                        ask(
                                connection -> {
                                    LoopbackServer.send(connection, "220 mail ESMTP\r\n");
                                    heard.add(readLine(connection));
                                    LoopbackServer.send(connection, "250 hello\r\n");
                                    heard.add(readLine(connection));
                                    LoopbackServer.send(connection, "221 bye\r\n");
                                    heard.add("end:" + readLine(connection));
                                }))
                .isEqualTo(GOOD);
        assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("HELO balancer.example.com\r");
        assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("QUIT\r");
        assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("end:");
    }

    @Test
    void repliesMayHaveManyLines() throws Exception {
        assertThat(ask("220-mail\r\n220-at your\r\n220 service\r\n", "250-a\r\n250\r\n"))
                .isEqualTo(GOOD);
        assertThat(ask("220 mail\n", "250 a\n")).isEqualTo(GOOD);
    }

    @Test
    void aServerThatForgetsToSayGoodByePasses() throws Exception {
        assertThat(
                        ask(
                                connection -> {
                                    LoopbackServer.send(connection, "220 mail\r\n");
                                    readLine(connection);
                                    LoopbackServer.send(connection, "250 hello\r\n");
                                    connection.getInputStream().readAllBytes();
                                }))
                .isEqualTo(GOOD);
    }

    @Test
    void refusalsFail() throws Exception {
        assertThat(ask("554 no service\r\n", ""))
                .isEqualTo(ProbeResult.failed("banner 554, expected 220"));
        assertThat(ask("220 mail\r\n", "550 who are you\r\n"))
                .isEqualTo(ProbeResult.failed("reply to HELO 550, expected 250"));
        assertThat(ask("220-mail\r\n421 too busy\r\n", ""))
                .isEqualTo(ProbeResult.failed("banner 421, expected 220"));
    }

    @Test
    void otherProtocolsFail() throws Exception {
        assertThat(ask("SSH-2.0-OpenSSH_9.2\r\n", ""))
                .isEqualTo(ProbeResult.failed("banner is no SMTP: \"SSH-2.0-OpenSSH_9.2\""));
        assertThat(ask("220 mail\r\n", "2500 x\r\n"))
                .isEqualTo(ProbeResult.failed("reply to HELO is no SMTP: \"2500 x\""));
    }

    @Test
    void halfRepliesFail() throws Exception {
        assertThat(ask(connection -> LoopbackServer.send(connection, "220 mai")))
                .isEqualTo(ProbeResult.failed("connection closed, no banner"));
        assertThat(
                        ask(
                                connection -> {
                                    LoopbackServer.send(connection, "220 mail\r\n");
                                    readLine(connection);
                                    LoopbackServer.send(connection, "250-hello\r\n");
                                }))
                .isEqualTo(ProbeResult.failed("connection closed, no reply to HELO"));
        assertThat(ask(connection -> connection.getInputStream().readAllBytes()).detail())
                .isEqualTo(ProbeTrial.CANCELLED);
    }

    @Test
    void floodsAreCutOff() throws Exception {
        assertThat(ask(connection -> repeat(connection, "220 long")))
                .isEqualTo(ProbeResult.failed("banner has a line of more than 2048 bytes"));
        assertThat(ask(connection -> repeat(connection, "220-more\r\n")))
                .isEqualTo(ProbeResult.failed("banner has more than 100 lines"));
    }

    private static void repeat(Socket connection, String text) throws IOException {
        while (true) {
            LoopbackServer.send(connection, text);
        }
    }
}
