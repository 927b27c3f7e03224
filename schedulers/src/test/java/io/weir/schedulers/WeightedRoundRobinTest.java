package io.weir.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.math.BigInteger;
import java.util.SplittableRandom;
import java.util.stream.Stream;

final class WeightedRoundRobinTest {
    @Test
    void picksAsTheKernelDid() {
        Recording.replayAll(WeightedRoundRobin.NAME);
    }

    @Test
    void picksAsTheModel() {
        RandomRun.compare(WeightedRoundRobin.NAME, random -> new Walks());
    }

    @Test
    void walksTheListOncePerLevel() {
        Farm farm = new Farm(WeightedRoundRobin.NAME, 0, new SplittableRandom(1));
        farm.add("10.2.0.1", 3);
        farm.add("10.2.0.2", 1);
        farm.add("10.2.0.3", 2);
        farm.add("10.2.0.4", 5);
        StringBuilder picks = new StringBuilder();
        for (int i = 0; i < 15; i++) {
            picks.append(farm.pick());
        }
        assertThat(picks).hasToString("4321" + "4" + "4" + "41" + "431" + "4321");
    }

    @Test
    void anOverloadedServerOfHugeWeightCostsNoWalks() {
        Farm farm = new Farm(WeightedRoundRobin.NAME, 0, new SplittableRandom(1));
        farm.add("10.2.0.1", 1);
        RealServer heavy = farm.add("10.2.0.2", 65535);
        farm.edit(heavy, Farm.settings(65535, 1, 0));
        heavy.bindConnection();
        ThreadMXBean thread = ManagementFactory.getThreadMXBean();
        long start = thread.getCurrentThreadCpuTime();
        int picks = 0;
        for (int i = 0; i < 200_000; i++) {
            picks += farm.pick();
        }
        assertThat(picks).isEqualTo(200_000);
        // Level by level, each pick would be 65535 walks: half a minute in all.
        assertThat(thread.getCurrentThreadCpuTime() - start).isLessThan(2_000_000_000L);
    }

    /** Takes one step after the other over the list and down the levels, never skipping any. */
    private static final class Walks implements RandomRun.Model {
        private int place = -1;
        private int level;
        private int step = 1;
        private int top;

        @Override
        public void changed(Farm farm, RealServer server) {
            BigInteger common = BigInteger.ZERO;
            int heaviest = 0;
            for (RealServer each : farm.service.servers()) {
                common = common.gcd(BigInteger.valueOf(each.weight()));
                heaviest = Math.max(heaviest, each.weight());
            }
            step = common.signum() == 0 ? 1 : common.intValueExact();
            top = heaviest - step + 1;
            place = -1;
            if (level == 0 || level > top) {
                level = top;
            } else {
                while (level % step != 1 % step) {
                    level += level % step == 0 ? 1 : -1;
                }
            }
        }

        @Override
        public @Nullable RealServer expect(Farm farm, FlowKey flow, long nowMillis) {
            RealServer[] servers = farm.service.servers();
            if (Stream.of(servers).noneMatch(RealServer::eligible)) {
                // The kernel's search for nobody ends where it began if that is in a last walk,
                // else at the top.
                if (place < 0 || level > step) {
                    place = -1;
                    level = top;
                }
                return null;
            }
            while (true) {
                place++;
                if (place == servers.length) {
                    place = -1;
                    level = level - step > 0 ? level - step : top;
                } else if (servers[place].eligible() && servers[place].weight() >= level) {
                    return servers[place];
                }
            }
        }
    }
}
