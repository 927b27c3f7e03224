package io.weir.control.heartbeat;

import static io.weir.control.heartbeat.PairNetwork.await;
import static io.weir.control.heartbeat.PairNetwork.hasAddresses;
import static io.weir.control.heartbeat.PairNetwork.hasNone;
import static io.weir.control.heartbeat.PairNetwork.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.config.Configuration;
import io.weir.control.failover.Role;
import io.weir.control.heartbeat.PairNetwork.RouterProcess;
import io.weir.dataplane.sys.NetworkNamespace;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The manual's pair, with the manual's keys in small values. */
@Isolated
final class HeartbeatFailoverIT {
    private static final int KEEPALIVE_MILLIS = 1000;
    private static final int DEAD_MILLIS = 2000;

    /** How much longer a busy machine may take; how long a quiet one takes is printed. */
    private static final int SLACK_MILLIS = 4000;

    @TempDir private Path directory;
    private Path key;
    private PairNetwork network;

    @BeforeEach
    void build() throws IOException {
        key = Files.writeString(directory.resolve("key"), "a secret of these two routers\n");
        network = new PairNetwork();
    }

    @AfterEach
    void remove() {
        if (network != null) {
            network.close();
        }
    }

    private RouterProcess start(NetworkNamespace router) throws Exception {
        return network.start(router, KEEPALIVE_MILLIS, DEAD_MILLIS, key);
    }

    private PairRouter open(NetworkNamespace router, Configuration configuration)
            throws IOException {
        return router.call(() -> PairRouter.open(configuration, (_, _, _) -> {}, event -> {}));
    }

    private static Role role(PairRouter router) {
        return router.failover().status().getFirst().role();
    }

    @Test
    void killedRouterIsReplacedAndStandsByWhenItReturns() throws Exception {
        RouterProcess first = start(network.primary);
        RouterProcess second = start(network.backup);
        await("primary is active", () -> hasAddresses(network.primary));
        Thread.sleep(DEAD_MILLIS);
        assertThat(second.activations()).isZero();

        first.process.destroyForcibly();
        long gap = await("backup is active", () -> second.activations() == 1);
        System.out.println("kill -9: the backup was active after " + gap + " ms");
        assertThat(gap).isLessThan(DEAD_MILLIS + SLACK_MILLIS);
        assertThat(hasAddresses(network.backup)).isTrue();
        long rest = await("the dead one's addresses", () -> hasNone(network.primary));
        System.out.println("and the dead router's addresses were gone " + rest + " ms later");

        RouterProcess again = start(network.primary);
        Thread.sleep(DEAD_MILLIS + 500);
        assertThat(again.activations()).isZero();
        assertThat(hasAddresses(network.backup)).isTrue();
        assertThat(hasNone(network.primary)).isTrue();

        second.signal("TERM");
        long handover = await("primary took over", () -> again.activations() == 1);
        System.out.println("clean stop: the primary was active after " + handover + " ms");
        // Told, and not found out by silence.
        assertThat(again.lines).noneMatch(line -> line.contains("partner dead"));
        assertThat(hasNone(network.backup)).isTrue();
        assertThat(hasAddresses(network.primary)).isTrue();
    }

    @Test
    void routerThatHungIsOnStandbyWhenItGoesOn() throws Exception {
        RouterProcess first = start(network.primary);
        RouterProcess second = start(network.backup);
        await("primary is active", () -> hasAddresses(network.primary));
        await("acquainted", () -> first.activations() == 1);
        Thread.sleep(KEEPALIVE_MILLIS);

        first.signal("STOP");
        long gap = await("backup is active", () -> second.activations() == 1);
        System.out.println("SIGSTOP: the backup was active after " + gap + " ms");
        assertThat(gap).isLessThan(DEAD_MILLIS + SLACK_MILLIS);
        await("the sleeper's addresses have gone", () -> hasNone(network.primary));

        first.signal("CONT");
        await("sleeper is on standby", () -> first.role().startsWith("STANDBY"));
        Thread.sleep(DEAD_MILLIS);
        assertThat(first.activations()).isEqualTo(1);
        assertThat(second.role()).startsWith("ACTIVE");
        assertThat(hasNone(network.primary)).isTrue();
        assertThat(hasAddresses(network.backup)).isTrue();
    }

