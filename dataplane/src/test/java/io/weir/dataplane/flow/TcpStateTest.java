package io.weir.dataplane.flow;

import static io.weir.dataplane.flow.TcpState.*;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The walks that BEHAVIOUR.md tells of ("TCP states and time"). */
class TcpStateTest {
    private static final int F = 1;
    private static final int S = 2;
    private static final int R = 4;
    private static final int A = 16;

    private static int walk(boolean secure, int... directionAndFlags) {
        int state = NONE;
        for (int i = 0; i < directionAndFlags.length; i += 2) {
            state = next(secure, directionAndFlags[i], state, directionAndFlags[i + 1]);
        }
        return state;
    }

    @Test
    void opensByHandshakeInBothDirections() {
        assertThat(walk(false, IN, S)).isEqualTo(SYN_RECV);
        assertThat(walk(false, IN, S, OUT, S | A)).isEqualTo(SYN_RECV);
        assertThat(walk(false, IN, S, OUT, S | A, IN, A)).isEqualTo(ESTABLISHED);
    }

    @Test
    void closesFromEitherSide() {
        int[] open = {IN, S, OUT, S | A, IN, A};
        assertThat(after(open, IN, F | A)).isEqualTo(CLOSE_WAIT);
        assertThat(after(open, OUT, F | A)).isEqualTo(FIN_WAIT);
        assertThat(after(open, IN, F | A, OUT, F | A)).isEqualTo(TIME_WAIT);
        assertThat(after(open, OUT, F | A, IN, F | A)).isEqualTo(TIME_WAIT);
        assertThat(after(open, IN, R)).isEqualTo(CLOSE);
    }

    private static int after(int[] walked, int... more) {
        int[] all = java.util.Arrays.copyOf(walked, walked.length + more.length);
        System.arraycopy(more, 0, all, walked.length, more.length);
        return walk(false, all);
    }

    @Test
    void seesOneDirectionOnlyWithDirectRouting() {
        assertThat(walk(false, IN_ONLY, S, IN_ONLY, A)).isEqualTo(ESTABLISHED);
        assertThat(walk(false, IN_ONLY, S, IN_ONLY, A, IN_ONLY, F | A)).isEqualTo(FIN_WAIT);
        assertThat(walk(false, IN_ONLY, S, IN_ONLY, F)).isEqualTo(TIME_WAIT);
    }

    @Test
    void aResetOfTheClientDoesNotEndAnOpeningConnectionButTheServersDoes() {
        assertThat(walk(false, IN, S, IN, R)).isEqualTo(SYN_RECV);
        assertThat(walk(false, IN, S, OUT, R | A)).isEqualTo(CLOSE);
    }

    @Test
    void secureTcpWantsTheServersNextPacket() {
        assertThat(walk(true, IN, S, OUT, S | A)).isEqualTo(SYNACK);
        assertThat(walk(true, IN, S, OUT, S | A, IN, A)).isEqualTo(SYNACK);
        assertThat(walk(true, IN, S, OUT, S | A, IN, A, OUT, A)).isEqualTo(ESTABLISHED);
    }

    @Test
    void countsOpeningAndEstablishedAsActive() {
        assertThat(active(SYN_RECV)).isTrue();
        assertThat(active(ESTABLISHED)).isTrue();
        assertThat(active(SYNACK)).isTrue();
        assertThat(active(FIN_WAIT)).isFalse();
        assertThat(active(TIME_WAIT)).isFalse();
        assertThat(active(CLOSE)).isFalse();
        assertThat(active(NONE)).isFalse();
    }
}
