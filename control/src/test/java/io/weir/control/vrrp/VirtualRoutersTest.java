package io.weir.control.vrrp;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.SyncGroupConfig;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.dataplane.net.IpAddress;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What one router does, step by step, in a time that the test tells it. */
final class VirtualRoutersTest {
    private static final IpAddress OWN = Instances.ip("10.9.0.2");
    private static final String LOWER = "10.9.0.1";
    private static final String HIGHER = "10.9.0.3";

    private final RecordedActions done = new RecordedActions();
    private final VirtualRouters routers = new VirtualRouters(done, done);
    private long now = TimeUnit.SECONDS.toNanos(1);

    private static Instances one() {
        return Instances.of("vr", 51, "10.9.0.100");
    }

    private void configure(Instances... instances) {
        configure(List.of(), instances);
    }

    private void configure(List<SyncGroupConfig> groups, Instances... instances) {
        List<VrrpInstanceConfig> built = new ArrayList<>();
        for (Instances instance : instances) {
            built.add(instance.build());
        }
        assertThat(InstanceRules.violation(built, groups)).isNull();
        routers.configure(built, groups, now);
        for (VirtualRouter router : routers.routers()) {
            router.setSource(OWN);
            router.setFault(null);
        }
        routers.reconsider(now);
    }

    /** Lets time pass, and what is due happen when it is due. */
    private List<String> pass(long millis) {
        long end = now + TimeUnit.MILLISECONDS.toNanos(millis);
        while (routers.deadline() <= end) {
            now = Math.max(now, routers.deadline());
            routers.expire(now);
        }
        now = end;
        return done.take();
    }

    private List<String> hear(Instances sender, int priority, String source) {
        VrrpInstanceConfig config = sender.build();
        IpAddress from = Instances.ip(source);
        IpAddress group = MessageFormat.group(config.ipv6());
        byte[] message =
                AdvertisementWriter.write(
                        new VirtualRouter(config).advertisement(priority),
                        config.password(),
                        config.ipv4PseudoHeader(),
                        from,
                        group);
        routers.receive(config.device(), new Datagram(from, group, 255, message), now);
        return done.take();
    }

    @Test
    void takesOverWhenNobodyIsHeard() {
        configure(one());
        assertThat(done.take()).containsExactly("vr standby: started");
        // 3 intervals and (256 - 100) / 256 of one.
        assertThat(pass(3609)).isEmpty();
        assertThat(pass(1))
                .containsExactly(
                        "vr advertises 100",
                        "hold 10.9.0.100",
                        "vr active: no other router has been heard");
        assertThat(pass(2500)).containsExactly("vr advertises 100", "vr advertises 100");
    }

    @Test
    void learnsTheIntervalOfVersion3() {
        configure(one().millis(100));
        done.take();
        hear(one().millis(2000), 150, LOWER);
        assertThat(pass(7200)).isEmpty();
        assertThat(pass(20))
                .contains(
                        "vr silent: 10.9.0.1 is silent",
                        "vr active: 10.9.0.1 has been silent for 7.22 s");
        assertThat(hear(one(), 90, LOWER)).contains("vr heard: 10.9.0.1 is heard");
    }

    @Test
    void skewsBySecondsInVersion2() {
        configure(one().version(2).millis(3000).priority(200));
        done.take();
        // 9 s and 56/256 s.
        assertThat(pass(9218)).isEmpty();
        assertThat(pass(1)).contains("hold 10.9.0.100");
    }

    @Test
    void takesOverAtOnceFromOneThatLeaves() {
        configure(one());
        hear(one(), 200, LOWER);
        assertThat(hear(one(), 0, LOWER)).isEmpty();
        assertThat(pass(609)).isEmpty();
        assertThat(pass(1)).contains("vr active: 10.9.0.1 has left");
    }

