package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.LabNetwork;
import io.weir.dataplane.header.Gre;
import io.weir.dataplane.header.Ipv4;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Streams through tunnels, from a client whose interface leaves cutting and checksums to others, as
 * veth and every card does. The client learns the smaller size of packets on the way.
 */
final class TunnelIT {
    private static final long BYTES = 20_000_000;
    private static final int PORT = 9000;
    private static final String SERVICE = LabNetwork.VIRTUAL + ":" + PORT;
    private static final Pattern RECEIVED = Pattern.compile("(?m)^front +(\\d+) ");

    @ParameterizedTest
    @CsvSource({
        Ipv4.PROTOCOL_IPIP + ",''",
        Ipv4.PROTOCOL_UDP + ",--tun-type gue --tun-port 6080 --tun-csum",
        Gre.PROTOCOL + ",--tun-type gre --tun-csum"
    })
    void carriesAStreamOfSuperFrames(int protocol, String options) throws Exception {
        try (Site site = new Site("lo", 1)) {
            site.with(BulkServer.start(site.network().server(0), PORT));
            site.network().serveDirectly();
            TunnelEnd end =
                    site.with(
                            TunnelEnd.start(
                                    site.network().namespaces(),
                                    site.network().server(0),
                                    protocol));
            site.startDaemon(
                    "-A -t " + SERVICE + " -s rr",
                    "-a -t " + SERVICE + " -r 10.2.0.11:9000 -i " + options);
            long start = System.nanoTime();
            long right =
                    site.client()
                            .call(() -> BulkServer.move(LabNetwork.VIRTUAL, PORT, true, BYTES));
            double seconds = (System.nanoTime() - start) / 1e9;
            assertThat(right).isEqualTo(BYTES);
            assertThat(end.damaged()).isZero();
            String counters = site.daemon().weir("counters");
            System.out.printf(
                    "tunnel of protocol %d %s: %d packets, %.2f Gbit/s%n",
                    protocol, options, end.packets(), right * 8 / seconds / 1e9);
            Matcher received = RECEIVED.matcher(counters);
            assertThat(received.find()).isTrue();
            // Or the test is none of super-frames.
            assertThat(end.packets()).isGreaterThan(3 * Long.parseLong(received.group(1)));
            assertThat(counters.substring(counters.lastIndexOf("\n\n") + 2).lines())
                    .as("nothing was dropped but the packets that were too big at first")
                    .singleElement()
                    .asString()
                    .startsWith("too-big ");
        }
    }
}
