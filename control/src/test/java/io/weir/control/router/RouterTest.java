package io.weir.control.router;

import static io.weir.control.keeper.Farm.checked;
import static io.weir.control.keeper.Farm.configuration;
import static io.weir.control.keeper.Farm.key;
import static io.weir.control.keeper.Farm.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.check.Health;
import io.weir.control.check.ServerHealth;
import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.Configuration;
import io.weir.control.config.FloatingAddress;
import io.weir.control.config.HeartbeatConfig;
import io.weir.control.config.ServiceConfig;
import io.weir.control.event.Event;
import io.weir.control.event.EventHub;
import io.weir.control.failover.Role;
import io.weir.control.ipvsadm.Names;
import io.weir.control.keeper.Farm;
import io.weir.control.mark.MarkException;
import io.weir.control.mark.MarkScript;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Timeouts;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** A router with made-up checks and partners. */
class RouterTest {
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    private final PlainBalancer balancer = new PlainBalancer();
    private final FakeParts parts = new FakeParts();
    private final EventHub events = new EventHub();
    private final Router router = Router.start(balancer, parts, events, InstantSource.system());

    @AfterEach
    void close() {
        router.close();
        balancer.close();
    }

    /** A condition that may ask the router. */
    @FunctionalInterface
    private interface Condition {
        boolean holds() throws RouterRefusal;
    }

