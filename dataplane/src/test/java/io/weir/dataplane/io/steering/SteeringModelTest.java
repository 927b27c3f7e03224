package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.Random;

/** The programs against what the rules mean. */
class SteeringModelTest extends SingleFrames {
    private static final String ELSEWHERE = "02:00:00:00:00:99";

    @Test
    void agreesWithTheModelOnRandomPacketsAndRules() throws Exception {
        Random random = Seed.ofThisRun().random();
        int taken = 0;
        for (int round = 0; round < 60; round++) {
            SteeringModel model = SteeringModel.random(random);
            steering.update(model.rules());
            steering.updateHost(model.own());
            model.expected().forEach(e -> assertThat(e.take(steering)).isTrue());
            for (int i = 0; i < 200; i++) {
                RandomPacket packet = RandomPacket.next(random);
                boolean expected = packet.isTakenBy(model);
                taken += expected ? 1 : 0;
                assertThat(run(packet.frame(PEER, packet.elsewhere() ? ELSEWHERE : HERE)))
                        .as("%s %s %s", Seed.ofThisRun(), packet, model)
                        .isEqualTo(expected ? TAKEN : LEFT);
            }
            model.expected().forEach(e -> e.giveBack(steering));
        }
        assertThat(taken).isGreaterThan(500);
    }
}
