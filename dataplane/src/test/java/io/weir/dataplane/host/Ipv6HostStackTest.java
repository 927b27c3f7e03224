package io.weir.dataplane.host;

import static io.weir.dataplane.testing.WorkerBench.CLIENT_6;
import static io.weir.dataplane.testing.WorkerBench.VIP_6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.List;

class Ipv6HostStackTest {
    private static final String ANSWER = "cli 02:00:00:00:00:01 > 02:00:00:00:01:0b ";

    private final WorkerBench bench = new WorkerBench();

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static FrameBuilder tcp() {
        return Frames.tcp().from(CLIENT_6, 4000).to(VIP_6, 80).seq(100);
    }

    private void nothing(FrameBuilder packet) {
        long before = bench.drops(DropReason.HOST_IGNORED);
        assertThat(bench.fromClient(packet)).isEmpty();
        assertThat(bench.drops(DropReason.HOST_IGNORED)).isEqualTo(before + 1);
    }

    @Test
    void resetsSegments() {
        assertThat(bench.fromClient(tcp().syn()))
                .containsExactly(
                        ANSWER + "[fd01::100]:80 > [fd01::11]:4000 tcp RA seq 0 ack 101 win 0");
        assertThat(bench.fromClient(tcp().ack(7)))
                .containsExactly(ANSWER + "[fd01::100]:80 > [fd01::11]:4000 tcp R seq 7 win 0");
        nothing(tcp().rst());
        nothing(tcp().syn().wrongChecksum());
    }

    @Test
    void answersEchoes() {
        FrameBuilder ping = Frames.icmp(128, 0, 0x10002).from(CLIENT_6).to(VIP_6).payload("data");
        List<String> words = bench.fromClient(ping.tos(8));
        assertThat(words).hasSize(1);
        assertThat(words.getFirst())
                .startsWith(ANSWER + "fd01::100 > fd01::11 icmp")
                .contains("tos 8")
                .doesNotContain("bad-checksum");
        nothing(Frames.icmp(128, 0, 0x10002).from(CLIENT_6).to(VIP_6).wrongChecksum());
        nothing(Frames.icmp(129, 0, 0x10002).from(CLIENT_6).to(VIP_6));
    }

    @Test
    void tellsOfClosedPortsAndUnknownProtocols() {
        assertThat(bench.fromClient(Frames.udp().from(CLIENT_6, 1).to(VIP_6, 9).payload("x")))
                .singleElement()
                .asString()
                .startsWith(ANSWER + "fd01::100 > fd01::11 icmp");
        // RFC 8200 section 8.1: a UDP checksum is no option.
        nothing(Frames.udp().from(CLIENT_6, 1).to(VIP_6, 9).noChecksum());
        WorkerBench other = bench;
        List<byte[]> told = told(other, Frames.ip(99).from(CLIENT_6).to(VIP_6).payload("1234"));
        assertThat(told).hasSize(1);
        // RFC 4443 section 3.4: parameter problem, unrecognized next header, and where it stands.
        assertThat(told.getFirst()[54]).isEqualTo((byte) 4);
        assertThat(told.getFirst()[55]).isEqualTo((byte) 1);
        assertThat(told.getFirst()[61]).isEqualTo((byte) 6);
        nothing(Frames.ip(59).from(CLIENT_6).to(VIP_6).payload("1234"));
    }

    private static List<byte[]> told(WorkerBench bench, FrameBuilder packet) {
        bench.inject(
                WorkerBench.CLI, packet.macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).bytes());
        bench.run();
        return bench.frames(WorkerBench.CLI);
    }

    @Test
    void routesWhatIsForOthersAndDropsWhatIsForNobody() {
        FrameBuilder through = Frames.udp().from(CLIENT_6, 1).to("fd02::11", 9).payload("x");
        assertThat(bench.fromClient(through))
                .containsExactly(
                        "srv 02:00:00:00:00:02 > 02:00:00:00:02:0b [fd01::11]:1 > [fd02::11]:9"
                                + " udp len 1 ttl 63");
        assertThat(bench.fromClient(Frames.udp().from("::1", 1).to(VIP_6, 9))).isEmpty();
        assertThat(bench.fromClient(Frames.udp().from(VIP_6, 1).to(VIP_6, 9))).isEmpty();
        assertThat(bench.fromClient(Frames.udp().from("ff02::5", 1).to(VIP_6, 9))).isEmpty();
        assertThat(bench.drops(DropReason.SOURCE_INVALID)).isEqualTo(3);
        assertThat(bench.fromClient(Frames.udp().from(CLIENT_6, 1).to("ff02::5", 9))).isEmpty();
        assertThat(bench.fromClient(Frames.udp().from(CLIENT_6, 1).to("fe80::5", 9))).isEmpty();
        assertThat(bench.drops(DropReason.DESTINATION_INVALID)).isEqualTo(2);
    }

    @Test
    void tellsThatTheHopLimitRanOut() {
        FrameBuilder last = Frames.udp().from(CLIENT_6, 1).to("fd02::11", 9).ttl(1);
        List<byte[]> told = told(bench, last);
        assertThat(told).hasSize(1);
        assertThat(told.getFirst()[54]).isEqualTo((byte) 3);
        assertThat(bench.drops(DropReason.TTL_EXCEEDED)).isEqualTo(1);
    }
}
