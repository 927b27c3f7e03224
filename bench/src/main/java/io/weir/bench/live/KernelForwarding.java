package io.weir.bench.live;

import java.util.Optional;

/** No balancer: the kernel forwards to the first server. */
final class KernelForwarding implements Contender {
    @Override
    public String name() {
        return "forward";
    }

    @Override
    public Optional<String> lacks() {
        return Optional.empty();
    }

    @Override
    public Running start(Site site) {
        return Running.settings(site.family().server(0));
    }
}
