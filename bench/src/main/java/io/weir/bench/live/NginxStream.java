package io.weir.bench.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** nginx as a proxy of TCP, by its stream module. */
final class NginxStream implements Contender {
    private static final Path MODULE = Path.of("/usr/lib/nginx/modules/ngx_stream_module.so");

    @Override
    public String name() {
        return "nginx";
    }

    @Override
    public Optional<String> lacks() {
        return Tool.lacks("nginx", "nginx-light")
                .or(
                        () ->
                                Files.exists(MODULE)
                                        ? Optional.empty()
                                        : Optional.of(
                                                "needs nginx's stream module, of the Debian package"
                                                        + " libnginx-mod-stream"));
    }

    @Override
    public Running start(Site site) throws IOException, InterruptedException {
        Path home = Files.createDirectories(site.directory().resolve("stream"));
        Path configuration = home.resolve("nginx.conf");
        Files.writeString(
                configuration,
                """
                load_module %1$s;
                daemon off;
                user root;
                worker_processes %3$d;
                pid %2$s/pid;
                error_log %2$s/error.log;
                events { worker_connections %4$d; }
                stream {
                """
                                .formatted(
                                        MODULE,
                                        home,
                                        site.layout().placement().balancerProcessors(),
                                        2 * OpenFiles.proxiedConnections())
                        + service(site.family(), "http", Site.HTTP)
                        + service(site.family(), "bulk", Site.BULK)
                        + "}\n");
        Program nginx =
                site.start(
                        site.balancer(),
                        "stream.out",
                        List.of("nginx", "-p", home.toString(), "-c", configuration.toString()));
        nginx.await(() -> site.listens(site.balancer(), Site.HTTP));
        return Running.of(site.family().virtual(), List.of(nginx));
    }

    private static String service(Family family, String name, int port) {
        String servers =
                IntStream.range(0, Site.SERVERS)
                        .mapToObj(i -> "server " + family.endpoint(family.server(i), port) + ";")
                        .collect(Collectors.joining(" "));
        return """
            upstream %1$s { %2$s }
            server { listen %3$s reuseport; proxy_pass %1$s; tcp_nodelay on; }
        """
                .formatted(name, servers, family.endpoint(family.virtual(), port));
    }
}
