package io.weir.dataplane.egress;

import static io.weir.dataplane.testing.WorkerBench.CLI;
import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.CLI_MAC;
import static io.weir.dataplane.testing.WorkerBench.SRV;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** What a router does to the options of a packet it routes from the client's side on. */
class IpOptionsTest {
    private static final String BEHIND = "10.2.0.11";

    // The bench's time is 1,000,000 ms: 00 0f 42 40.
    private final WorkerBench bench = new WorkerBench();

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static FrameBuilder packet(String options) {
        return Frames.tcp()
                .from(CLIENT, 4000)
                .to(BEHIND, 80)
                .macs("02:00:00:00:01:0b", CLI_MAC)
                .ipOptions(HexFormat.of().parseHex(options.replace(" ", "")));
    }

    /** The options as they leave on the server's side, with a right header checksum. */
    private String routed(String options) {
        bench.inject(CLI, packet(options).bytes());
        bench.run();
        List<byte[]> out = bench.frames(SRV);
        assertThat(out).as(options).hasSize(1);
        byte[] frame = out.getFirst();
        assertThat(FrameWords.frame(frame)).doesNotContain("bad");
        byte[] left = Arrays.copyOfRange(frame, 34, 14 + (frame[14] & 15) * 4);
        return HexFormat.of().formatHex(left);
    }

    @Test
    void recordsTheAddressOnTheWayOut() {
        assertThat(routed("07 0b 04 00000000 00000000 00"))
                .isEqualTo("070b080a02000100000000" + "00");
        assertThat(routed("07 0b 08 01020304 00000000 00"))
                .isEqualTo("070b0c010203040a020001" + "00");
        // Full: nothing to fill in, and no fault (RFC 791).
        assertThat(routed("07 07 08 01020304 00")).isEqualTo("0707080102030400");
    }

    @Test
    void stampsTheTime() {
        assertThat(routed("44 08 05 00 00000000")).isEqualTo("44080900" + "000f4240");
        assertThat(routed("44 0c 05 01 00000000 00000000"))
                .isEqualTo("440c0d01" + "0a020001" + "000f4240");
        // Given addresses: only at the host that has them.
        assertThat(routed("44 0c 05 03 0a010064 00000000"))
                .isEqualTo("440c0d03" + "0a010064" + "000f4240");
        assertThat(routed("44 0c 05 03 0a010065 00000000"))
                .isEqualTo("440c0503" + "0a010065" + "00000000");
        // No room: counted.
        assertThat(routed("44 08 09 e0 01020304")).isEqualTo("440809f0" + "01020304");
    }

    @Test
    void leavesOthersAlone() {
        assertThat(routed("01 01 01 01")).isEqualTo("01010101");
        assertThat(routed("94 04 00 00")).isEqualTo("94040000");
        assertThat(routed("82 0b 000000000000000000 00")).isEqualTo("820b00000000000000000000");
        // What follows the end is cleared.
        assertThat(routed("01 00 07 0b")).isEqualTo("01000000");
    }

    @Test
    void answersWhatIsMalformed() {
        malformed("07 0b 04 00", 20);
        malformed("01 07 00 01", 21);
        malformed("01 01 01 07", 23);
        malformed("07 02 00 00", 21);
        malformed("07 07 03 00 00000000", 22);
        malformed("07 07 05 00 00000000", 22);
        malformed("07 07 04 00000000 07 07 04 00000000 00 00", 27);
        malformed("44 03 05 00", 21);
        malformed("44 08 04 00 00000000", 22);
        malformed("44 08 05 01 00000000", 22);
        malformed("44 08 09 f0 00000000", 23);
        malformed("94 03 00 00", 21);
        malformed("83 03 03 00", 22);
        malformed("83 03 04 89 03 04 00 00", 23);
    }

    private void malformed(String options, int offset) {
        long before = bench.drops(DropReason.IP_OPTION_INVALID);
        bench.inject(CLI, packet(options).bytes());
        bench.run();
        assertThat(bench.frames(SRV)).as(options).isEmpty();
        List<byte[]> answers = bench.frames(CLI);
        assertThat(answers).as(options).hasSize(1);
        byte[] icmp = Arrays.copyOfRange(answers.getFirst(), 34, 42);
        assertThat(icmp[0]).isEqualTo((byte) 12);
        assertThat(icmp[4]).as(options).isEqualTo((byte) offset);
        assertThat(bench.drops(DropReason.IP_OPTION_INVALID)).isEqualTo(before + 1);
    }

    @Test
    void dropsSourceRoutesWhereverTheyAre() {
        long before = bench.drops(DropReason.SOURCE_ROUTED);
        for (String options : new String[] {"01 01 83 03 04 00 00 00", "07 03 04 01 89 03 04 00"}) {
            bench.inject(CLI, packet(options).bytes());
            bench.run();
            assertThat(bench.words()).as(options).isEmpty();
        }
        assertThat(bench.drops(DropReason.SOURCE_ROUTED)).isEqualTo(before + 2);
        // Behind the end of the list nothing is an option.
        assertThat(routed("01 01 01 00 83 03 04 00")).isEqualTo("0101010000000000");
    }

    @Test
    void recordsTheVirtualAddressItWasSentTo() {
        FrameBuilder syn =
                Frames.udp()
                        .from(CLIENT, 4000)
                        .to(VIP, 9)
                        .macs("02:00:00:00:01:0b", CLI_MAC)
                        .ipOptions(HexFormat.of().parseHex("0707040000000000"));
        bench.inject(CLI, syn.bytes());
        bench.run();
        // Port unreachable quotes the packet as it was after that.
        byte[] answer = bench.frames(CLI).getFirst();
        assertThat(HexFormat.of().formatHex(answer)).contains("0707080a01006400");
    }
}