    @Test
    void preemptsOrNot() {
        configure(one());
        done.take();
        for (int i = 0; i < 3; i++) {
            hear(one(), 50, LOWER);
            assertThat(pass(1000)).isEmpty();
        }
        hear(one(), 50, LOWER);
        assertThat(pass(700)).contains("vr active: 10.9.0.1 has a lower priority");

        VirtualRoutersTest patient = new VirtualRoutersTest();
        patient.configure(one().noPreempt());
        for (int i = 0; i < 20; i++) {
            patient.hear(one(), 50, LOWER);
            assertThat(patient.pass(1000)).isEmpty();
        }
        assertThat(patient.pass(2700)).contains("hold 10.9.0.100");
    }

    @Test
    void waitsWithPreemption() {
        configure(one().preemptDelay(Duration.ofSeconds(10)));
        done.take();
        for (int i = 0; i < 12; i++) {
            hear(one(), 50, LOWER);
            assertThat(pass(1000)).as("second %d", i).isEmpty();
        }
        hear(one(), 50, LOWER);
        assertThat(pass(1000)).contains("hold 10.9.0.100");
    }

    @Test
    void ownerAndOneThatStartsActiveDoNotWaitLong() {
        configure(one().priority(255));
        assertThat(done.take())
                .contains("hold 10.9.0.100", "vr active: the addresses are this router's own");
        VirtualRoutersTest other = new VirtualRoutersTest();
        other.configure(one().startsActive());
        assertThat(other.pass(1609)).containsExactly("vr standby: started");
        assertThat(other.pass(1)).contains("hold 10.9.0.100");
    }

    private void becomeActive(Instances... instances) {
        configure(instances);
        pass(4000);
    }

    @Test
    void givesWayToAHigherPriorityOrAddress() {
        becomeActive(one());
        assertThat(hear(one(), 101, LOWER))
                .containsExactly(
                        "vr heard: 10.9.0.1 is heard",
                        "vr advertises 100",
                        "release 10.9.0.100",
                        "vr standby: 10.9.0.1 is active with a higher priority");
        pass(4000);
        assertThat(hear(one(), 100, LOWER))
                .contains("vr conflict: 10.9.0.1 is active too, with priority 100");
        assertThat(hear(one(), 100, HIGHER))
                .contains("vr standby: 10.9.0.3 is active with a higher address");
        assertThat(done.held()).isEmpty();
    }

    @Test
    void answersALowerPriorityAndAnnouncesWhenItHasGone() {
        becomeActive(one());
        pass(500);
        assertThat(hear(one(), 90, HIGHER))
                .containsExactly(
                        "vr heard: 10.9.0.3 is heard",
                        "vr advertises 100",
                        "announce 10.9.0.100",
                        "vr conflict: 10.9.0.3 is active too, with priority 90");
        // Neither answers nor announcements multiply.
        for (int i = 0; i < 100; i++) {
            assertThat(hear(one(), 90, HIGHER)).isEmpty();
        }
        assertThat(pass(1600))
                .containsExactly(
                        "vr advertises 100",
                        "announce 10.9.0.100",
                        "vr resolved: 10.9.0.3 is active no more; the addresses are announced");
        // It may leave before it was heard to be active.
        assertThat(hear(one(), 0, HIGHER))
                .containsExactly("vr advertises 100", "announce 10.9.0.100");
        assertThat(hear(one(), 0, HIGHER)).isEmpty();
    }

    @Test
    void listensFirstAfterItWasStopped() {
        becomeActive(one().noPreempt());
        now += TimeUnit.SECONDS.toNanos(20);
        assertThat(hear(one(), 50, LOWER))
                .contains("vr standby: 10.9.0.1 took over while this router was held up");
        assertThat(pass(3000)).isEmpty();
        assertThat(pass(1000)).contains("hold 10.9.0.100");

        now += TimeUnit.SECONDS.toNanos(20);
        routers.expire(now);
        assertThat(done.take())
                .containsExactly(
                        "vr held-up: this router was held up, and goes on",
                        "announce 10.9.0.100",
                        "vr advertises 100");
    }

