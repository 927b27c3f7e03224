package io.weir.dataplane.host;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.HexFormat;
import java.util.List;

class HostStackTest {
    private static final String ANSWER = "cli 02:00:00:00:00:01 > 02:00:00:00:01:0b 10.1.0.100";

    private final WorkerBench bench = new WorkerBench();

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static FrameBuilder tcp() {
        return Frames.tcp().from(CLIENT, 4000).to(VIP, 80).seq(100);
    }

    private String reset(FrameBuilder packet) {
        List<String> words = bench.fromClient(packet);
        assertThat(words).hasSize(1);
        String start = ANSWER + ":80 > 10.1.0.11:4000 tcp ";
        assertThat(words.getFirst()).startsWith(start).endsWith(" win 0 df");
        return words.getFirst().substring(start.length()).replace(" win 0 df", "");
    }

    private void nothing(FrameBuilder packet) {
        long before = bench.drops(DropReason.HOST_IGNORED);
        assertThat(bench.fromClient(packet)).isEmpty();
        assertThat(bench.drops(DropReason.HOST_IGNORED)).isEqualTo(before + 1);
    }

    @Test
    void resetsAsRfc9293Says() {
        assertThat(reset(tcp().syn())).isEqualTo("RA seq 0 ack 101");
        assertThat(reset(tcp().syn().fin().payload("abc"))).isEqualTo("RA seq 0 ack 105");
        assertThat(reset(tcp().fin())).isEqualTo("RA seq 0 ack 101");
        assertThat(reset(tcp().flags(0))).isEqualTo("RA seq 0 ack 100");
        assertThat(reset(tcp().seq(0xffff_ffffL).syn())).isEqualTo("RA seq 0 ack 0");
        assertThat(reset(tcp().ack(7))).isEqualTo("R seq 7");
        assertThat(reset(tcp().syn().ack(0xffff_fff0L).payload("x"))).isEqualTo("R seq 4294967280");
        assertThat(reset(tcp().fin().ack(9).tcpOptions(new byte[8]))).isEqualTo("R seq 9");
    }

    // The bench's time is 1,000,000 ms, 0xf4240 (recorded: icmp-echo).
    @Test
    void tellsTheTime() {
        byte[] times = {0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0};
        FrameBuilder request = Frames.icmp(13, 0, 5).from(CLIENT).to(VIP).payload(times);
        bench.inject(
                WorkerBench.CLI, request.macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).bytes());
        bench.run();
        byte[] answer = bench.frames(WorkerBench.CLI).getFirst();
        assertThat(answer[34]).isEqualTo((byte) 14);
        assertThat(HexFormat.of().formatHex(answer, 38, 54))
                .isEqualTo("00000005" + "00000007" + "000f4240" + "000f4240");
        assertThat(FrameWords.frame(answer)).doesNotContain("bad");
        nothing(Frames.icmp(13, 0, 5).from(CLIENT).to(VIP).payload(new byte[3]));
        nothing(Frames.icmp(13, 0, 5).from(CLIENT).to(VIP).payload(times).wrongChecksum());
    }

    @Test
    void neverAnswersAReset() {
        nothing(tcp().rst());
        nothing(tcp().rst().ack(1));
        nothing(tcp().rst().syn());
    }

    @Test
    void ignoresDamagedSegments() {
        nothing(tcp().syn().wrongChecksum());
        nothing(Frames.udp().from(CLIENT, 1).to(VIP, 9).wrongChecksum());
        nothing(Frames.ping(1, 2).from(CLIENT).to(VIP).wrongChecksum());
    }

    @Test
    void ignoresALyingDataOffset() {
        byte[] frame = tcp().syn().macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).bytes();
        for (int offset : new int[] {0, 4, 6, 15}) {
            int before = u16(frame, 46);
            int after = offset << 12 | 2;
            // The checksum stays right (RFC 1624).
            int sum = (u16(frame, 50) ^ 0xffff) + (before ^ 0xffff) + after;
            sum = (sum & 0xffff) + (sum >> 16);
            sum = (sum & 0xffff) + (sum >> 16);
            set16(frame, 46, after);
            set16(frame, 50, sum ^ 0xffff);
            assertThat(FrameWords.frame(frame)).doesNotContain("bad-checksum");
            assertThat(bench.send(WorkerBench.CLI, frame)).as("offset %d", offset).isEmpty();
        }
        assertThat(bench.drops(DropReason.HOST_IGNORED)).isEqualTo(4);
    }

    private static int u16(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }

    private static void set16(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >> 8);
        bytes[at + 1] = (byte) value;
    }

    @Test
    void answersEchoes() {
        assertThat(bench.fromClient(Frames.ping(7, 9).from(CLIENT).to(VIP).tos(16).payload("abc")))
                .containsExactly(ANSWER + " > 10.1.0.11 icmp 0/0 rest 0x70009 len 3 tos 16 id 1");
        nothing(Frames.icmp(0, 0, 1).from(CLIENT).to(VIP));
        nothing(Frames.icmp(17, 0, 1).from(CLIENT).to(VIP).payload(new byte[4]));
    }

    @Test
    void tellsThatAPortIsClosed() {
        assertThat(bench.fromClient(Frames.udp().from(CLIENT, 1).to(VIP, 9).payload("ab")))
                .containsExactly(
                        ANSWER
                                + " > 10.1.0.11 icmp 3/3 [10.1.0.11:1 > 10.1.0.100:9 udp len 2]"
                                + " tos 192 id 1");
        assertThat(bench.fromClient(Frames.udp().from(CLIENT, 1).to(VIP, 9).noChecksum()))
                .hasSize(1);
    }

    @Test
    void tellsThatAProtocolIsUnknown() {
        assertThat(bench.fromClient(Frames.ip(99).from(CLIENT).to(VIP).payload("ab")))
                .containsExactly(
                        ANSWER
                                + " > 10.1.0.11 icmp 3/2 [10.1.0.11 > 10.1.0.100 protocol 99 len 2]"
                                + " tos 192 id 1");
    }
}
