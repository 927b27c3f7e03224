package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.lab.LabNetwork;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;

/** A real server that does not answer for its address is a counted drop with a reason. */
final class UnreachableServerIT {
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    @ParameterizedTest
    @CsvSource({LabNetwork.VIRTUAL + ",10.2.0.99", LabNetwork.VIRTUAL_6 + ",[fd02::99]"})
    void countsWhatCannotBeSent(String virtual, String server) throws Exception {
        try (Site site = new Site("lo", 1)) {
            String service = Site.bracketed(virtual) + ":80";
            site.startDaemon(
                    "-A -t " + service + " -s rr", "-a -t " + service + " -r " + server + ":80 -g");
            // What waits for the next hop is dropped when that has been asked for in vain.
            long end = System.nanoTime() + PATIENCE_NANOS;
            String counters = "";
            while (!counters.contains("neighbour-unreachable")) {
                assertThat(System.nanoTime()).as(counters).isLessThan(end);
                assertThatThrownBy(() -> LineServer.ask(site.client(), virtual, 80, 500))
                        .isInstanceOf(IOException.class);
                counters = ControlClient.of(site.daemon()).ask("GET", "/v1/counters");
            }
            assertThat(counters)
                    .containsPattern("neighbour-unreachable +[1-9]")
                    .contains("the next hop does not answer ARP");
        }
    }
}
