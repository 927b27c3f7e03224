package io.weir.bench.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** HAProxy in mode tcp, a thread for each processor that it may use, splicing allowed. */
final class HaProxy implements Contender {
    @Override
    public String name() {
        return "haproxy";
    }

    @Override
    public Optional<String> lacks() {
        return Tool.lacks("haproxy", "haproxy");
    }

    @Override
    public Running start(Site site) throws IOException, InterruptedException {
        Path configuration = site.directory().resolve("haproxy.cfg");
        Files.writeString(
                configuration,
                """
                global
                    maxconn %d
                defaults
                    mode tcp
                    option splice-auto
                    timeout connect 10s
                    timeout client 10m
                    timeout server 10m
                """
                                .formatted(OpenFiles.proxiedConnections())
                        + service(site.family(), "http", Site.HTTP)
                        + service(site.family(), "bulk", Site.BULK));
        Program haproxy =
                site.start(
                        site.balancer(),
                        "haproxy.out",
                        List.of("haproxy", "-db", "-f", configuration.toString()));
        haproxy.await(() -> site.listens(site.balancer(), Site.HTTP));
        return Running.of(site.family().virtual(), List.of(haproxy));
    }

    private static String service(Family family, String name, int port) {
        String servers =
                IntStream.range(0, Site.SERVERS)
                        .mapToObj(
                                i ->
                                        "    server s"
                                                + i
                                                + " "
                                                + family.endpoint(family.server(i), port))
                        .collect(Collectors.joining("\n"));
        return """
        listen %s
            bind %s
            balance roundrobin
        %s
        """
                .formatted(name, family.endpoint(family.virtual(), port), servers);
    }
}
