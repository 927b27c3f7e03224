package io.weir.control.check.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weir.control.config.Probe;
import io.weir.control.config.Probe.Expectation;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** HTTP and HTTPS checks of Debian's nginx on loopback. */
final class NginxProbeIT {
    private static final Path NGINX = Path.of("/usr/sbin/nginx");
    private static final long START_MILLIS = 10_000;

    // The SHA-256 of "alive" and a newline.
    private static final String DIGEST =
            "f22225688f860f7f66e651cd1d27d8859f979195bc514b13dee4c22f70526234";

    @TempDir private Path directory;

    private @Nullable Process process;
    private @Nullable TestCertificates certificates;
    private int port;
    private int tlsPort;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(
                Files.isExecutable(NGINX),
                "needs " + NGINX + ", of the Debian package nginx-light");
        certificates = TestCertificates.make(directory);
        certificates.sign("server", "dns:" + TestCertificates.NAME);
        port = freePort();
        tlsPort = freePort();
        Path configuration = directory.resolve("nginx.conf");
        Files.writeString(configuration, configuration());
        Path output = directory.resolve("output");
        process =
                new ProcessBuilder(
                                NGINX.toString(),
                                "-p",
                                directory.toString(),
                                "-c",
                                configuration.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        long end = System.nanoTime() + START_MILLIS * 1_000_000;
        while (!Files.exists(directory.resolve("pid"))) {
            assertThat(process.isAlive() && System.nanoTime() < end)
                    .as(Files.readString(output))
                    .isTrue();
            Thread.sleep(20);
        }
    }

    @AfterEach
    void end() throws Exception {
        if (process != null) {
            process.destroy();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private String configuration() throws Exception {
        return """
        daemon off;
        worker_processes 1;
        pid %1$s/pid;
        error_log %1$s/error.log;
        events { worker_connections 64; }
        http {
            access_log off;
            client_body_temp_path %1$s/body;
            proxy_temp_path %1$s/proxy;
            fastcgi_temp_path %1$s/fastcgi;
            uwsgi_temp_path %1$s/uwsgi;
            scgi_temp_path %1$s/scgi;
            server {
                listen 127.0.0.1:%2$d;
                listen 127.0.0.1:%3$d ssl;
                ssl_certificate %4$s;
                ssl_certificate_key %5$s;
                location /alive { return 200 "alive\\n"; }
                location /host { return 200 "$host $ssl_server_name"; }
                location /down { return 503; }
            }
        }
        """
                .formatted(
                        directory,
                        port,
                        tlsPort,
                        certificates.certificate("server"),
                        certificates.exportKey("server"));
    }

    private ProbeResult ask(
            boolean tls, String path, @Nullable String host, @Nullable Expectation body)
            throws Exception {
        return ask(new Probe.Http(tls, path, host, true, true, 200, 299, null, body));
    }

    private ProbeResult ask(Probe.Http page) throws Exception {
        ProbeTransport transport = ProbeTransport.best();
        try (ProbeTrial trial = new ProbeTrial(transport)) {
            return trial.run(
                    new HttpRunner(
                            new TcpConnector(transport), new TlsContexts(certificates.bundle())),
                    ProbeTrial.check(page, page.tls() ? tlsPort : port));
        }
    }

    @Test
    void itIsFoundAliveAndDead() throws Exception {
        String name = TestCertificates.NAME;
        Expectation alive = new Expectation.Exactly("alive\n");
        assertThat(ask(false, "/alive", null, alive))
                .isEqualTo(ProbeResult.passed("status 200, 6 bytes"));
        assertThat(ask(true, "/alive", name, alive))
                .isEqualTo(ProbeResult.passed("status 200, 6 bytes"));
        assertThat(ask(true, "/host", name, new Expectation.Exactly(name + " " + name)).detail())
                .isEqualTo("status 200, 31 bytes");
        assertThat(ask(false, "/down", null, null))
                .isEqualTo(ProbeResult.failed("status 503, expected 200 to 299"));
        assertThat(ask(true, "/alive", "www.example.net", alive))
                .isEqualTo(ProbeResult.failed("certificate is not for www.example.net"));
        assertThat(
                        ask(new Probe.Http(
                                        true, "/alive", null, false, false, 200, 200, DIGEST, null))
                                .detail())
                .isEqualTo("status 200, 6 bytes");
    }
}