    private static void await(Condition condition) throws Exception {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.holds()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(5);
        }
    }

    private static Configuration with(
            Configuration base, int serial, @Nullable HeartbeatConfig pair, List<MarkRule> marks) {
        return new Configuration(
                serial,
                new Timeouts(serial, 0, 0),
                base.services(),
                base.localServices(),
                marks,
                base.masquerade(),
                pair,
                base.vrrp(),
                base.syncGroups(),
                base.connectionSync(),
                base.push(),
                base.scripts());
    }

    private static HeartbeatConfig pair(boolean two, String... addresses) {
        return new HeartbeatConfig(
                Farm.ip("192.0.2.8"),
                Farm.ip("192.0.2.8"),
                two ? Farm.ip("192.0.2.9") : null,
                two ? Farm.ip("192.0.2.9") : null,
                539,
                Duration.ofSeconds(2),
                Duration.ofSeconds(5),
                false,
                false,
                null,
                List.of(addresses).stream()
                        .map(one -> new FloatingAddress(Farm.ip(one), 24, "eth0", null))
                        .toList(),
                AnnouncementConfig.DEFAULT);
    }

    private List<String> states() {
        return events.recent().stream().map(event -> event.kind() + " " + event.state()).toList();
    }

    @Test
    void aRouterAloneIsActiveAndHoldsItsAddresses() throws Exception {
        router.apply(with(configuration(), 1, pair(false, "192.0.2.1", "192.0.2.2"), List.of()));
        await(() -> states().contains("ROUTER active"));
        assertThat(parts.asked()).containsExactly("hold 192.0.2.1", "hold 192.0.2.2", "watch 0");
        router.apply(with(configuration(), 2, pair(false, "192.0.2.2", "192.0.2.3"), List.of()));
        assertThat(parts.asked()).containsExactly("release 192.0.2.1", "hold 192.0.2.3", "watch 0");
        assertThatThrownBy(router::handOver).hasMessageContaining("has no partner");
        assertThatThrownBy(() -> router.setMaintenance(true)).hasMessageContaining("no partner");
    }

    @Test
    void aPairFollowsItsProtocol() throws Exception {
        router.apply(with(configuration(), 1, pair(true, "192.0.2.1"), List.of()));
        assertThat(parts.asked()).containsExactly("heartbeat configured 1", "watch 0");
        await(() -> states().contains("ROUTER standby"));
        parts.roles.roleChanged("pair", Role.ACTIVE, "partner dead: activating lvs");
        await(() -> states().contains("ROUTER active"));
        parts.roles.roleChanged("pair", Role.FAULT, "link down");
        await(() -> states().contains("ROUTER fault"));
        assertThat(router.report().role()).isEqualTo(Role.FAULT);
        assertThatThrownBy(router::handOver).hasMessageContaining("is not active");
        parts.roles.roleChanged("pair", Role.ACTIVE, "link up");
        await(() -> router.report().role() == Role.ACTIVE);
        router.handOver();
        router.setMaintenance(true);
        assertThat(parts.asked())
                .containsExactly("heartbeat hands over", "heartbeat maintenance true");
        router.apply(with(configuration(), 2, null, List.of()));
        assertThat(parts.asked()).containsExactly("heartbeat closed", "watch 0");
        await(() -> router.report().role() == Role.ACTIVE);
        // The last word of the protocol that has ended is not the first of its successor.
        parts.roles.roleChanged("pair", Role.ACTIVE, "late");
        router.apply(with(configuration(), 3, pair(true), List.of()));
        assertThat(router.report().role()).isEqualTo(Role.STANDBY);
    }

    @Test
    void whatAPartRefusesLeavesNothingBehind() throws Exception {
        MarkRule mine = rule(1);
        balancer.setMarks(new MarkTable(List.of(mine)));
        ServiceConfig web = service(80, null, 1, checked(1));
        router.apply(with(configuration(web), 1, pair(true), List.of(rule(2))));
        parts.found(key(80, 1), Health.UP);
        await(() -> balancer.shown().contains("10.0.0.1:80"));
        String before = balancer.shown();
        Timeouts timeouts = balancer.administration().timeouts();
        parts.asked();

        Configuration next =
                with(
                        configuration(service(80, null, 1), service(81, null, 1, checked(2))),
                        666,
                        pair(true),
                        List.of(rule(3)));
        parts.refusal = "no such interface";
        assertThatThrownBy(() -> router.apply(next)).hasMessage("no such interface");
        assertThat(balancer.shown()).isEqualTo(before);
        assertThat(balancer.marks()).containsExactly(mine, rule(2));
        assertThat(balancer.administration().timeouts()).isEqualTo(timeouts);
        assertThat(parts.asked()).containsExactly("heartbeat configured 1");

        balancer.hostRefuses = true;
        assertThatThrownBy(() -> router.apply(next)).hasMessage("the host refuses");
        assertThat(balancer.shown()).isEqualTo(before);

        ServiceConfig nonsense =
                new ServiceConfig(
                        "bad", Farm.tcp(82), ServiceSettings.of("best"), List.of(), null, 1);
        assertThatThrownBy(() -> router.apply(configuration(web, nonsense)))
                .hasMessageContaining("no such scheduler");
        assertThat(balancer.shown()).isEqualTo(before);

        parts.refusal = null;
        router.apply(next);
        assertThat(balancer.marks()).containsExactly(mine, rule(3));
        assertThat(balancer.administration().timeouts().tcp()).isEqualTo(666);
        await(() -> balancer.shown().contains("192.0.2.1:81"));
    }

    /** The service gets packets as soon as it is in the table, so its servers are there with it. */
    @Test
    void whoPassedTheChecksOfTheProcessBeforeEntersWithItsService() throws Exception {
        FakeParts restarted = new FakeParts();
        restarted.known =
                List.of(
                        new ServerHealth(key(80, 1), Health.UP, Instant.EPOCH, List.of()),
                        new ServerHealth(key(80, 2), Health.DOWN, Instant.EPOCH, List.of()));
        try (PlainBalancer table = new PlainBalancer();
                Router second = Router.start(table, restarted, events, InstantSource.system())) {
            second.apply(configuration(service(80, null, 1, checked(1), checked(2), checked(3))));
            assertThat(table.atFirstChange)
                    .contains("10.0.0.1:80")
                    .doesNotContain("10.0.0.2:80", "10.0.0.3:80");
            second.apply(configuration());
            second.apply(configuration(service(80, null, 1, checked(1))));
            assertThat(table.shown()).doesNotContain("10.0.0.1:80");
        }
    }

    private static MarkRule rule(int mark) {
        try {
            return MarkScript.read(
                            "test", "tcp to 192.0.2.1 port " + mark + " mark " + mark, Names.NONE)
                    .getFirst();
        } catch (MarkException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void newsThatWereLostAndForeignEditsAreMended() throws Exception {
        router.apply(configuration(service(80, null, 1, checked(1), checked(2))));
        parts.health.put(key(80, 1), Health.UP);
        await(() -> balancer.shown().contains("10.0.0.1:80"));
        balancer.balancer().ipvsadm("-d", "-t", "192.0.2.1:80", "-r", "10.0.0.1:80");
        balancer.balancer().ipvsadm("-A", "-t", "192.0.2.1:99", "-s", "rr");
        assertThat(balancer.shown()).doesNotContain("10.0.0.1:80");
        await(() -> balancer.shown().contains("10.0.0.1:80"));
        assertThat(balancer.shown()).contains("192.0.2.1:99");
    }

    @Test
    void aServiceThatSomebodyElseHasMadeIsNotTakenOver() throws Exception {
        balancer.balancer().ipvsadm("-A", "-t", "192.0.2.1:80", "-s", "rr");
        assertThatThrownBy(() -> router.apply(configuration(service(80, null, 1))))
                .hasMessageContaining("it is in the table already, by other rules");
    }

    @Test
    void drainsAreToldAndUnknownServersRefused() throws Exception {
        router.apply(configuration(service(80, null, 1, checked(1))));
        parts.found(key(80, 1), Health.UP);
        await(() -> balancer.shown().contains("10.0.0.1:80"));
        assertThat(router.drain("web1", null, true)).isEqualTo(1);
        assertThat(states()).contains("SERVER up", "SERVER draining");
        assertThatThrownBy(() -> router.drain("web2", null, true))
                .hasMessage("there is no server web2; weir status shows their names");
        assertThat(router.report().services().getFirst().servers().getFirst().state())
                .isEqualTo("draining");
        Event up = events.recent().stream().filter(e -> e.state().equals("up")).findFirst().get();
        assertThat(up.subject()).containsExactly("service80", "web1");
        assertThat(up.detail()).isEqualTo("[ active ] making 10.0.0.1:80 available");
    }

    @Test
    void closingGivesTheRoleAwayFirst() throws Exception {
        router.apply(with(configuration(), 1, pair(true), List.of()));
        parts.asked();
        router.close();
        assertThat(parts.asked())
                .containsExactly("heartbeat closed", "addresses closed", "monitor closed");
        assertThatThrownBy(router::report).hasMessage("the daemon ends");
    }
}