    @Test
    void handsOverAndStandsBackEvenAgainstPreemption() {
        becomeActive(one());
        assertThat(routers.groups().getFirst().handOver(now)).isTrue();
        assertThat(done.take()).containsExactly("vr advertises 0");
        assertThat(done.held()).containsExactly("10.9.0.100");
        assertThat(hear(one(), 50, LOWER))
                .containsExactly(
                        "vr heard: 10.9.0.1 is heard",
                        "release 10.9.0.100",
                        "vr standby: handed over",
                        "vr was taken");
        for (int i = 0; i < 60; i++) {
            hear(one(), 50, LOWER);
            assertThat(pass(1000)).as("second %d", i).isEmpty();
        }
        hear(one(), 50, LOWER);
        assertThat(pass(5000)).contains("hold 10.9.0.100");
    }

    @Test
    void takesTheRoleBackIfNobodyWantsIt() {
        becomeActive(one());
        routers.groups().getFirst().handOver(now);
        assertThat(pass(1200))
                .containsExactly(
                        "vr advertises 0",
                        "vr advertises 100",
                        "hold 10.9.0.100",
                        "vr active: nobody took over",
                        "vr was not taken");
    }

    @Test
    void staysOutDuringMaintenance() {
        becomeActive(one());
        routers.setMaintenance(true, now);
        assertThat(pass(1200))
                .containsExactly(
                        "vr advertises 0",
                        "release 10.9.0.100",
                        "vr fault: maintenance",
                        "vr was not taken");
        assertThat(pass(60_000)).isEmpty();
        configure(one().priority(120));
        assertThat(pass(60_000)).isEmpty();
        routers.setMaintenance(false, now);
        assertThat(pass(4000)).contains("vr standby: able to take over again", "hold 10.9.0.100");
    }

    @Test
    void dropsOutWithItsInterface() {
        becomeActive(one());
        VirtualRouter router = routers.routers().iterator().next();
        router.setFault("eth0 is down");
        routers.reconsider(now);
        assertThat(done.take())
                .containsExactly("vr advertises 0", "release 10.9.0.100", "vr fault: eth0 is down");
        assertThat(hear(one(), 0, LOWER)).containsExactly("vr heard: 10.9.0.1 is heard");
        assertThat(pass(60_000)).isEmpty();
        router.setFault(null);
        routers.reconsider(now);
        assertThat(pass(3610)).contains("vr standby: able to take over again", "hold 10.9.0.100");
    }

    @Test
    void groupsMoveTogether() {
        Instances front = Instances.of("front", 1, "10.9.0.100");
        Instances back = Instances.of("back", 2, "10.9.1.100").device("eth1");
        List<SyncGroupConfig> group =
                List.of(new SyncGroupConfig("pair", List.of("front", "back")));
        configure(group, front, back);
        done.take();
        // Silence on one side alone is no reason.
        for (int i = 0; i < 10; i++) {
            hear(back, 150, LOWER);
            assertThat(pass(1000)).isEmpty();
        }
        assertThat(pass(3000))
                .containsExactly(
                        "back silent: 10.9.0.1 is silent",
                        "front advertises 100",
                        "back advertises 100",
                        "hold 10.9.0.100",
                        "hold 10.9.1.100",
                        "pair active: 10.9.0.1 has been silent for 3.61 s");
        assertThat(hear(back, 150, LOWER))
                .containsExactly(
                        "back heard: 10.9.0.1 is heard",
                        "back advertises 100",
                        "front advertises 0",
                        "release 10.9.0.100",
                        "release 10.9.1.100",
                        "pair standby: 10.9.0.1 is active with a higher priority");
        pass(5000);
        routers.routers().iterator().next().setFault("eth0 is down");
        routers.reconsider(now);
        assertThat(done.take()).contains("pair fault: eth0 is down");
        assertThat(done.held()).isEmpty();
    }

