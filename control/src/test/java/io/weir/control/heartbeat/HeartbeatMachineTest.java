package io.weir.control.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.failover.Role;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Pulse's rules one by one; keepalive 1 s and deadtime 3 s. */
class HeartbeatMachineTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final List<String> done = new ArrayList<>();
    private long now = Long.MAX_VALUE - 5 * SECOND; // the clock wraps around during the test
    private HeartbeatMachine machine;

    private final HeartbeatActions actions =
            new HeartbeatActions() {
                @Override
                public void send(boolean running) {
                    done.add(running ? "say running" : "say stopped");
                }

                @Override
                public void become(Role role, String reason) {
                    done.add(role + ": " + reason);
                }

                @Override
                public void announce(String reason) {
                    done.add("announce: " + reason);
                }

                @Override
                public void partnerChanged(boolean heard) {
                    done.add(heard ? "heard" : "silent");
                }
            };

    private void start(boolean primary, boolean failback) {
        machine =
                new HeartbeatMachine(
                        new HeartbeatTiming(primary, false, SECOND, 3 * SECOND, failback),
                        actions,
                        now);
    }

    private void pass(double seconds) {
        long end = now + (long) (seconds * SECOND);
        while (end - now > 0) {
            now += Math.min(end - now, SECOND / 10);
            machine.tick(now);
        }
    }

    private void hear(boolean running) {
        machine.heard(running, now);
    }

    /** Hears a heartbeat a second for some seconds. */
    private void hear(boolean running, int times) {
        for (int i = 0; i < times; i++) {
            hear(running);
            pass(1);
        }
    }

    private void assertRole(Role role) {
        assertThat(machine.role()).isEqualTo(role);
    }

    @Test
    void routerThatHearsNobodyIsActiveAfterDeadtime() {
        start(true, false);
        pass(2.9);
        assertRole(Role.STANDBY);
        assertThat(done).containsExactly("say stopped", "say stopped", "say stopped");
        pass(0.2);
        assertRole(Role.ACTIVE);
        assertThat(done).contains("ACTIVE: partner dead: activating lvs", "say running");
    }

    @Test
    void singleRouterIsActiveAtOnceAndSaysNothing() {
        machine =
                new HeartbeatMachine(
                        new HeartbeatTiming(true, true, SECOND, 3 * SECOND, false), actions, now);
        machine.tick(now);
        assertThat(done).containsExactly("ACTIVE: no partner: activating lvs");
        now += 100 * SECOND;
        machine.tick(now);
        assertRole(Role.ACTIVE);
        assertThat(machine.handOver(now)).isFalse();
    }

    @Test
    void primaryTakesTheRoleThatNobodyHasAtOnce() {
        start(true, false);
        hear(false);
        assertRole(Role.ACTIVE);
        assertThat(done).contains("ACTIVE: backup inactive: activating lvs");
    }

    @Test
    void backupLeavesItToThePrimaryFirst() {
        start(false, false);
        hear(false);
        assertRole(Role.STANDBY);
        pass(0.5);
        hear(true);
        pass(2);
        assertRole(Role.STANDBY);
    }

    @Test
    void backupTakesItWhenThePrimaryDoesNot() {
        start(false, false);
        hear(false, 2);
        pass(0.2);
        assertRole(Role.ACTIVE);
        assertThat(done).contains("ACTIVE: primary inactive: activating lvs");
    }

    @Test
    void backupTakesOverAtOnceFromAPrimaryThatStops() {
        start(false, false);
        hear(true, 5);
        hear(false);
        assertRole(Role.ACTIVE);
    }

    @Test
    void heartbeatOnEitherPathKeepsThePartnerAlive() {
        start(false, false);
        for (int i = 0; i < 10; i++) {
            hear(true);
            pass(2.9);
        }
        assertRole(Role.STANDBY);
        pass(0.2);
        assertRole(Role.ACTIVE);
        assertThat(done).contains("silent");
    }

    @Test
    void returningPrimaryStandsBy() {
        start(true, false);
        hear(true, 10);
        assertRole(Role.STANDBY);
        assertThat(done).doesNotContain("say running");
    }

    @Test
    void returningPrimaryTakesOverIfConfigured() {
        start(true, true);
        hear(true);
        assertThat(done).endsWith("say running");
        assertRole(Role.STANDBY);
        hear(true); // the backup's last word
        hear(false);
        assertRole(Role.ACTIVE);
    }

    @Test
    void returningPrimaryDoesNotWaitForeverForTheBackup() {
        start(true, true);
        hear(true);
        pass(1.1);
        assertRole(Role.ACTIVE);
    }

    @Test
    void primaryWinsAndAnnouncesWhenBothAreActive() {
        start(true, false);
        pass(4);
        done.clear();
        hear(true);
        assertRole(Role.ACTIVE);
        assertThat(done)
                .containsExactly(
                        "heard", "announce: partner active: resending arps", "say running");
        hear(false);
        assertThat(done).endsWith("announce: partner inactive: resending arps");
        hear(false);
        assertThat(done.stream().filter(what -> what.startsWith("announce"))).hasSize(2);
    }

    @Test
    void backupGivesWayWhenBothAreActive() {
        start(false, false);
        pass(4);
        done.clear();
        hear(true);
        assertThat(done)
                .containsExactly(
                        "heard",
                        "say running",
                        "STANDBY: partner active: deactivating lvs",
                        "say stopped");
    }

    @Test
    void deadLinkGivesTheRoleAwayAndItsReturnDoesNotTakeItBack() {
        start(true, false);
        pass(4);
        done.clear();
        machine.block("link eth0 is down", now);
        assertThat(done).containsExactly("FAULT: link eth0 is down", "say stopped");
        pass(10);
        assertRole(Role.FAULT);
        machine.unblock("up again", true, now);
        assertRole(Role.STANDBY);
        pass(2);
        hear(true, 5);
        assertRole(Role.STANDBY);
    }

    @Test
    void deadlineThatPassedWhileBlockedDoesNotKeepTheThreadBusy() {
        start(true, false);
        machine.block("maintenance", now);
        pass(10);
        assertThat(machine.dueNanos() - now).isPositive();
    }

    @Test
    void routerInMaintenanceComesBackAtOnceIfThePartnerIsDead() {
        start(true, false);
        hear(false);
        machine.block("maintenance", now);
        pass(5);
        assertRole(Role.FAULT);
        machine.unblock("end", false, now);
        assertRole(Role.ACTIVE);
    }

    @Test
    void handOverGivesTheRoleAwayOnce() {
        start(true, true);
        assertThat(machine.handOver(now)).isFalse();
        hear(false);
        assertRole(Role.ACTIVE);
        done.clear();
        assertThat(machine.handOver(now)).isTrue();
        assertThat(done).containsExactly("STANDBY: handed over to the partner", "say stopped");
        hear(false); // on its way before the partner heard
        assertRole(Role.STANDBY);
        pass(0.1);
        hear(true, 10);
        assertRole(Role.STANDBY); // and failback does not undo it
    }

    @Test
    void handOverIsForgottenOnceTheRoleIsBack() {
        start(true, true);
        hear(false);
        machine.handOver(now);
        hear(true, 5);
        assertRole(Role.STANDBY);
        pass(4); // the partner dies
        assertRole(Role.ACTIVE);
        hear(false);
        machine.block("link eth0 is down", now);
        hear(true, 3);
        machine.unblock("able to take over again", false, now);
        hear(true, 3);
        assertRole(Role.ACTIVE);
    }

    @Test
    void roleThatThePartnerDoesNotTakeComesBack() {
        start(true, false);
        hear(false);
        machine.handOver(now);
        hear(false, 3);
        assertRole(Role.ACTIVE);
    }

    @Test
    void sleeperLongerThanDeadtimeIsOnStandbyUntilItHasHeard() {
        start(true, false);
        pass(4);
        hear(false);
        now += 10 * SECOND;
        done.clear();
        hear(false); // waited in the socket, from before the partner took over
        assertRole(Role.STANDBY);
        hear(true);
        hear(true, 5);
        assertRole(Role.STANDBY);
        assertThat(done.getFirst()).isEqualTo("STANDBY: did not run for 10000 ms");
    }

    @Test
    void sleeperThatNobodyReplacedIsActiveAgain() {
        start(true, false);
        pass(4);
        now += 10 * SECOND;
        machine.tick(now);
        assertRole(Role.STANDBY);
        pass(3.1);
        assertRole(Role.ACTIVE);
    }

    @Test
    void sleeperThatMayHaveBeenReplacedYieldsThoughPrimary() {
        start(true, false);
        hear(false);
        assertRole(Role.ACTIVE);
        now += 25 * SECOND / 10;
        machine.tick(now);
        assertRole(Role.ACTIVE);
        hear(true);
        assertRole(Role.STANDBY);
    }

    @Test
    void sleepingBackupReadsItsMailBeforeItJudges() {
        start(false, false);
        hear(true);
        now += 60 * SECOND;
        machine.tick(now);
        assertRole(Role.STANDBY);
        hear(true, 4);
        assertRole(Role.STANDBY);
    }

    @Test
    void cleanStopIsSaidTwice() {
        start(true, false);
        hear(false);
        done.clear();
        machine.stop("stopping", now);
        assertThat(done).containsExactly("STANDBY: stopping", "say stopped", "say stopped");
    }

    @Test
    void otherTimesAreTakenUp() {
        start(false, false);
        hear(true);
        machine.setTiming(new HeartbeatTiming(false, false, SECOND / 10, SECOND, false), now);
        pass(0.9);
        assertRole(Role.STANDBY);
        pass(0.2);
        assertRole(Role.ACTIVE);
    }
}
