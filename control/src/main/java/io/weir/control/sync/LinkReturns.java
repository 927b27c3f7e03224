package io.weir.control.sync;

import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.NetworkSnapshot;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Notices links that come up again: what was told meanwhile has not arrived. One thread at a time.
 */
public final class LinkReturns {
    private @Nullable Set<String> up;

    /**
     * Takes the links as they are now.
     *
     * @return the names of those that are up and were not the last time; none the first time
     */
    public List<String> in(NetworkSnapshot network) {
        Set<String> now = new HashSet<>();
        List<String> returned = new ArrayList<>();
        Set<String> before = up;
        for (Link link : network.links()) {
            if (link.up()) {
                now.add(link.name());
                if (before != null && !before.contains(link.name())) {
                    returned.add(link.name());
                }
            }
        }
        up = now;
        return returned;
    }
}
