package io.weir.bench.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** nginx on the servers, which answers every request with a line. */
final class WebServer {
    private static final int CONNECTIONS = 16_000;

    private WebServer() {}

    /** Starts it on all of a site's servers, unless it runs there; it ends with the site. */
    static void start(Site site) throws IOException, InterruptedException {
        if (site.listens(site.server(), Site.HTTP)) {
            return;
        }
        Path home = Files.createDirectories(site.directory().resolve("web"));
        Path configuration = home.resolve("nginx.conf");
        Files.writeString(configuration, configuration(home, site));
        Program nginx =
                site.start(
                        site.server(),
                        "web.out",
                        List.of("nginx", "-p", home.toString(), "-c", configuration.toString()));
        nginx.await(() -> site.listens(site.server(), Site.HTTP));
    }

    private static String configuration(Path home, Site site) {
        return """
        daemon off;
        user root;
        worker_processes %2$d;
        pid %1$s/pid;
        error_log %1$s/error.log;
        events { worker_connections %3$d; }
        http {
            access_log off;
            keepalive_timeout 10m;
            keepalive_requests 1000000000;
            client_body_temp_path %1$s/body;
            proxy_temp_path %1$s/proxy;
            fastcgi_temp_path %1$s/fastcgi;
            uwsgi_temp_path %1$s/uwsgi;
            scgi_temp_path %1$s/scgi;
            server {
                listen %4$s backlog=16384 reuseport;
                location / { return 200 "served\\n"; }
            }
        }
        """
                .formatted(
                        home,
                        site.layout().placement().hostProcessors(),
                        CONNECTIONS,
                        site.family().endpoint(site.family().any(), Site.HTTP));
    }
}
