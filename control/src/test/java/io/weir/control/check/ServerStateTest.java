package io.weir.control.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckTiming;
import io.weir.control.config.Probe;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

class ServerStateTest {
    private static final IpAddress SERVER = IpAddress.v4(0x0a000001);
    private static final ServerKey KEY =
            new ServerKey(
                    ServiceId.of(ServiceId.TCP, IpAddress.v4(0x0a0000fe), 80),
                    new ServerId(SERVER, 80));

    @Test
    void itIsUpWhenEveryCheckIs() {
        ServerState state = server(check(80, 1), check(443, 1));
        assertThat(state.health()).isEqualTo(Health.UNKNOWN);
        state.ended(check(80, 1), true, 0, 0);
        assertThat(state.health()).isEqualTo(Health.UNKNOWN);
        state.ended(check(443, 1), true, 0, 0);
        assertThat(state.health()).isEqualTo(Health.UP);
        state.ended(check(80, 1), false, 0, 0);
        assertThat(state.health()).isEqualTo(Health.DOWN);
    }

    @Test
    void withoutChecksItIsUpAtOnce() {
        assertThat(server().health()).isEqualTo(Health.UP);
    }

    @Test
    void aChangedCheckTakesNothingDownAndBringsNothingUpUnchecked() {
        ServerState up = server(check(80, 1));
        up.ended(check(80, 1), true, 0, 0);
        adopt(up, check(81, 1));
        assertThat(up.health()).isEqualTo(Health.UP);
        up.ended(check(81, 1), false, 0, 0);
        assertThat(up.health()).isEqualTo(Health.DOWN);

        adopt(up, check(82, 1));
        assertThat(up.health()).as("still down").isEqualTo(Health.DOWN);
        up.ended(check(82, 1), true, 0, 0);
        assertThat(up.health()).isEqualTo(Health.UP);
    }

    @Test
    void theOthersHistoryIsKept() {
        ServerState state = server(check(80, 3), check(81, 1));
        state.ended(check(80, 3), true, 0, 0);
        state.ended(check(81, 1), true, 0, 0);
        state.ended(check(80, 3), false, 0, 0);
        state.ended(check(80, 3), false, 0, 0);
        adopt(state, check(82, 1), check(80, 3));
        assertThat(state.state(check(80, 3)).failures()).isEqualTo(2);
        state.ended(check(80, 3), false, 0, 0);
        assertThat(state.health()).isEqualTo(Health.DOWN);
    }

    @Test
    void whatAnotherProcessKnewIsTakenOverByName() {
        ServerHealth known =
                new ServerHealth(
                        KEY,
                        Health.DOWN,
                        Instant.EPOCH,
                        List.of(
                                new ServerHealth.CheckHealth(
                                        "tcp 10.0.0.1:80", Health.DOWN, "refused", 0, 4, 1),
                                new ServerHealth.CheckHealth(
                                        "tcp 10.0.0.1:443", Health.UP, "connected", 9, 0, 1)));
        ServerState state = new ServerState(known, List.of(check(80, 1), check(443, 1)), 0);
        assertThat(state.health()).isEqualTo(Health.DOWN);
        assertThat(state.state(check(443, 1)).passes()).isEqualTo(9);
        state.ended(check(80, 1), true, 0, 0);
        assertThat(state.health()).as("rise is 2").isEqualTo(Health.DOWN);
        state.ended(check(80, 1), true, 0, 0);
        assertThat(state.health()).isEqualTo(Health.UP);
    }

    @Test
    void aRestoredServerInServiceStaysWhateverItsNewChecksAre() {
        ServerHealth known = new ServerHealth(KEY, Health.UP, Instant.EPOCH, List.of());
        ServerState state = new ServerState(known, List.of(check(80, 2)), 0);
        assertThat(state.health()).isEqualTo(Health.UP);
        state.ended(check(80, 2), false, 0, 0);
        state.ended(check(80, 2), false, 0, 0);
        assertThat(state.health()).isEqualTo(Health.DOWN);
    }

