package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.io.EndpointSteering.Side;
import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.mark.MarkedTraffic;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.masquerade.RandomMasquerades;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Random;
import java.util.Set;

/** What masquerading takes from the host, by the program in the kernel; no frame is sent. */
class MasqueradeSteeringTest extends SingleFrames {
    private static final String VIP = "192.0.2.10";
    private static final String SERVER = "10.0.0.5";
    private static final String OWN = "10.0.0.1";
    private static final String OTHER = "198.51.100.7";

    private static Prefix prefix(String address, int length) {
        return Prefix.of(IpAddress.parse(address), length);
    }

    private void rules(MasqueradeRule... rules) throws Exception {
        steering.update(
                new SteeringRules(
                        Set.of(), Set.of(), Set.of(), MarkedTraffic.NONE, List.of(rules)));
        steering.updateHost(Set.of(prefix(OWN, 32), prefix(VIP, 32)));
    }

    @Test
    void whatARuleMatchesIsTakenUnlessItIsForTheHost() throws Exception {
        FrameBuilder active = Frames.tcp().from(SERVER, 20).to(OTHER, 4000).syn();
        assertThat(run(active)).isEqualTo(LEFT);
        rules(
                new MasqueradeRule(
                        6, prefix("10.0.0.0", 24), 20, Prefix.any(false), IpAddress.parse(VIP)));
        assertThat(run(active)).isEqualTo(TAKEN);
        assertThat(run(Frames.tcp().from(SERVER, 21).to(OTHER, 4000).syn())).isEqualTo(LEFT);
        assertThat(run(Frames.udp().from(SERVER, 20).to(OTHER, 4000))).isEqualTo(LEFT);
        assertThat(run(Frames.tcp().from("10.0.1.5", 20).to(OTHER, 4000).syn())).isEqualTo(LEFT);
        assertThat(run(Frames.tcp().from(SERVER, 20).to(OWN, 4000).syn())).isEqualTo(LEFT);
        assertThat(run(Frames.ping(1, 1).from(SERVER).to(OTHER))).isEqualTo(LEFT);
        byte[] answer = Frames.tcp().from(OTHER, 4000).to(SERVER, 20).syn().ack(1).packet();
        assertThat(run(Frames.icmpError(3, 3, answer).from(SERVER).to(OTHER))).isEqualTo(TAKEN);
        rules();
        assertThat(run(active)).isEqualTo(LEFT);
    }

    @Test
    void itIsAnsweredAtOneEndpointWhileTheConnectionLasts() throws Exception {
        rules(new MasqueradeRule(17, prefix(SERVER, 32), 0, Prefix.any(false), null));
        FrameBuilder answer = Frames.udp().from(OTHER, 53).to(OWN, 61_000);
        assertThat(run(answer)).isEqualTo(LEFT);
        long low = EndpointSteering.mappedLow(IpAddress.parse(OWN).v4());
        assertThat(steering.expected().take(17, Side.VIRTUAL, 0, low, 61_000)).isTrue();
        assertThat(run(answer)).isEqualTo(TAKEN);
        assertThat(run(Frames.udp().from(OTHER, 53).to(OWN, 61_001))).isEqualTo(LEFT);
        assertThat(run(Frames.tcp().from(OTHER, 53).to(OWN, 61_000).syn())).isEqualTo(LEFT);
        steering.expected().giveBack(17, Side.VIRTUAL, 0, low, 61_000);
        assertThat(run(answer)).isEqualTo(LEFT);
    }

    @Test
    void theKernelMatchesAsTheFirstRuleThatFits() throws Exception {
        Random random = Seed.ofThisRun().random();
        int taken = 0;
        for (int round = 0; round < 40; round++) {
            List<MasqueradeRule> rules = RandomMasquerades.rules(random);
            rules(rules.toArray(MasqueradeRule[]::new));
            for (int i = 0; i < 50; i++) {
                boolean ipv6 = random.nextBoolean();
                IpAddress from = RandomMasquerades.address(random, ipv6);
                IpAddress to = RandomMasquerades.address(random, ipv6);
                int port = 1 + random.nextInt(2);
                int protocol = new int[] {6, 17, 132}[random.nextInt(3)];
                FrameBuilder frame =
                        protocol == 6
                                ? Frames.tcp().syn()
                                : protocol == 17 ? Frames.udp() : Frames.sctp();
                boolean own = to.equals(IpAddress.parse(OWN));
                boolean expected =
                        !own
                                && RandomMasquerades.firstMatch(rules, protocol, from, port, to)
                                        != null;
                assertThat(run(frame.from(from.toString(), port).to(to.toString(), 80)))
                        .as("%d %s:%d > %s by %s", protocol, from, port, to, rules)
                        .isEqualTo(expected ? TAKEN : LEFT);
                taken += expected ? 1 : 0;
            }
        }
        assertThat(taken).isGreaterThan(100);
    }
}
