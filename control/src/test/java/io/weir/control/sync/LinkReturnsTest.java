package io.weir.control.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.NetworkSnapshot;

import org.junit.jupiter.api.Test;

import java.util.List;

class LinkReturnsTest {
    private final LinkReturns returns = new LinkReturns();

    private static NetworkSnapshot network(Link... links) {
        return new NetworkSnapshot(List.of(links), List.of(), List.of());
    }

    private static Link link(String name, boolean up) {
        return new Link(name.hashCode(), name, 2, 1500, up, true);
    }

    @Test
    void namesWhatComesUpAgain() {
        assertThat(returns.in(network(link("a", true), link("b", false)))).isEmpty();
        assertThat(returns.in(network(link("a", true), link("b", false)))).isEmpty();
        assertThat(returns.in(network(link("a", false), link("b", true)))).containsExactly("b");
        assertThat(returns.in(network(link("b", true)))).isEmpty();
        assertThat(returns.in(network(link("a", true), link("b", true)))).containsExactly("a");
    }
}