    @Test
    void strangersWithTheSameNumberAreToldOf() {
        becomeActive(one());
        Instances stranger = Instances.of("other", 51, "10.9.0.200");
        assertThat(hear(stranger, 255, HIGHER))
                .singleElement()
                .asString()
                .startsWith("vr stranger: packet from 10.9.0.3 refused: it lists none of");
        for (int i = 2; i < 10; i++) {
            assertThat(hear(stranger, 255, HIGHER)).isEmpty();
        }
        assertThat(hear(stranger, 255, HIGHER)).singleElement().asString().contains("10 so far");
        VirtualRouter router = routers.routers().iterator().next();
        assertThat(router.counts().refused(Refusal.STRANGER)).isEqualTo(10);
        assertThat(router.counts().toString()).endsWith("refused: stranger 10");
        assertThat(done.held()).containsExactly("10.9.0.100");
        // With an address in common it is the same virtual router, set up otherwise.
        Instances partner = Instances.of("vr", 51, "10.9.0.200", "10.9.0.100");
        assertThat(hear(partner, 200, HIGHER))
                .contains("vr standby: 10.9.0.3 is active with a higher priority")
                .anyMatch(line -> line.startsWith("vr mismatch: "));
    }

    @Test
    void keepsWhatTwoConfigurationsHaveInCommon() {
        becomeActive(one(), Instances.of("other", 52, "10.9.0.101"));
        configure(
                Instances.of("vr", 51, "10.9.0.100", "10.9.0.101").priority(120),
                Instances.of("third", 53, "10.9.0.103"));
        assertThat(done.take())
                .containsExactly(
                        "other advertises 0",
                        "release 10.9.0.101",
                        "vr advertises 120",
                        "other fault: not configured any more",
                        "hold 10.9.0.101",
                        "third standby: started");
        assertThat(done.held()).containsExactly("10.9.0.100", "10.9.0.101");
        configure(one().priority(120), Instances.of("third", 53, "10.9.0.101"));
        assertThat(done.take()).containsExactly("release 10.9.0.101", "vr advertises 120");
        configure(one().priority(120), Instances.of("third", 53, "10.9.0.101"));
        assertThat(done.take()).isEmpty();
        pass(5000);
        assertThat(done.held()).containsExactly("10.9.0.100", "10.9.0.101");
        // Active ones become a group without a gap; then an active one and a new one.
        List<SyncGroupConfig> pair = List.of(new SyncGroupConfig("pair", List.of("vr", "third")));
        configure(pair, one().priority(120), Instances.of("third", 53, "10.9.0.101"));
        assertThat(done.take())
                .containsExactly(
                        "pair active: reconfigured",
                        "vr fault: not configured any more",
                        "third fault: not configured any more");
        configure();
        assertThat(done.take())
                .containsExactly(
                        "vr advertises 0",
                        "release 10.9.0.100",
                        "third advertises 0",
                        "release 10.9.0.101",
                        "pair fault: not configured any more");
        assertThat(routers.deadline()).isEqualTo(VirtualRouter.NEVER);
    }

    @Test
    void leavesAStoppedRouterAlone() {
        becomeActive(one());
        assertThat(routers.groups().getFirst().stop(now)).isFalse();
        assertThat(pass(1200))
                .containsExactly(
                        "vr advertises 0",
                        "release 10.9.0.100",
                        "vr fault: stopped",
                        "vr was not taken");
        assertThat(hear(one(), 0, LOWER)).containsExactly("vr heard: 10.9.0.1 is heard");
        assertThat(pass(60_000)).isEmpty();
    }

    @Test
    void countsWhatIsForNobody() {
        becomeActive(one());
        hear(Instances.of("unknown", 99, "10.9.0.100"), 200, HIGHER);
        assertThat(routers.unclaimed()).isEqualTo(1);
        assertThat(hear(one().version(2), 200, HIGHER))
                .singleElement()
                .asString()
                .contains("it is of the other version");
    }
}
