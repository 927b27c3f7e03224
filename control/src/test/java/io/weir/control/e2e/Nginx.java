package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** nginx on port 80 of a namespace; answers every request with its name on one line. */
final class Nginx implements Closeable {
    private static final long START_MILLIS = 10_000;
    private static final long END_MILLIS = 5_000;

    private final Process process;

    private Nginx(Process process) {
        this.process = process;
    }

    /**
     * Starts it and waits until it serves; skips the test without nginx.
     *
     * @param home a directory for its files, made if it is not there
     */
    static Nginx start(NetworkNamespace namespace, String name, Path home)
            throws IOException, InterruptedException {
        Path nginx = Site.assumeTool("nginx", "nginx-light");
        Files.createDirectories(home);
        Files.deleteIfExists(home.resolve("pid"));
        Path configuration = home.resolve("nginx.conf");
        Files.writeString(configuration, configuration(home, name));
        List<String> command =
                List.of(nginx.toString(), "-p", home.toString(), "-c", configuration.toString());
        Process process =
                new ProcessBuilder(Namespaces.inside(namespace, command))
                        .redirectErrorStream(true)
                        .redirectOutput(home.resolve("output").toFile())
                        .start();
        long end = System.nanoTime() + START_MILLIS * 1_000_000;
        while (!Files.exists(home.resolve("pid"))) {
            assertThat(process.isAlive() && System.nanoTime() < end)
                    .as("nginx starts: " + Files.readString(home.resolve("output")))
                    .isTrue();
            Thread.sleep(20);
        }
        return new Nginx(process);
    }

    private static String configuration(Path home, String name) {
        return """
        daemon off;
        user root;
        worker_processes 1;
        pid %1$s/pid;
        error_log %1$s/error.log;
        events { worker_connections 256; }
        http {
            access_log off;
            keepalive_timeout 0;
            client_body_temp_path %1$s/body;
            proxy_temp_path %1$s/proxy;
            fastcgi_temp_path %1$s/fastcgi;
            uwsgi_temp_path %1$s/uwsgi;
            scgi_temp_path %1$s/scgi;
            server {
                listen [::]:80 ipv6only=off;
                location / { return 200 "%2$s\\n"; }
            }
        }
        """
                .formatted(home, name);
    }

    /** Ends it as its own service would, or with force. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_MILLIS, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