    @Test
    void deadLinkGivesTheRoleAwayByThePathThatIsLeft() throws Exception {
        Configuration configuration =
                PairRouter.configuration(Duration.ofSeconds(1), Duration.ofSeconds(8), false, key);
        try (PairRouter first = open(network.primary, configuration);
                PairRouter second = open(network.backup, configuration)) {
            await("primary is active", () -> role(first) == Role.ACTIVE);
            await(
                    "partner is heard",
                    () -> second.failover().status().getFirst().partnerAgeMillis() >= 0);
            ip(network.primary, "link set eth0 down");
            long gap = await("backup is active", () -> role(second) == Role.ACTIVE);
            System.out.println("link down: the backup was active after " + gap + " ms");
            assertThat(gap).isLessThan(6000); // and not deadtime
            assertThat(role(first)).isEqualTo(Role.FAULT);
            assertThat(first.failover().status().getFirst().detail()).contains("eth0 is down");
            assertThat(hasNone(network.primary)).isTrue();

            ip(network.primary, "link set eth0 up");
            await("primary stands by", () -> role(first) == Role.STANDBY);
            Thread.sleep(1200);
            assertThat(role(second)).isEqualTo(Role.ACTIVE);

            assertThat(second.failover().handOver()).isTrue();
            await("handed over", () -> role(first) == Role.ACTIVE);
            assertThat(role(second)).isEqualTo(Role.STANDBY);
            first.failover().setMaintenance(true);
            await("backup is active", () -> role(second) == Role.ACTIVE);
            assertThat(role(first)).isEqualTo(Role.FAULT);
            first.failover().setMaintenance(false);
            assertThat(role(first)).isEqualTo(Role.STANDBY);
        }
    }

    @Test
    void splitBrainHealsWithOneActiveRouter() throws Exception {
        Configuration configuration =
                PairRouter.configuration(
                        Duration.ofMillis(200), Duration.ofMillis(1500), false, key);
        try (PairRouter first = open(network.primary, configuration);
                PairRouter second = open(network.backup, configuration)) {
            await("primary is active", () -> role(first) == Role.ACTIVE);
            network.partition(true);
            await("both are active", () -> role(second) == Role.ACTIVE);
            assertThat(role(first)).isEqualTo(Role.ACTIVE);
            network.partition(false);
            await("backup gives way", () -> role(second) == Role.STANDBY);
            assertThat(role(first)).isEqualTo(Role.ACTIVE);
            assertThat(hasNone(network.backup)).isTrue();
        }
    }

    @Test
    void pairSpeaksWithPulse() throws Exception {
        Configuration configuration =
                PairRouter.configuration(
                        Duration.ofMillis(200), Duration.ofMillis(1500), false, null);
        try (FakePulse pulse = FakePulse.open(network.backup);
                PairRouter router = open(network.primary, configuration)) {
            pulse.say(FakePulse.RUNNING);
            await("weir says stopped", () -> pulse.heard() == FakePulse.STOPPED);
            for (int i = 0; i < 20; i++) {
                pulse.say(FakePulse.RUNNING);
                Thread.sleep(100);
            }
            assertThat(role(router)).isEqualTo(Role.STANDBY);
            pulse.say(FakePulse.STOPPED);
            await("weir is active", () -> role(router) == Role.ACTIVE);
            await("weir says running", () -> pulse.heard() == FakePulse.RUNNING);
            pulse.say(0xDEADBEEF);
            pulse.say(FakePulse.RUNNING);
            await(
                    "refused",
                    () ->
                            router.failover()
                                    .status()
                                    .getFirst()
                                    .detail()
                                    .contains("incompatible heartbeat 1"));
            assertThat(role(router)).as("the primary wins").isEqualTo(Role.ACTIVE);
        }
    }

    @Test
    void whoHasNoKeyIsNotHeard() throws Exception {
        Configuration configuration =
                PairRouter.configuration(
                        Duration.ofMillis(200), Duration.ofMillis(1000), false, key);
        try (FakePulse forger = FakePulse.open(network.backup);
                PairRouter router = open(network.primary, configuration)) {
            for (int i = 0; i < 20; i++) {
                forger.say(FakePulse.RUNNING);
                Thread.sleep(100);
            }
            await("active", () -> role(router) == Role.ACTIVE);
            await(
                    "all are refused",
                    () ->
                            router.failover()
                                    .status()
                                    .getFirst()
                                    .detail()
                                    .contains("not authenticated 20"));
        }
    }

    @Test
    void refusalLeavesAllAsItWas() throws Exception {
        Configuration configuration =
                PairRouter.configuration(
                        Duration.ofMillis(200), Duration.ofMillis(600), false, key);
        try (PairRouter router = open(network.primary, configuration)) {
            await("active", () -> role(router) == Role.ACTIVE);
            Path missing = directory.resolve("missing");
            assertThatThrownBy(
                            () ->
                                    router.failover()
                                            .configure(
                                                    PairRouter.configuration(
                                                            Duration.ofMillis(200),
                                                            Duration.ofMillis(600),
                                                            false,
                                                            missing)))
                    .hasMessageContaining(missing + " cannot be read: does not exist");
            assertThat(hasAddresses(network.primary)).isTrue();
            router.failover().configure(PairRouter.with(null));
            assertThat(hasNone(network.primary)).isTrue();
            assertThat(router.failover().status()).isEmpty();
        }
        assertThatThrownBy(() -> open(network.client, configuration))
                .hasMessageContaining("no interface has the address of the primary");
    }
}
