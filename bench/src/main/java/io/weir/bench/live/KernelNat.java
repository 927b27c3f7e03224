package io.weir.bench.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** nftables: destination NAT of new connections to the servers in turn, by connection tracking. */
final class KernelNat implements Contender {
    @Override
    public String name() {
        return "dnat";
    }

    @Override
    public Optional<String> lacks() {
        return Tool.lacks("nft", "nftables");
    }

    @Override
    public Running start(Site site) throws IOException {
        String servers =
                IntStream.range(0, Site.SERVERS)
                        .mapToObj(i -> i + " : " + Site.serverAddress(i))
                        .collect(Collectors.joining(", "));
        Path rules = site.directory().resolve("dnat.nft");
        Files.writeString(
                rules,
                """
                table ip balancer {
                    chain prerouting {
                        type nat hook prerouting priority dstnat;
                        ip daddr %s meta l4proto { tcp, udp } dnat to numgen inc mod %d map { %s }
                    }
                }
                """
                        .formatted(Site.VIRTUAL, Site.SERVERS, servers));
        site.run(site.balancer(), List.of("nft", "-f", rules.toString()));
        return Running.settings(Site.VIRTUAL);
    }
}
