package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.io.EndpointSteering.Side;
import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Endpoints that a helper expects, such as those of FTP's data connections. */
class ExpectedEndpointsTest extends SingleFrames {
    private static final String VIP = "192.0.2.10";
    private static final String REAL = "10.0.0.5";
    private static final String OWN = "10.0.0.1";
    private static final String CLIENT = "198.51.100.7";

    @Test
    void expectedEndpointsAreTakenAtAddressesThatHaveRules() throws Exception {
        steering.update(
                new SteeringRules(Set.of(endpoint(6, VIP, 80)), Set.of(endpoint(6, REAL, 8080))));
        steering.updateHost(Set.of(host(OWN), host(VIP)));
        Expected virtual = new Expected(Side.VIRTUAL, IpAddress.parse(VIP), 5000);
        Expected server = new Expected(Side.SERVER, IpAddress.parse(REAL), 5000);
        FrameBuilder data = Frames.tcp().syn().from(CLIENT, 4000).to(VIP, 5000);
        FrameBuilder answer = Frames.tcp().syn().ack(1).from(REAL, 5000).to(CLIENT, 4000);
        assertThat(run(data)).isEqualTo(LEFT);
        assertThat(run(answer)).isEqualTo(LEFT);
        for (Expected endpoint : List.of(virtual, virtual, server)) {
            assertThat(endpoint.take(steering)).isTrue();
        }
        assertThat(run(data)).isEqualTo(TAKEN);
        assertThat(run(answer)).isEqualTo(TAKEN);
        assertThat(run(Frames.tcp().from(CLIENT, 4000).to(VIP, 5001))).isEqualTo(LEFT);
        assertThat(run(Frames.tcp().from(REAL, 5000).to(OWN, 4000))).isEqualTo(LEFT);
        assertThat(run(Frames.icmpError(3, 4, answer.packet()).from(CLIENT).to(REAL)))
                .isEqualTo(LEFT);
        assertThat(run(Frames.icmpError(3, 4, data.to(REAL, 5000).packet()).from(REAL).to(CLIENT)))
                .isEqualTo(TAKEN);

        steering.update(new SteeringRules(Set.of(endpoint(6, VIP, 81)), Set.of()));
        data.to(VIP, 5000);
        assertThat(run(data)).isEqualTo(TAKEN);
        assertThat(run(answer)).isEqualTo(LEFT);
        virtual.giveBack(steering);
        assertThat(run(data)).isEqualTo(TAKEN);
        virtual.giveBack(steering);
        assertThat(run(data)).isEqualTo(LEFT);
        virtual.giveBack(steering);
        server.giveBack(steering);
    }

    @Test
    void expectedEndpointsHaveALimit() {
        for (int i = 0; i < ExpectedEndpoints.CAPACITY; i++) {
            assertThat(steering.expected().take(6, Side.VIRTUAL, 0, i >> 15, i & 0x7fff)).isTrue();
        }
        assertThat(steering.expected().take(6, Side.VIRTUAL, 0, 1000, 1)).isFalse();
        assertThat(steering.expected().take(6, Side.VIRTUAL, 0, 0, 1)).isTrue();
        steering.expected().giveBack(6, Side.VIRTUAL, 0, 0, 2);
        assertThat(steering.expected().take(6, Side.VIRTUAL, 0, 1000, 1)).isTrue();
    }

    @Test
    void expectedEndpointsAgreeWithAModel() throws Exception {
        steering.update(new SteeringRules(Set.of(endpoint(6, VIP, 80)), Set.of()));
        Random random = Seed.ofThisRun().random();
        Map<Integer, Integer> model = new HashMap<>();
        for (int round = 0; round < 3_000; round++) {
            int port = 1000 + random.nextInt(200);
            Expected endpoint = new Expected(Side.VIRTUAL, IpAddress.parse(VIP), port);
            if (random.nextInt(3) == 0) {
                assertThat(endpoint.take(steering)).isTrue();
                model.merge(port, 1, Integer::sum);
            } else {
                endpoint.giveBack(steering);
                model.computeIfPresent(port, (p, count) -> count == 1 ? null : count - 1);
            }
            int other = 1000 + random.nextInt(200);
            assertThat(run(Frames.tcp().from(CLIENT, 4000).to(VIP, other)))
                    .as("%s round %d", Seed.ofThisRun(), round)
                    .isEqualTo(model.containsKey(other) ? TAKEN : LEFT);
        }
    }
}
