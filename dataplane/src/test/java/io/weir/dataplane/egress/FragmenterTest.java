package io.weir.dataplane.egress;

import static io.weir.dataplane.testing.WorkerBench.CLI;
import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.CLI_MAC;
import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.SRV;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** RFC 791 2.3 and 3.2, on packets that are routed through a worker. */
class FragmenterTest {
    private final WorkerBench bench = new WorkerBench(options(1400));

    private static WorkerBench.Options options(int serverMtu) {
        WorkerBench.Options options = new WorkerBench.Options();
        options.serverMtu = serverMtu;
        return options;
    }

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static FrameBuilder udp(int payload) {
        return Frames.udp()
                .macs("02:00:00:00:01:0b", CLI_MAC)
                .from(CLIENT, 5000)
                .to(SERVER, 53)
                .id(77)
                .payload(new byte[payload]);
    }

    @Test
    void cutsAtMultiplesOfEightBytes() {
        assertThat(bench.fromClient(udp(1472)))
                .containsExactly(
                        "srv 02:00:00:00:00:02 > 02:00:00:00:02:0b 10.1.0.11:5000 > 10.2.0.11:53"
                                + " udp len 1368 ttl 63 id 77 fragment 0+",
                        "srv 02:00:00:00:00:02 > 02:00:00:00:02:0b 10.1.0.11 > 10.2.0.11 udp"
                                + " len 104 ttl 63 id 77 fragment 1376");
    }

    @Test
    void leavesWhatFitsAsItIs() {
        assertThat(bench.fromClient(udp(1372)))
                .containsExactly(
                        "srv 02:00:00:00:00:02 > 02:00:00:00:02:0b 10.1.0.11:5000 > 10.2.0.11:53"
                                + " udp len 1372 ttl 63 id 77");
        assertThat(bench.fromClient(udp(1373))).hasSize(2);
    }

    @Test
    void tellsTheSenderIfItMayNotCut() {
        assertThat(bench.fromClient(udp(1472).dontFragment()))
                .singleElement()
                .asString()
                .startsWith(
                        "cli 02:00:00:00:00:01 > 02:00:00:00:01:0b 10.1.0.1 > 10.1.0.11 icmp 3/4"
                                + " rest 0x578 [");
        assertThat(bench.drops(DropReason.TOO_BIG)).isEqualTo(1);
    }

    @Test
    void copiesOnlyTheOptionsThatWantIt() {
        // Record route (7) is not copied, router alert (148) is.
        byte[] options = {7, 7, 4, 0, 0, 0, 0, 1, (byte) 148, 4, 0, 0};
        bench.fromClient(udp(100));
        bench.inject(CLI, udp(1440).ipOptions(options).bytes());
        bench.run();
        List<byte[]> frames = bench.frames(SRV);
        assertThat(frames).hasSize(2);
        assertThat(Arrays.copyOfRange(frames.get(0), 34, 46))
                .isEqualTo(new byte[] {7, 7, 8, 10, 2, 0, 1, 1, (byte) 148, 4, 0, 0});
        assertThat(Arrays.copyOfRange(frames.get(1), 34, 46))
                .isEqualTo(new byte[] {1, 1, 1, 1, 1, 1, 1, 1, (byte) 148, 4, 0, 0});
        assertThat(FrameWords.frame(frames.get(1))).doesNotContain("bad-ip-checksum");
    }

    @Test
    void cutsFragmentsAgain() {
        List<byte[]> parts = udp(2900).fragments(1480);
        bench.inject(CLI, parts.get(0));
        bench.inject(CLI, parts.get(1));
        bench.run();
        assertThat(bench.words())
                .extracting(words -> words.replaceFirst(".*id 77 ", ""))
                .containsExactly(
                        "fragment 0+", "fragment 1376+", "fragment 1480+", "fragment 2856");
    }

    @Test
    void fillsInAChecksumThatNoCardWill() {
        byte[] frame = udp(1472).partialChecksum().bytes();
        bench.injectOffloaded(frame, 0);
        bench.run();
        List<byte[]> pieces = bench.frames(SRV);
        assertThat(pieces).hasSize(2);
        byte[] whole = reassembled(pieces, 34, 1400);
        byte[] right = udp(1472).bytes();
        assertThat(whole).isEqualTo(Arrays.copyOfRange(right, 34, right.length));
    }

    @Test
    void refusesMoreFragmentsThanThereIsMemoryFor() {
        try (WorkerBench narrow = new WorkerBench(options(28))) {
            assertThat(narrow.send(CLI, udp(2100).bytes())).isEmpty();
            assertThat(narrow.drops(DropReason.FRAGMENTS_LIMITED)).isEqualTo(1);
        }
        try (WorkerBench hopeless = new WorkerBench(options(24))) {
            assertThat(hopeless.send(CLI, udp(2100).bytes())).isEmpty();
            assertThat(hopeless.drops(DropReason.FRAGMENTS_LIMITED)).isEqualTo(1);
        }
    }

    @Test
    void cutsOutWhatAReceiverPutsTogetherAgain() {
        Random random = Seed.ofThisRun().random();
        for (int round = 0; round < 100; round++) {
            int mtu = 68 + random.nextInt(1500);
            // The longest header leaves room for 8 bytes in the shortest packet: not more
            // fragments than there is memory for.
            byte[] payload = new byte[random.nextInt(Math.min(3000, 16 * (mtu - 60)))];
            random.nextBytes(payload);
            byte[] frame =
                    udp(0).payload(payload).ipOptions(new byte[random.nextInt(11) * 4]).bytes();
            try (WorkerBench bench = new WorkerBench(options(mtu))) {
                bench.inject(CLI, frame);
                bench.run();
                List<byte[]> frames = bench.frames(SRV);
                int header = 14 + (frame[14] & 15) * 4;
                assertThat(frames).as(Seed.ofThisRun() + " round " + round).isNotEmpty();
                assertThat(reassembled(frames, header, mtu))
                        .as(Seed.ofThisRun() + " round " + round)
                        .isEqualTo(Arrays.copyOfRange(frame, header, frame.length));
            }
        }
    }

    private static byte[] reassembled(List<byte[]> frames, int header, int mtu) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (int i = 0; i < frames.size(); i++) {
            byte[] frame = frames.get(i);
            assertThat(frame.length - 14).isLessThanOrEqualTo(mtu);
            assertThat(FrameWords.frame(frame)).doesNotContain("bad-", "total-length", "padding");
            int flags = (frame[20] & 0xff) << 8 | (frame[21] & 0xff);
            assertThat((flags & 0x1fff) * 8).isEqualTo(whole.size());
            boolean last = i == frames.size() - 1;
            assertThat((flags & 0x2000) == 0).isEqualTo(last);
            whole.write(frame, header, frame.length - header);
        }
        return whole.toByteArray();
    }
}
