package io.weir.dr;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.CLI_MAC;
import static io.weir.dataplane.testing.WorkerBench.SRV;
import static io.weir.dataplane.testing.WorkerBench.SRV_MAC;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.SlowChecksum;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.Arrays;

class DirectRouteForwarderTest {
    private final WorkerBench bench =
            new WorkerBench(context -> new DirectRouteForwarder())
                    .service(ServiceId.TCP, 80, ForwardingMethod.ROUTE, 80)
                    .service(ServiceId.UDP, 53, ForwardingMethod.ROUTE, 53);

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static FrameBuilder segment() {
        return Frames.tcp().from(CLIENT, 4000).to(VIP, 80).syn().payload("early").tos(8);
    }

    @Test
    void changesNothingButEthernetAddressesAndTimeToLive() {
        bench.fromClient(segment());
        bench.inject(1, segment().macs("02:00:00:00:01:0b", CLI_MAC).ttl(20).bytes());
        bench.run();
        assertThat(bench.frames(SRV))
                .containsExactly(segment().macs(SRV_MAC, "02:00:00:00:02:0b").ttl(19).bytes());
    }

    @Test
    void leavesChecksumsAlone() {
        FrameBuilder none = Frames.udp().from(CLIENT, 1).to(VIP, 53).noChecksum();
        assertThat(bench.fromClient(none).getFirst()).contains("no-checksum");
        assertThat(bench.fromClient(segment().wrongChecksum()).getFirst()).contains("bad-checksum");
    }

    @Test
    void cutsPaddingOff() {
        byte[] padded =
                Arrays.copyOf(
                        Frames.udp()
                                .from(CLIENT, 1)
                                .to(VIP, 53)
                                .macs("02:00:00:00:01:0b", CLI_MAC)
                                .bytes(),
                        60);
        assertThat(bench.send(1, padded)).singleElement().asString().doesNotContain("padding");
    }

    @Test
    void answersThatComeThisWayAreNoOnes() {
        bench.fromClient(segment());
        FrameBuilder answer = Frames.tcp().from(VIP, 80).to(CLIENT, 4000).syn().ack(1);
        assertThat(bench.fromServer(answer)).isEmpty();
        assertThat(bench.drops(DropReason.SOURCE_INVALID)).isEqualTo(1);
    }

    // Only the first 10 bytes of the TCP header are there, in a packet that says so.
    private static byte[] truncatedSegment() {
        byte[] whole = segment().macs("02:00:00:00:01:0b", CLI_MAC).bytes();
        ByteBuffer frame = ByteBuffer.wrap(Arrays.copyOf(whole, 14 + 30));
        frame.putShort(16, (short) 30).putShort(24, (short) 0);
        int checksum = SlowChecksum.checksum(Arrays.copyOfRange(frame.array(), 14, 34));
        return frame.putShort(24, (short) checksum).array();
    }

    // (recorded: ip-options with -g)
    @Test
    void passesATruncatedSegmentOfAConnectionOn() {
        assertThat(bench.send(1, truncatedSegment())).isEmpty();
        assertThat(bench.drops(DropReason.TRANSPORT_TRUNCATED)).isEqualTo(1);
        bench.fromClient(segment());
        assertThat(bench.send(1, truncatedSegment())).singleElement().asString().contains("srv");
    }
}
