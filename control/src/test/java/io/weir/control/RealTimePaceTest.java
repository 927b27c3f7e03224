package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.api.Test;

import java.util.SplittableRandom;

final class RealTimePaceTest {
    private static final long MICRO = 1_000;
    private static final long SECOND = 1_000_000_000;
    private static final String RULES =
            """
            -A -u 10.1.0.100:53 -s rr
            -a -u 10.1.0.100:53 -r 10.2.0.11:53 -g
            """;

    /** The kernel takes a twentieth for others, of its own accord, where they get less. */
    @Test
    void othersGetMoreThanATwentiethOfAnySecondAndNeverWaitForLong() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        long now = random.nextLong();
        RealTimePace pace = new RealTimePace(now);
        long end = now + SECOND;
        long rested = 0;
        long worked = 0;
        while (now - end < 0) {
            long turn = 1 + random.nextLong(100 * MICRO);
            now += turn;
            worked += turn;
            if (pace.restIsDue(now)) {
                assertThat(worked).isLessThanOrEqualTo(RealTimePace.WORK_NANOS + 100 * MICRO);
                now += RealTimePace.REST_NANOS;
                rested += RealTimePace.REST_NANOS;
                worked = 0;
                pace.goesOn(now);
            }
        }
        assertThat(rested).as("seed %d", seed).isGreaterThan(SECOND / 20);
        assertThat((double) rested).isCloseTo(SECOND * 0.075, within(SECOND * 0.002));
    }

    @Test
    void whoSleptNeedsNoRest() {
        RealTimePace pace = new RealTimePace(0);
        pace.goesOn(RealTimePace.WORK_NANOS - 1);
        assertThat(pace.restIsDue(RealTimePace.WORK_NANOS + MICRO)).isFalse();
    }

    @Test
    void aWorkerOfThatKindForwards() throws Exception {
        try (Balancer balancer = Balancer.builder().realTime(true).rules(RULES).build()) {
            MemoryLink clients =
                    balancer.attachMemory("cli", 0x020000000002L, "10.1.0.1/24", "10.1.0.100/32");
            MemoryLink servers = balancer.attachMemory("srv", 0x020000000102L, "10.2.0.1/24");
            balancer.neighbour(servers, "10.2.0.11", 0x020000000101L);
            balancer.start();
            for (int i = 0; i < 50; i++) {
                byte[] frame =
                        Frames.udp().from("10.1.0.20", 4000 + i).to("10.1.0.100", 53).bytes();
                assertThat(clients.inject(frame)).isTrue();
                long deadline = System.nanoTime() + 10 * SECOND;
                while (servers.poll() == null) {
                    assertThat(System.nanoTime()).as("packet %d in time", i).isLessThan(deadline);
                    Thread.sleep(0, 50_000);
                }
            }
        }
    }
}
