package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.LabNetwork;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Long streams of super-frames and partial checksums arrive as they were sent. */
final class BulkTransferIT {
    private static final int PORT = 9000;

    @ParameterizedTest(name = "{1} bytes to {0}")
    @CsvSource({LabNetwork.VIRTUAL + ",300000000", LabNetwork.VIRTUAL_6 + ",150000000"})
    void carriesStreamsUnharmed(String virtual, long bytes) throws Exception {
        String service = Site.bracketed(virtual) + ":" + PORT;
        String server = Site.bracketed(Site.server(virtual, 0)) + ":" + PORT;
        try (Site site = new Site("lo", 1)) {
            site.with(BulkServer.start(site.network().server(0), PORT));
            site.startDaemon(
                    "-A -t " + service + " -s rr", "-a -t " + service + " -r " + server + " -m");
            site.network().serveByNat();
            move(site, virtual, "NAT, to the client", false, bytes);
            move(site, virtual, "NAT, to the server", true, bytes);
            site.network().serveDirectly();
            site.rules("-e -t " + service + " -r " + server + " -g");
            // Only this direction passes the director.
            move(site, virtual, "DR, to the server", true, bytes);
            assertThat(site.daemon().weir("counters")).contains("no packet was dropped");
        }
    }

    private static void move(Site site, String virtual, String what, boolean upload, long bytes)
            throws Exception {
        long start = System.nanoTime();
        long right = site.client().call(() -> BulkServer.move(virtual, PORT, upload, bytes));
        double seconds = (System.nanoTime() - start) / 1e9;
        assertThat(right).as(what).isEqualTo(bytes);
        System.out.printf(
                "%s, %s: %d bytes unharmed in %.2f s, %.2f Gbit/s%n",
                virtual, what, right, seconds, right * 8 / seconds / 1e9);
    }
}
