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
        Family family = site.family();
        String servers =
                IntStream.range(0, Site.SERVERS)
                        .mapToObj(i -> i + " : " + family.server(i))
                        .collect(Collectors.joining(", "));
        Path rules = site.directory().resolve("dnat.nft");
        Files.writeString(
                rules,
                """
                table %1$s balancer {
                    chain prerouting {
                        type nat hook prerouting priority dstnat;
                        %1$s daddr %2$s meta l4proto { tcp, udp } dnat to numgen inc mod %3$d map { %4$s }
                    }
                }
                """
                        .formatted(family.nftables(), family.virtual(), Site.SERVERS, servers));
        site.run(site.balancer(), List.of("nft", "-f", rules.toString()));
        return Running.settings(family.virtual());
    }
}
