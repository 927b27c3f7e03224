package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.LabNetwork;

import org.junit.jupiter.api.Test;

/** Long streams of super-frames and partial checksums arrive as they were sent. */
final class BulkTransferIT {
    private static final long BYTES = 300_000_000;
    private static final int PORT = 9000;
    private static final String SERVICE = LabNetwork.VIRTUAL + ":" + PORT;

    @Test
    void carriesStreamsUnharmed() throws Exception {
        try (Site site = new Site("lo", 1)) {
            site.with(BulkServer.start(site.network().server(0), PORT));
            site.startDaemon(
                    "-A -t " + SERVICE + " -s rr", "-a -t " + SERVICE + " -r 10.2.0.11:9000 -m");
            site.network().serveByNat();
            move(site, "NAT, to the client", false);
            move(site, "NAT, to the server", true);
            site.network().serveDirectly();
            site.rules("-e -t " + SERVICE + " -r 10.2.0.11:9000 -g");
            // Only this direction passes the director.
            move(site, "DR, to the server", true);
            assertThat(site.daemon().weir("counters")).contains("no packet was dropped");
        }
    }

    private static void move(Site site, String what, boolean upload) throws Exception {
        long start = System.nanoTime();
        long right =
                site.client().call(() -> BulkServer.move(LabNetwork.VIRTUAL, PORT, upload, BYTES));
        double seconds = (System.nanoTime() - start) / 1e9;
        assertThat(right).as(what).isEqualTo(BYTES);
        System.out.printf(
                "%s: %d bytes unharmed in %.2f s, %.2f Gbit/s%n",
                what, right, seconds, right * 8 / seconds / 1e9);
    }
}
