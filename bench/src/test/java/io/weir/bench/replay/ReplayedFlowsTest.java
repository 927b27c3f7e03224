package io.weir.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;

class ReplayedFlowsTest {
    @Test
    void endpointsDifferAndLeadBackToTheirFlow() {
        Set<Long> seen = new HashSet<>();
        for (int flow = 0; flow < 100_000; flow++) {
            int address = ReplayedFlows.address(flow);
            int port = ReplayedFlows.port(flow);
            assertThat(port).isBetween(1024, 65_535);
            assertThat(seen.add((long) address << 16 | port)).isTrue();
            assertThat(ReplayedFlows.flow(address, port)).isEqualTo(flow);
        }
    }

    @Test
    void ordersHaveTheSharesTheyClaim() {
        int[] uniform = ReplayedFlows.uniform(1000, new SplittableRandom(1));
        int[] zipf = ReplayedFlows.zipf(1000, new SplittableRandom(1));
        double mean = ReplayedFlows.ORDER_PACKETS / 1000.0;
        assertThat(count(uniform, 0)).isBetween((long) (mean * 0.9), (long) (mean * 1.1));
        // Of 1000 flows the first has 1 / (1 + 1/2 + ... + 1/1000) of all packets.
        double first = ReplayedFlows.ORDER_PACKETS / 7.485;
        assertThat(count(zipf, 0)).isBetween((long) (first * 0.98), (long) (first * 1.02));
        assertThat(count(zipf, 1)).isBetween((long) (first * 0.48), (long) (first * 0.52));
        ReplayedFlows.addNewFlows(uniform, 10, new SplittableRandom(2));
        assertThat(count(uniform, ReplayedFlows.NEW_FLOW) * 10.0 / uniform.length)
                .isBetween(0.98, 1.02);
    }

    private static long count(int[] order, int flow) {
        long count = 0;
        for (int entry : order) {
            count += entry == flow ? 1 : 0;
        }
        return count;
    }

    @Test
    void entriesCarryFlowAndServer() {
        int[] noted = ReplayedFlows.withServers(new int[] {2, 0}, new byte[] {99, 5, 7});
        assertThat(ReplayedFlows.flowOf(noted[0])).isEqualTo(2);
        assertThat(ReplayedFlows.serverOf(noted[0])).isEqualTo(7);
        assertThat(ReplayedFlows.serverOf(noted[1])).isEqualTo(99);
        assertThat(ReplayedFlows.ofKind(new int[] {0, 1, 4, 5, 6}, 4, 1)).containsExactly(1, 5);
        assertThat(ReplayedFlows.halfTurned(new int[] {1, 2, 3, 4, 5}))
                .containsExactly(3, 4, 5, 1, 2);
    }
}
