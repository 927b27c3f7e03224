package io.weir.control.check.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.Probe;
import io.weir.control.config.Probe.StatusRange;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.net.ServerSocketFactory;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSocket;

/** HTTPS checks of servers on loopback with good certificates and bad ones. */
final class HttpsRunnerTest {
    private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final ProbeResult GOOD = ProbeResult.passed("status 200, 2 bytes");
    private static final ProbeTransport TRANSPORT = ProbeTransport.best();

    @TempDir private static Path directory;
    private static @Nullable TestCertificates made;
    private static @Nullable ServerSocketFactory usual;
    private static ProbeTrial trial = new ProbeTrial(TRANSPORT);

    @BeforeAll
    static void open() throws Exception {
        made = TestCertificates.make(directory);
        usual = made.signed("usual", "dns:" + TestCertificates.NAME);
    }

    @AfterAll
    static void close() throws Exception {
        trial.close();
    }

    private static ProbeRunner runner() {
        return new HttpRunner(new TcpConnector(TRANSPORT), new TlsContexts(made.bundle()));
    }

    private static Probe.Http page(@Nullable String host, boolean serverName, boolean verify) {
        return new Probe.Http(
                true, "/", host, serverName, verify, List.of(StatusRange.SUCCESSFUL), null, null);
    }

    private static ProbeResult ask(ServerSocketFactory sockets, Probe.Http page) throws Exception {
        try (LoopbackServer server =
                LoopbackServer.start(
                        sockets, connection -> LoopbackServer.answer(connection, ANSWER))) {
            return trial.run(runner(), ProbeTrial.check(page, server.port()));
        }
    }

    @Test
    void aGoodCertificatePasses() throws Exception {
        assertThat(ask(usual, page(TestCertificates.NAME, true, true))).isEqualTo(GOOD);
        assertThat(ask(usual, page(TestCertificates.NAME + ":443", false, true))).isEqualTo(GOOD);
        assertThat(ask(made.signed("address", "ip:127.0.0.1"), page(null, true, true)))
                .isEqualTo(GOOD);
    }

    @Test
    void badCertificatesFailUnlessNobodyLooks() throws Exception {
        ServerSocketFactory expired =
                made.signed(
                        "expired",
                        "dns:" + TestCertificates.NAME,
                        "-startdate",
                        "-20d",
                        "-validity",
                        "10");
        ServerSocketFactory selfSigned = made.selfSigned("self");
        Probe.Http looking = page(TestCertificates.NAME, true, true);
        Probe.Http trusting = page(TestCertificates.NAME, true, false);

        assertThat(ask(expired, looking)).isEqualTo(ProbeResult.failed("certificate has expired"));
        assertThat(ask(selfSigned, looking))
                .isEqualTo(ProbeResult.failed("certificate is not signed by a known authority"));
        assertThat(ask(usual, page("www.example.net", true, true)))
                .isEqualTo(ProbeResult.failed("certificate is not for www.example.net"));
        assertThat(ask(usual, page(null, true, true)))
                .isEqualTo(ProbeResult.failed("certificate is not for 127.0.0.1"));

        assertThat(ask(expired, trusting)).isEqualTo(GOOD);
        assertThat(ask(selfSigned, trusting)).isEqualTo(GOOD);
        assertThat(ask(usual, page("www.example.net", true, false))).isEqualTo(GOOD);
    }

    @Test
    void theNameIsSentInTheHandshakeOrNot() throws Exception {
        assertThat(namesSent(page(TestCertificates.NAME, true, true)))
                .isEqualTo("[type=host_name (0), value=" + TestCertificates.NAME + "]");
        assertThat(namesSent(page(TestCertificates.NAME, false, true))).isEqualTo("[]");
        assertThat(namesSent(page(null, true, false))).isEqualTo("[]");
    }

    private static String namesSent(Probe.Http page) throws Exception {
        CompletableFuture<String> names = new CompletableFuture<>();
        try (LoopbackServer server =
                LoopbackServer.start(
                        usual,
                        connection -> {
                            ExtendedSSLSession session =
                                    (ExtendedSSLSession) ((SSLSocket) connection).getSession();
                            names.complete(session.getRequestedServerNames().toString());
                            LoopbackServer.answer(connection, ANSWER);
                        })) {
            assertThat(trial.run(runner(), ProbeTrial.check(page, server.port()))).isEqualTo(GOOD);
        }
        return names.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aServerWithoutTlsFails() throws Exception {
        try (LoopbackServer server =
                LoopbackServer.start(
                        connection ->
                                LoopbackServer.send(connection, "HTTP/1.1 400 Bad\r\n\r\n"))) {
            ProbeResult result =
                    trial.run(
                            runner(),
                            ProbeTrial.check(
                                    page(TestCertificates.NAME, true, true), server.port()));
            assertThat(result.passed()).isFalse();
            assertThat(result.detail()).startsWith("TLS: ");
        }
    }

    @Test
    void aServerThatDoesNotShakeHandsIsWaitedFor() throws Exception {
        try (LoopbackServer server =
                LoopbackServer.start(connection -> connection.getInputStream().readAllBytes())) {
            ProbeResult result =
                    trial.run(
                            runner(),
                            ProbeTrial.check(
                                    page(TestCertificates.NAME, true, true), server.port()),
                            Duration.ofMillis(300));
            assertThat(result.detail()).isEqualTo(ProbeTrial.CANCELLED);
        }
    }

    @Test
    void authoritiesAreReadAgainWhenTheirFileHasChanged() throws Exception {
        Path bundle = directory.resolve("changing.pem");
        Files.writeString(bundle, "");
        ProbeRunner runner = new HttpRunner(new TcpConnector(TRANSPORT), new TlsContexts(bundle));
        try (LoopbackServer server =
                LoopbackServer.start(
                        usual, connection -> LoopbackServer.answer(connection, ANSWER))) {
            var check = ProbeTrial.check(page(TestCertificates.NAME, true, true), server.port());
            assertThat(trial.run(runner, check).passed()).isFalse();
            Files.copy(made.bundle(), bundle, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            assertThat(trial.run(runner, check)).isEqualTo(GOOD);
        }
    }
}
