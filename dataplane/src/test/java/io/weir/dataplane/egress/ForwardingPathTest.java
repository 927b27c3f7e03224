package io.weir.dataplane.egress;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.SERVER;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.Link;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.List;

/** What becomes of packets on their way out, seen from outside. */
class ForwardingPathTest {
    private final WorkerBench bench = new WorkerBench(narrow());

    private static WorkerBench.Options narrow() {
        WorkerBench.Options options = new WorkerBench.Options();
        options.serverMtu = 1400;
        return options;
    }

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static FrameBuilder udp() {
        return Frames.udp().from(CLIENT, 1).to(SERVER, 7);
    }

    @Test
    void lowersTheTimeToLive() {
        assertThat(bench.fromClient(udp().ttl(2)).getFirst()).endsWith(" udp ttl 1");
        assertThat(bench.fromClient(udp().ttl(255)).getFirst()).endsWith(" udp ttl 254");
    }

    @Test
    void tellsThatTheTimeToLiveRanOut() {
        for (int ttl = 0; ttl < 2; ttl++) {
            assertThat(bench.fromClient(udp().ttl(ttl)))
                    .singleElement()
                    .asString()
                    .startsWith(
                            "cli 02:00:00:00:00:01 > 02:00:00:00:01:0b 10.1.0.1 > 10.1.0.11 icmp"
                                    + " 11/0 [10.1.0.11:1 > 10.2.0.11:7 udp ttl "
                                    + ttl
                                    + "]");
        }
        assertThat(bench.drops(DropReason.TTL_EXCEEDED)).isEqualTo(2);
    }

    @Test
    void dropsWhatHasNoWayOut() {
        WorkerBench.Options isolated = new WorkerBench.Options();
        isolated.defaultRoute = false;
        try (WorkerBench island = new WorkerBench(isolated)) {
            assertThat(island.fromClient(udp().to("192.0.2.1", 7))).isEmpty();
            assertThat(island.drops(DropReason.NO_ROUTE)).isEqualTo(1);
        }
    }

    @Test
    void sendsThroughTheGateway() {
        assertThat(bench.fromServer(udp().from(SERVER, 7).to("192.0.2.1", 7)))
                .containsExactly(
                        "cli 02:00:00:00:00:01 > 02:00:00:00:01:fe 10.2.0.11:7 > 192.0.2.1:7 udp"
                                + " ttl 63");
    }

    @Test
    void dropsWhatGoesToALinkThatIsDown() {
        bench.worker()
                .pipeline()
                .ports()
                .onLink(WorkerBench.SRV)
                .update(new Link(WorkerBench.SRV, "srv", 2, 1500, false, true));
        assertThat(bench.fromClient(udp())).isEmpty();
        assertThat(bench.drops(DropReason.LINK_DOWN)).isEqualTo(1);
    }

    @Test
    void asksForTheSizeOfSegmentsNotOfTheSuperFrame() {
        assertThat(superFrame(1360, true)).hasSize(1).allMatch(words -> words.contains("len 3000"));
        assertThat(superFrame(1361, true))
                .singleElement()
                .asString()
                .contains(" icmp 3/4 rest 0x578 ");
        assertThat(bench.drops(DropReason.TOO_BIG)).isEqualTo(1);
    }

    @Test
    void cutsAndFragmentsSegmentsThatDoNotFit() {
        String way = "srv 02:00:00:00:00:02 > 02:00:00:00:02:0b 10.1.0.11";
        assertThat(superFrame(1400, false))
                .containsExactly(
                        way
                                + ":1 > 10.2.0.11:7 tcp A seq 0 ack 1 win 65535 len 1356 ttl 63"
                                + " fragment 0+",
                        way + " > 10.2.0.11 tcp len 44 ttl 63 fragment 1376",
                        way
                                + ":1 > 10.2.0.11:7 tcp A seq 1400 ack 1 win 65535 len 1356 ttl 63"
                                + " id 1 fragment 0+",
                        way + " > 10.2.0.11 tcp len 44 ttl 63 id 1 fragment 1376",
                        way
                                + ":1 > 10.2.0.11:7 tcp A seq 2800 ack 1 win 65535 len 200 ttl 63"
                                + " id 2");
    }

    @Test
    void dropsASuperFrameThatDoesNotSayHowToCutIt() {
        FrameBuilder udp = Frames.udp().from(CLIENT, 1).to(SERVER, 7).payload(new byte[3000]);
        udp.macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).partialChecksum();
        bench.injectOffloaded(udp.bytes(), 1000); // as if it were TCP
        bench.run();
        assertThat(bench.words()).isEmpty();
        assertThat(bench.drops(DropReason.SEGMENTS_INVALID)).isEqualTo(1);
    }

    /** Lets a TCP super-frame arrive, with segments of this size still to be cut. */
    private List<String> superFrame(int segmentBytes, boolean dontFragment) {
        FrameBuilder tcp =
                Frames.tcp().from(CLIENT, 1).to(SERVER, 7).ack(1).payload(new byte[3000]);
        tcp.macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).partialChecksum();
        byte[] frame = (dontFragment ? tcp.dontFragment() : tcp).bytes();
        bench.injectOffloaded(frame, segmentBytes);
        bench.run();
        return bench.words();
    }
}