    /** Any results and reloads, seen with nothing but the list of everything that happened. */
    @Test
    void noReloadTakesDownAndNothingUncheckedComesUp() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            ServerState state = new ServerState();
            Map<CheckConfig, History> histories = new HashMap<>();
            List<String> story = new ArrayList<>();
            for (int step = 0; step < 60; step++) {
                if (step == 0 || random.nextInt(8) == 0) {
                    reload(state, histories, anyChecks(random, step == 0), story);
                } else if (!histories.isEmpty()) {
                    List<CheckConfig> checks = new ArrayList<>(state.checks().keySet());
                    CheckConfig check = checks.get(random.nextInt(checks.size()));
                    boolean passed = random.nextInt(3) > 0;
                    history(histories, check).results.add(passed);
                    state.ended(check, passed, step, random.nextDouble());
                    story.add(check.port() + (passed ? "+" : "-") + state.health());
                }
                verify(state, histories, "seed " + seed + ": " + story);
            }
        }
    }

    private static void reload(
            ServerState state,
            Map<CheckConfig, History> histories,
            Set<CheckConfig> wanted,
            List<String> story) {
        Health before = state.health();
        state.adopt(wanted, check -> true, 0);
        histories.keySet().retainAll(wanted);
        boolean unchecked = false;
        for (CheckConfig check : wanted) {
            histories.computeIfAbsent(check, c -> new History(before == Health.UP));
            unchecked |= !history(histories, check).decided();
        }
        story.add("reload " + wanted.stream().map(CheckConfig::port).toList() + state.health());
        if (before == Health.UP) {
            assertThat(state.health()).as("%s", story).isEqualTo(Health.UP);
        } else if (unchecked) {
            assertThat(state.health()).as("%s", story).isNotEqualTo(Health.UP);
        }
    }

    private static void verify(
            ServerState state, Map<CheckConfig, History> histories, String story) {
        boolean allDecided = true;
        for (var entry : histories.entrySet()) {
            History history = entry.getValue();
            allDecided &= history.decided();
            if (history.decided() && !history.up(entry.getKey().timing())) {
                assertThat(state.health()).as(story).isEqualTo(Health.DOWN);
                return;
            }
        }
        if (allDecided) {
            assertThat(state.health()).as(story).isEqualTo(Health.UP);
        }
    }

    private static History history(Map<CheckConfig, History> histories, CheckConfig check) {
        return histories.computeIfAbsent(
                check,
                missing -> {
                    throw new AssertionError(missing);
                });
    }

    /** Everything that one check ever said. */
    private record History(boolean inService, List<Boolean> results) {
        History(boolean inService) {
            this(inService, new ArrayList<>());
        }

        boolean decided() {
            return inService || !results.isEmpty();
        }

        boolean up(CheckTiming timing) {
            return CheckStateTest.defined(timing, inService, results);
        }
    }

    private static Set<CheckConfig> anyChecks(Random random, boolean some) {
        List<CheckConfig> all = new ArrayList<>();
        for (int port = 1; port <= 4; port++) {
            all.add(check(port, 1 + port % 3));
        }
        Collections.shuffle(all, random);
        return new LinkedHashSet<>(all.subList(0, random.nextInt(some ? 1 : 0, 4)));
    }

    private static ServerState server(CheckConfig... checks) {
        ServerState state = new ServerState();
        adopt(state, checks);
        return state;
    }

    private static void adopt(ServerState state, CheckConfig... checks) {
        state.adopt(List.of(checks), check -> true, 0);
    }

    private static CheckConfig check(int port, int fall) {
        CheckTiming timing =
                new CheckTiming(
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        fall,
                        2,
                        true,
                        0);
        return new CheckConfig(
                new Probe.TcpConnect(), SERVER, port, CheckConfig.Path.DIRECT, timing);
    }
}
