package io.weir.dataplane.flow;

import static io.weir.dataplane.flow.SctpState.*;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Sctp;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class SctpStateTest {
    /** The names of the states after each chunk; directions and chunks alternate. */
    private static List<String> walk(int... directionAndChunk) {
        List<String> names = new ArrayList<>();
        int state = NONE;
        for (int i = 0; i < directionAndChunk.length; i += 2) {
            state = next(directionAndChunk[i], state, directionAndChunk[i + 1]);
            names.add(name(state));
        }
        return names;
    }

    /** Recorded: sctp-nat-1, first association. */
    @Test
    void followsAnAssociationThatTheClientShuts() {
        assertThat(
                        walk(
                                IN, Sctp.INIT,
                                OUT, Sctp.INIT_ACK,
                                IN, Sctp.COOKIE_ECHO,
                                OUT, Sctp.COOKIE_ACK,
                                IN, Sctp.DATA,
                                OUT, Sctp.SACK,
                                OUT, Sctp.DATA,
                                IN, Sctp.SHUTDOWN,
                                OUT, Sctp.SHUTDOWN_ACK,
                                IN, Sctp.SHUTDOWN_COMPLETE))
                .containsExactly(
                        "INIT1",
                        "C-SENT",
                        "C-REPLIED",
                        "ESTABLISHED",
                        "ESTABLISHED",
                        "ESTABLISHED",
                        "ESTABLISHED",
                        "S-RECEIVED",
                        "S-ACK-SENT",
                        "CLOSED");
    }

    /** Recorded: sctp-nat-1, second and third association. */
    @Test
    void endsByTheServersShutdownAndByAbort() {
        assertThat(next(OUT, ESTABLISHED, Sctp.SHUTDOWN)).isEqualTo(SHUTDOWN_SENT);
        assertThat(next(IN, SHUTDOWN_SENT, Sctp.SHUTDOWN_ACK)).isEqualTo(CLOSED);
        assertThat(next(OUT, CLOSED, Sctp.SHUTDOWN_COMPLETE)).isEqualTo(CLOSED);
        assertThat(next(IN, ESTABLISHED, Sctp.ABORT)).isEqualTo(CLOSED);
    }

    /** Recorded: sctp-nat-3. */
    @Test
    void guessesTheServersPartWithDirectRouting() {
        assertThat(
                        walk(
                                IN_ONLY, Sctp.INIT,
                                IN_ONLY, Sctp.COOKIE_ECHO,
                                IN_ONLY, Sctp.DATA,
                                IN_ONLY, Sctp.SHUTDOWN,
                                IN_ONLY, Sctp.SHUTDOWN_COMPLETE))
                .containsExactly("INIT1", "ESTABLISHED", "ESTABLISHED", "S-RECEIVED", "CLOSED");
        assertThat(next(IN_ONLY, ESTABLISHED, Sctp.SHUTDOWN_ACK)).isEqualTo(CLOSED);
    }

    @Test
    void aRepeatedInitWaitsLonger() {
        assertThat(walk(IN, Sctp.INIT, IN, Sctp.INIT)).containsExactly("INIT1", "INIT");
        assertThat(walk(IN_ONLY, Sctp.INIT, IN_ONLY, Sctp.INIT, IN_ONLY, Sctp.COOKIE_ECHO))
                .containsExactly("INIT1", "INIT", "ESTABLISHED");
        assertThat(next(IN, CLOSED, Sctp.INIT)).isEqualTo(INIT);
    }

    @Test
    void aRefusedInitIsRejected() {
        assertThat(walk(IN, Sctp.INIT, OUT, Sctp.ABORT)).containsExactly("INIT1", "REJECTED");
        assertThat(walk(OUT, Sctp.INIT, IN, Sctp.ABORT)).containsExactly("C-WAIT", "REJECTED");
    }

    @Test
    void followsAHandshakeThatTheServerBegins() {
        assertThat(
                        walk(
                                OUT, Sctp.INIT,
                                IN, Sctp.INIT_ACK,
                                OUT, Sctp.COOKIE_ECHO,
                                IN, Sctp.COOKIE_ACK))
                .containsExactly("C-WAIT", "COOKIE", "C-ECHOED", "ESTABLISHED");
        assertThat(next(IN, COOKIE_ECHOED, Sctp.ERROR)).isEqualTo(CLOSED);
    }

    @Test
    void chunksWithoutAMeaningOfTheirOwnCountAsData() {
        for (int direction = IN; direction <= IN_ONLY; direction++) {
            for (int state = NONE; state < COUNT; state++) {
                int data = next(direction, state, Sctp.DATA);
                for (int chunk : new int[] {Sctp.SACK, Sctp.HEARTBEAT, Sctp.CWR, 15, 128, 255}) {
                    assertThat(next(direction, state, chunk)).isEqualTo(data);
                }
                assertThat(next(direction, state, Sctp.NO_CHUNK)).isEqualTo(state);
            }
        }
    }

    /** Whatever comes, an association that is up stays up, is shut down or ends. */
    @Test
    void anAssociationThatIsUpDoesNotGoBack() {
        for (int direction = IN; direction <= IN_ONLY; direction++) {
            for (int state = ESTABLISHED; state <= SHUTDOWN_ACK_SENT; state++) {
                for (int chunk = 0; chunk < 20; chunk++) {
                    boolean restart = direction == OUT && chunk == Sctp.INIT;
                    int next = next(direction, state, chunk);
                    if (!restart) {
                        assertThat(next).isIn(state, SHUTDOWN_SENT, 10, 11, CLOSED);
                    }
                }
            }
        }
    }

    @Test
    void anAbortEndsEverything() {
        for (int direction = IN; direction <= IN_ONLY; direction++) {
            for (int state = NONE; state < COUNT; state++) {
                assertThat(next(direction, state, Sctp.ABORT)).isIn(CLOSED, REJECTED);
            }
        }
    }

    @Test
    void countsEstablishedAloneAsActive() {
        for (int state = NONE; state < COUNT; state++) {
            assertThat(active(state)).isEqualTo(state == ESTABLISHED);
        }
    }

    @Test
    void anAbortBehindACookieDecides() {
        assertThat(deciding(Frames.sctp().chunk(Sctp.COOKIE_ECHO, 0, (byte) 1).chunk(Sctp.ABORT)))
                .isEqualTo(Sctp.ABORT);
        assertThat(deciding(Frames.sctp().chunk(Sctp.COOKIE_ACK).chunk(Sctp.ABORT)))
                .isEqualTo(Sctp.ABORT);
        assertThat(deciding(Frames.sctp().chunk(Sctp.COOKIE_ACK).chunk(Sctp.DATA)))
                .isEqualTo(Sctp.COOKIE_ACK);
        assertThat(deciding(Frames.sctp().chunk(Sctp.DATA).chunk(Sctp.ABORT))).isEqualTo(Sctp.DATA);
    }

    @Test
    void readsNothingBehindThePacket() {
        assertThat(deciding(Frames.sctp())).isEqualTo(Sctp.NO_CHUNK);
        assertThat(deciding(Frames.sctp().payload(new byte[] {6, 0, 0}))).isEqualTo(Sctp.NO_CHUNK);
        // Lengths that lie: nothing, and far beyond the end.
        assertThat(deciding(Frames.sctp().payload(new byte[] {10, 0, 0, 0, 6, 0, 0, 4})))
                .isEqualTo(Sctp.COOKIE_ECHO);
        assertThat(deciding(Frames.sctp().payload(new byte[] {10, 0, -1, -1})))
                .isEqualTo(Sctp.COOKIE_ECHO);
    }

    private static int deciding(FrameBuilder builder) {
        byte[] packet = builder.packet();
        int bytes = packet.length - Ipv4.MIN_HEADER_BYTES;
        try (NativeBlock block = new NativeBlock(256)) {
            // What lies behind the packet looks like an ABORT.
            Memory.fill(block.address(), 256, (byte) Sctp.ABORT);
            Memory.copyIn(packet, Ipv4.MIN_HEADER_BYTES, block.address(), bytes);
            return decidingChunk(block.address(), bytes);
        }
    }
}
