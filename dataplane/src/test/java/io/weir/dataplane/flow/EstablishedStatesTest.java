package io.weir.dataplane.flow;

import static io.weir.dataplane.flow.TcpState.ESTABLISHED;
import static io.weir.dataplane.flow.TcpState.IN;
import static io.weir.dataplane.flow.TcpState.IN_ONLY;
import static io.weir.dataplane.flow.TcpState.OUT;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.TreeSet;

/**
 * Of the segments that the kernel forwards for a connection that was handed over in the state
 * ESTABLISHED it tells of FIN and RST alone. That is enough if no other one can change the state.
 */
class EstablishedStatesTest {
    private static final int FIN = 1;
    private static final int SYN = 2;
    private static final int RST = 4;
    private static final int ACK = 16;

    /** All states that segments without SYN lead to. */
    private static Set<Integer> reached(boolean secure, int... directions) {
        Set<Integer> states = new TreeSet<>(Set.of(ESTABLISHED));
        Deque<Integer> fresh = new ArrayDeque<>(states);
        while (!fresh.isEmpty()) {
            int state = fresh.remove();
            for (int direction : directions) {
                for (int flags = 0; flags < 256; flags++) {
                    int next = TcpState.next(secure, direction, state, flags);
                    if (forwarded(flags) && states.add(next)) {
                        fresh.add(next);
                    }
                }
            }
        }
        return states;
    }

    private static boolean forwarded(int flags) {
        return (flags & SYN) == 0 && (flags & (ACK | FIN | RST)) != 0;
    }

    private static void isNotChangedByWhatIsNotToldOf(boolean secure, int... directions) {
        Set<Integer> states = reached(secure, directions);
        assertThat(states).hasSizeGreaterThanOrEqualTo(3);
        assertThat(states).allMatch(TcpState::opened);
        for (int state : states) {
            for (int direction : directions) {
                for (int flags = 0; flags < 256; flags++) {
                    if (forwarded(flags) && (flags & (FIN | RST)) == 0) {
                        assertThat(TcpState.next(secure, direction, state, flags))
                                .as("%s, %d, flags %d", TcpState.name(state), direction, flags)
                                .isEqualTo(state);
                    }
                }
            }
        }
    }

    @Test
    void anAcknowledgementChangesNothing() {
        for (boolean secure : new boolean[] {false, true}) {
            isNotChangedByWhatIsNotToldOf(secure, IN, OUT);
            isNotChangedByWhatIsNotToldOf(secure, IN_ONLY);
        }
    }
}
