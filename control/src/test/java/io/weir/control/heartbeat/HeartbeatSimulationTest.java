package io.weir.control.heartbeat;

import static io.weir.control.heartbeat.SimulatedPair.DEADTIME;
import static io.weir.control.heartbeat.SimulatedPair.KEEPALIVE;
import static io.weir.control.heartbeat.SimulatedPair.MILLI;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.heartbeat.SimulatedPair.Router;
import io.weir.dataplane.testing.Seed;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * Bad days at random: when the network has been at rest for long enough, exactly one router of each
 * connected part is active, and it stays so, whatever an attacker replays.
 */
class HeartbeatSimulationTest {
    private static final int RUNS = 100;
    private static final long STEP = 10 * MILLI;

    /** Deadtime, twice the time that a word needs, and what a backup grants the primary. */
    private static final long CONVERGENCE = 2 * DEADTIME + 4 * KEEPALIVE;

    private static final byte[] SECRET =
            "a secret of thirty-two characters".getBytes(StandardCharsets.UTF_8);

    @ParameterizedTest
    @CsvSource({"true, false", "true, true", "false, false", "false, true"})
    void oneRouterIsActiveAfterEveryBadDay(boolean authenticated, boolean failback) {
        long seed = Seed.ofThisRun().value();
        for (int run = 0; run < RUNS; run++) {
            byte @Nullable [] secret = authenticated ? SECRET : null;
            new Day(new Random(seed + run), secret, failback).live();
        }
    }

    /** One day: chaos with rests in it, and a long rest at the end. */
    private static final class Day {
        private final Random random;
        private final SimulatedPair pair;
        private final boolean authenticated;
        private long disturbed;

        Day(Random random, byte @Nullable [] secret, boolean failback) {
            this.random = random;
            this.authenticated = secret != null;
            pair = new SimulatedPair(random, secret, failback);
            pair.attacked = authenticated;
        }

        void live() {
            for (Router router : pair.routers) {
                pair.at(random.nextInt(3) == 0 ? 0 : random.nextInt(3000) * MILLI, router::start);
            }
            disturb(3000 * MILLI);
            for (int i = 0; i < 25; i++) {
                advance(random.nextInt(9000) * MILLI);
                misfortune();
            }
            recover();
            advance(CONVERGENCE);
            assertActive(1);
            int before = roleChanges();
            advance(60_000 * MILLI);
            assertThat(roleChanges()).as(() -> "calm\n" + log()).isEqualTo(before);
        }

        private int roleChanges() {
            return pair.routers[0].roleChanges + pair.routers[1].roleChanges;
        }

        private void advance(long time) {
            long end = pair.now + time;
            while (pair.now < end) {
                pair.run(Math.min(end, pair.now + STEP));
                if (pair.now - disturbed >= CONVERGENCE) {
                    assertConverged();
                }
            }
        }

        private void disturb(long lasting) {
            disturbed = Math.max(disturbed, pair.now + lasting);
        }

        private void misfortune() {
            Router victim = pair.routers[random.nextInt(2)];
            disturb(0);
            switch (random.nextInt(9)) {
                case 0 -> {
                    if (victim.isAlive()) {
                        victim.crash();
                    } else {
                        victim.start();
                    }
                }
                case 1 -> {
                    if (victim.isUp()) {
                        victim.stopCleanly();
                    } else if (!victim.isAlive()) {
                        victim.start();
                    }
                }
                case 2 -> pause(victim);
                case 3 -> {
                    int path = random.nextInt(2);
                    pair.cut[path] = !pair.cut[path];
                    pair.note("path " + path + (pair.cut[path] ? " is cut" : " heals"));
                }
                case 4 -> {
                    boolean cut = !pair.cut[0];
                    pair.cut[0] = cut;
                    pair.cut[1] = cut;
                    pair.note(cut ? "partition" : "partition heals");
                }
                case 5 -> lossyTime();
                case 6 -> {
                    victim.linkDown = !victim.linkDown;
                    pair.note(victim + (victim.linkDown ? "'s link fails" : "'s link is back"));
                }
                case 7 -> victim.handOver();
                default -> {
                    pair.routers[0].crash();
                    pair.routers[1].crash();
                    pair.routers[0].start();
                    pair.routers[1].start();
                }
            }
        }

        private void pause(Router victim) {
            long length = random.nextInt(6000) * MILLI;
            pair.note(victim + " sleeps " + length / MILLI + " ms");
            victim.paused = true;
            disturb(length);
            pair.at(length, () -> victim.paused = false);
        }

        private void lossyTime() {
            pair.note("a lossy time");
            pair.loss = random.nextDouble();
            pair.mostDelay = random.nextInt(1500) * MILLI;
            long length = random.nextInt(8000) * MILLI;
            disturb(length + 1500 * MILLI);
            pair.at(
                    length,
                    () -> {
                        pair.loss = 0;
                        pair.mostDelay = 5 * MILLI;
                    });
        }

        private void recover() {
            advance(10_000 * MILLI);
            pair.note("all is well again");
            pair.cut[0] = false;
            pair.cut[1] = false;
            pair.loss = 0;
            for (Router router : pair.routers) {
                router.linkDown = false;
                router.paused = false;
                if (!router.isAlive()) {
                    router.start();
                }
            }
            disturb(0);
        }

        private void assertConverged() {
            Router primary = pair.routers[0];
            Router backup = pair.routers[1];
            boolean connected =
                    primary.isUp()
                            && backup.isUp()
                            && !primary.linkDown
                            && !backup.linkDown
                            && !(pair.cut[0] && pair.cut[1]);
            if (connected) {
                assertActive(1);
            } else {
                for (Router router : pair.routers) {
                    assertThat(router.isActive())
                            .as(() -> router + " alone\n" + log())
                            .isEqualTo(router.isAlive() && !router.linkDown);
                }
            }
        }

        private void assertActive(int count) {
            int active = 0;
            for (Router router : pair.routers) {
                active += router.isActive() ? 1 : 0;
            }
            assertThat(active).as(() -> "active routers\n" + log()).isEqualTo(count);
        }

        private String log() {
            return Seed.ofThisRun()
                    + " at "
                    + pair.now / MILLI
                    + " ms, authenticated "
                    + authenticated
                    + "\n"
                    + String.join("\n", pair.log());
        }
    }
}
