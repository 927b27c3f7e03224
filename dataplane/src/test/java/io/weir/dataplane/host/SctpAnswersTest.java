package io.weir.dataplane.host;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.header.Sctp;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** RFC 9260 section 8.4, by its numbers. */
class SctpAnswersTest {
    private static final int TAG = 0x1234;
    private static final int STALE_COOKIE = 3;

    private final WorkerBench bench = new WorkerBench();

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static FrameBuilder sctp() {
        return Frames.sctp().from(CLIENT, 4000).to(VIP, 80).verificationTag(TAG);
    }

    private static FrameBuilder data() {
        return sctp().chunk(Sctp.DATA, 3, new byte[20]);
    }

    /** The chunk sent as an answer, in hexadecimal digits, after its verification tag. */
    private String answer(FrameBuilder packet) {
        byte[] frame = packet.macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).bytes();
        bench.inject(WorkerBench.CLI, frame);
        bench.run();
        List<byte[]> sent = bench.frames(WorkerBench.CLI);
        assertThat(sent).hasSize(1);
        HexFormat hex = HexFormat.of();
        return hex.formatHex(Arrays.copyOfRange(sent.getFirst(), 38, 42))
                + " "
                + hex.formatHex(Arrays.copyOfRange(sent.getFirst(), 46, sent.getFirst().length));
    }

    private void nothing(FrameBuilder packet) {
        long before = bench.drops(DropReason.HOST_IGNORED);
        assertThat(bench.fromClient(packet)).isEmpty();
        assertThat(bench.drops(DropReason.HOST_IGNORED)).isEqualTo(before + 1);
    }

    /** Recorded: sctp-nat-1, "DATA without association". */
    @Test
    void abortsWhatItDoesNotKnow() {
        assertThat(bench.fromClient(data().tos(0xb8)))
                .containsExactly(
                        "cli 02:00:00:00:00:01 > 02:00:00:00:01:0b 10.1.0.100:80 > 10.1.0.11:4000"
                                + " sctp tag 4660 chunk 6 tos 2 df");
        assertThat(bench.drops(DropReason.HOST_CONSUMED)).isEqualTo(1);
        assertThat(answer(data())).isEqualTo("00001234 06010004");
        assertThat(answer(sctp().chunk(Sctp.COOKIE_ECHO, 0, new byte[9])))
                .isEqualTo("00001234 06010004");
        assertThat(answer(sctp().chunk(200))).isEqualTo("00001234 06010004");
    }

    @Test
    void neverAnswersAnAbort() {
        nothing(sctp().chunk(Sctp.ABORT));
        nothing(sctp().chunk(Sctp.ERROR).chunk(Sctp.ABORT));
        nothing(data().chunk(Sctp.ABORT));
    }

    @Test
    void refusesAnInitWithTheTagItAsksFor() {
        FrameBuilder init = Frames.sctp().from(CLIENT, 4000).to(VIP, 80);
        assertThat(answer(init.initChunk(Sctp.INIT, 0x55667788))).isEqualTo("55667788 06000004");
    }

    @Test
    void ignoresAnInitThatIsNotAloneOrNotWhole() {
        nothing(sctp().initChunk(Sctp.INIT, 1).chunk(Sctp.DATA));
        nothing(data().initChunk(Sctp.INIT, 1));
        nothing(sctp().chunk(Sctp.INIT, 0, new byte[15]));
    }

    @Test
    void completesAShutdown() {
        assertThat(answer(sctp().chunk(Sctp.SHUTDOWN_ACK))).isEqualTo("00001234 0e010004");
        nothing(sctp().chunk(Sctp.SHUTDOWN_COMPLETE));
    }

    @Test
    void ignoresCookieTrouble() {
        nothing(sctp().chunk(Sctp.COOKIE_ACK));
        nothing(sctp().chunk(Sctp.ERROR, 0, (byte) 0, (byte) STALE_COOKIE, (byte) 0, (byte) 8));
        assertThat(answer(sctp().chunk(Sctp.ERROR, 0, (byte) 0, (byte) 1, (byte) 0, (byte) 8)))
                .isEqualTo("00001234 06010004");
        assertThat(answer(sctp().chunk(Sctp.ERROR))).isEqualTo("00001234 06010004");
    }

    @Test
    void ignoresDamagedPackets() {
        nothing(data().wrongChecksum());
        nothing(sctp());
        for (String chunks : new String[] {"00", "000000", "00000000", "00000003", "00000005"}) {
            nothing(sctp().payload(HexFormat.of().parseHex(chunks)));
        }
        nothing(sctp().payload(HexFormat.of().parseHex("0000ffff00000000")));
        nothing(sctp().payload(HexFormat.of().parseHex("0000000800000000" + "060000")));
    }

    @Test
    void aChecksumLeftToTheHardwareSaysNothing() {
        byte[] frame =
                data().partialChecksum().macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).bytes();
        bench.injectOffloaded(frame, 0);
        bench.run();
        assertThat(bench.words()).hasSize(1);
    }
}
