package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.lab.LabNetwork;

import org.junit.jupiter.api.Test;

import java.io.IOException;

/** A real server that does not answer ARP is a counted drop with a reason. */
final class UnreachableServerIT {
    @Test
    void countsWhatCannotBeSent() throws Exception {
        try (Site site = new Site("lo", 1)) {
            String service = LabNetwork.VIRTUAL + ":80";
            site.startDaemon(
                    "-A -t " + service + " -s rr", "-a -t " + service + " -r 10.2.0.99:80 -g");
            assertThatThrownBy(() -> LineServer.ask(site.client(), LabNetwork.VIRTUAL, 80, 4500))
                    .isInstanceOf(IOException.class);
            assertThat(site.daemon().weir("counters"))
                    .containsPattern("neighbour-unreachable +[1-9]")
                    .contains("the next hop does not answer ARP");
        }
    }
}
