package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.lab.LabNetwork;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;

/** A real server that does not answer for its address is a counted drop with a reason. */
final class UnreachableServerIT {
    @ParameterizedTest
    @CsvSource({LabNetwork.VIRTUAL + ",10.2.0.99", LabNetwork.VIRTUAL_6 + ",[fd02::99]"})
    void countsWhatCannotBeSent(String virtual, String server) throws Exception {
        try (Site site = new Site("lo", 1)) {
            String service = Site.bracketed(virtual) + ":80";
            site.startDaemon(
                    "-A -t " + service + " -s rr", "-a -t " + service + " -r " + server + ":80 -g");
            assertThatThrownBy(() -> LineServer.ask(site.client(), virtual, 80, 4500))
                    .isInstanceOf(IOException.class);
            assertThat(site.daemon().weir("counters"))
                    .containsPattern("neighbour-unreachable +[1-9]")
                    .contains("the next hop does not answer ARP");
        }
    }
}
