package io.weir.control.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.ConnectionSyncConfig;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncDaemonResult;
import io.weir.dataplane.sync.SyncRole;

import org.junit.jupiter.api.Test;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/** Which daemon runs in which role. */
class SyncDirectionTest {
    private static final ConnectionSyncConfig ON_ETH1 =
            new ConnectionSyncConfig("eth1", 5, 0, null, 0, 0, null);

    private final List<SyncDaemon> running = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();
    private SyncDaemonResult answer = SyncDaemonResult.DONE;
    private final SyncDirection direction = new SyncDirection(administration());

    private Administration administration() {
        return (Administration)
                Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {Administration.class},
                        (proxy, method, arguments) ->
                                switch (method.getName()) {
                                    case "syncDaemons" -> List.copyOf(running);
                                    case "startSyncDaemon" -> start((SyncDaemon) arguments[0]);
                                    case "stopSyncDaemon" -> stop((SyncRole) arguments[0]);
                                    case "synchroniseAsPair" -> null;
                                    case "setStandby" -> {
                                        asked.add("standby " + arguments[0]);
                                        yield null;
                                    }
                                    default -> throw new UnsupportedOperationException();
                                });
    }

    private SyncDaemonResult start(SyncDaemon daemon) {
        asked.add("start " + daemon.role().word() + " " + daemon.interfaceName());
        if (answer == SyncDaemonResult.DONE) {
            running.add(daemon);
        }
        return answer;
    }

    private SyncDaemonResult stop(SyncRole role) {
        asked.add("stop " + role.word());
        running.removeIf(daemon -> daemon.role() == role);
        return SyncDaemonResult.DONE;
    }

    @Test
    void everyRouterReceivesAndTheActiveOneSends() {
        direction.settle(ON_ETH1, false);
        direction.settle(ON_ETH1, false);
        direction.settle(ON_ETH1, true);
        direction.settle(ON_ETH1, false);
        assertThat(asked)
                .containsExactly(
                        "standby true",
                        "start backup eth1",
                        "standby true",
                        "standby false",
                        "start master eth1",
                        "standby true",
                        "stop master");
        assertThat(running)
                .containsExactly(
                        new SyncDaemon(
                                SyncRole.BACKUP,
                                "eth1",
                                5,
                                0,
                                SyncDaemon.DEFAULT_GROUP,
                                SyncDaemon.DEFAULT_PORT,
                                SyncDaemon.DEFAULT_TTL));
        direction.settle(null, true);
        assertThat(running).isEmpty();
        start(new SyncDaemon(SyncRole.BACKUP, "eth9", 0, 0, SyncDaemon.DEFAULT_GROUP, 1, 1));
        direction.settle(null, false);
        assertThat(running).hasSize(1);
    }

    @Test
    void anotherInterfaceIsTaken() {
        direction.settle(ON_ETH1, true);
        ConnectionSyncConfig onEth2 = new ConnectionSyncConfig("eth2", 5, 0, null, 0, 0, null);
        direction.settle(onEth2, true);
        assertThat(running).extracting(SyncDaemon::interfaceName).containsExactly("eth2", "eth2");
    }

    @Test
    void whatCouldNotStartIsTriedAgain() {
        answer = SyncDaemonResult.NO_INTERFACE;
        direction.settle(ON_ETH1, true);
        assertThat(direction.trouble()).isEqualTo("there is no interface eth1");
        answer = SyncDaemonResult.DONE;
        direction.settle(ON_ETH1, true);
        assertThat(direction.trouble()).isEmpty();
        assertThat(running).hasSize(2);
        running.clear();
        direction.settle(ON_ETH1, true);
        assertThat(running).hasSize(2);
    }
}
