package io.weir.control.keeper;

import static io.weir.control.keeper.Farm.checked;
import static io.weir.control.keeper.Farm.configuration;
import static io.weir.control.keeper.Farm.key;
import static io.weir.control.keeper.Farm.server;
import static io.weir.control.keeper.Farm.service;
import static io.weir.control.keeper.Farm.sorry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.check.Health;
import io.weir.control.check.ServerKey;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckTiming;
import io.weir.control.config.FailureAction;
import io.weir.control.config.Probe;
import io.weir.control.config.ServerConfig;
import io.weir.control.config.ServiceConfig;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;

/** What follows from health, from reloads, and from the operator's wishes. */
class ServiceKeeperTest {
    private final KeptBalancer kept = new KeptBalancer();

    @AfterEach
    void close() {
        kept.close();
    }

    @Test
    void aServerEntersWhenItsChecksPassAndLeavesWhenOneFails() throws TableRefusal {
        kept.reload(configuration(service(80, null, 1, checked(1), checked(2))));
        assertThat(kept.shown()).isEqualTo("80: ");
        assertThat(kept.told()).isEmpty();
        kept.found(key(80, 1), Health.UP);
        assertThat(kept.shown()).isEqualTo("80: 1=10");
        assertThat(kept.told()).containsExactly("service80/web1 up", "service80 up");
        kept.found(key(80, 2), Health.DOWN);
        assertThat(kept.shown()).isEqualTo("80: 1=10");
        assertThat(kept.told()).containsExactly("service80/web2 down");
        kept.found(key(80, 1), Health.DOWN);
        assertThat(kept.shown()).isEqualTo("80: ");
        assertThat(kept.told()).containsExactly("service80/web1 down", "service80 down");
        kept.found(key(80, 2), Health.UP);
        assertThat(kept.shown()).isEqualTo("80: 2=10");
    }

    @Test
    void quiesceLeavesWeightZeroButOnlyToWhoWasThere() throws TableRefusal {
        ServerConfig one = server(1, 10, FailureAction.QUIESCE, null);
        ServerConfig two = server(2, 10, FailureAction.QUIESCE, null);
        kept.reload(configuration(service(80, null, 1, one, two)));
        kept.found(key(80, 1), Health.DOWN);
        kept.found(key(80, 2), Health.UP);
        assertThat(kept.shown()).isEqualTo("80: 2=10");
        kept.found(key(80, 2), Health.DOWN);
        assertThat(kept.shown()).isEqualTo("80: 2=0");
        kept.found(key(80, 2), Health.UP);
        assertThat(kept.shown()).isEqualTo("80: 2=10");
    }

    @Test
    void theSorryServerStandsInBelowTheQuorum() throws TableRefusal {
        kept.reload(configuration(service(80, sorry(9), 2, checked(1), checked(2))));
        assertThat(kept.shown()).isEqualTo("80: 9=1");
        kept.found(key(80, 1), Health.UP);
        assertThat(kept.shown()).isEqualTo("80: 1=10 9=1");
        kept.connections.put(key(80, 9), 3L);
        kept.found(key(80, 2), Health.UP);
        assertThat(kept.shown()).isEqualTo("80: 1=10 2=10 9=0d");
        kept.tick(60_000);
        assertThat(kept.shown()).isEqualTo("80: 1=10 2=10 9=0d");
        kept.connections.clear();
        kept.tick(1_000);
        assertThat(kept.shown()).isEqualTo("80: 1=10 2=10");
        kept.told();
        kept.found(key(80, 1), Health.DOWN);
        assertThat(kept.shown()).isEqualTo("80: 2=10 9=1");
        assertThat(kept.told()).containsExactly("service80/web1 down", "service80 sorry");
    }

    @Test
    void whoLeavesTheFileDrainsUntilItsConnectionsEndOrHaveTo() throws TableRefusal {
        ServerConfig bounded = server(2, 10, FailureAction.REMOVE, Duration.ofSeconds(30));
        kept.reload(configuration(service(80, null, 1, checked(1), bounded, checked(3))));
        for (int i = 1; i <= 3; i++) {
            kept.found(key(80, i), Health.UP);
            kept.connections.put(key(80, i), 5L);
        }
        kept.told();
        kept.reload(configuration(service(80, null, 1, checked(3))));
        assertThat(kept.shown()).isEqualTo("80: 1=0d 2=0d 3=10");
        assertThat(kept.told())
                .containsExactly("service80/web1 draining", "service80/web2 draining");
        kept.tick(29_000);
        assertThat(kept.shown()).isEqualTo("80: 1=0d 2=0d 3=10");
        kept.tick(1_000);
        assertThat(kept.shown()).isEqualTo("80: 1=0d 3=10");
        assertThat(kept.told()).containsExactly("service80/web2 removed");
        kept.connections.put(key(80, 1), 0L);
        kept.tick(1_000);
        assertThat(kept.shown()).isEqualTo("80: 3=10");
    }

    @Test
    void aServiceThatLeavesTheFileLivesWithItsConnections() throws TableRefusal {
        kept.reload(configuration(service(80, sorry(9), 1, checked(1)), service(81, null, 1)));
        kept.found(key(80, 1), Health.UP);
        kept.connections.put(key(80, 1), 1L);
        kept.reload(configuration());
        assertThat(kept.shown()).isEqualTo("80: 1=0d 9=0d");
        kept.tick(1_000);
        assertThat(kept.shown()).isEqualTo("80: 1=0d");
        kept.connections.clear();
        kept.tick(1_000);
        assertThat(kept.shown()).isEmpty();
        assertThat(kept.keeper.services()).isEmpty();
    }

    @Test
    void whoComesBackIsCheckedFirst() throws TableRefusal {
        kept.reload(configuration(service(80, null, 1, checked(1))));
        kept.found(key(80, 1), Health.UP);
        kept.connections.put(key(80, 1), 1L);
        kept.reload(configuration(service(80, null, 1)));
        kept.reload(configuration(service(80, null, 1, checked(1))));
        assertThat(kept.shown()).isEqualTo("80: 1=0d");
        kept.tick(1_000_000);
        assertThat(kept.shown()).isEqualTo("80: 1=0d");
        kept.found(key(80, 1), Health.UP);
        assertThat(kept.shown()).isEqualTo("80: 1=10");
    }

    @Test
    void theOperatorDrainsAndLetsBackIn() throws TableRefusal {
        ServerConfig bounded = server(1, 10, FailureAction.REMOVE, Duration.ofSeconds(30));
        kept.reload(configuration(service(80, sorry(9), 1, bounded)));
        kept.found(key(80, 1), Health.UP);
        kept.tick(0);
        kept.drain(key(80, 1), true);
        assertThat(kept.shown()).isEqualTo("80: 1=0d 9=1");
        kept.tick(10_000);
        kept.drain(key(80, 1), true);
        kept.drain(key(80, 1), false);
        assertThat(kept.shown()).isEqualTo("80: 1=10 9=0d");
        kept.connections.put(key(80, 1), 5L);
        kept.drain(key(80, 1), true);
        kept.found(key(80, 1), Health.UP);
        kept.tick(30_000);
        assertThat(kept.shown()).isEqualTo("80: 9=1");
        kept.found(key(80, 1), Health.DOWN);
        kept.found(key(80, 1), Health.UP);
        assertThat(kept.shown()).isEqualTo("80: 9=1");
        kept.drain(key(80, 1), false);
        kept.tick(0);
        assertThat(kept.shown()).isEqualTo("80: 1=10");
    }

    @Test
    void anEditedCheckLeavesTheServerInService() throws TableRefusal {
        kept.reload(configuration(service(80, null, 1, checked(1))));
        kept.found(key(80, 1), Health.UP);
        ServerConfig edited =
                new ServerConfig(
                        "web1",
                        server(1),
                        ServerSettings.of(ForwardingMethod.ROUTE, 20),
                        List.of(Farm.check(1, Duration.ofSeconds(1))),
                        FailureAction.REMOVE,
                        false,
                        null,
                        null);
        kept.reload(configuration(service(80, null, 1, edited)));
        assertThat(kept.shown()).isEqualTo("80: 1=20");
        assertThat(kept.keeper.monitored().getFirst().method()).isEqualTo(ForwardingMethod.ROUTE);
        kept.found(key(80, 1), Health.UNKNOWN);
        assertThat(kept.shown()).isEqualTo("80: 1=20");
        kept.found(key(80, 1), Health.DOWN);
        assertThat(kept.shown()).isEqualTo("80: ");
    }

    @Test
    void whoIsOutOfTheTableWithoutChecksHasNotPassedThoseThatItGets() throws TableRefusal {
        kept.reload(configuration(service(80, null, 1, checked(1))));
        kept.found(key(80, 1), Health.DOWN);
        kept.drain(key(80, 1), true);
        kept.reload(configuration(service(80, null, 1, unchecked(1, 10))));
        kept.reload(configuration(service(80, null, 1, checked(1))));
        kept.drain(key(80, 1), false);
        assertThat(kept.shown()).isEqualTo("80: ");
    }

    private static ServerConfig unchecked(int number, int weight) {
        return new ServerConfig(
                "web" + number,
                server(number),
                ServerSettings.of(ForwardingMethod.MASQUERADE, weight),
                List.of(),
                FailureAction.REMOVE,
                false,
                null,
                null);
    }

    /** {@link KeptBalancer} sees to it that the service has one of them all the time. */
    @Test
    void whoTakesOverComesBeforeOthersLeave() throws TableRefusal {
        kept.reload(configuration(service(80, null, 1, unchecked(1, 10), unchecked(2, 0))));
        kept.reload(configuration(service(80, null, 1, unchecked(1, 0), unchecked(2, 10))));
        assertThat(kept.shown()).isEqualTo("80: 1=0 2=10");
        kept.reload(configuration(service(80, sorry(9), 1, unchecked(2, 0))));
        kept.tick(0);
        assertThat(kept.shown()).isEqualTo("80: 2=0 9=1");
        kept.reload(configuration(service(80, sorry(9), 1, unchecked(1, 10))));
        kept.tick(0);
        assertThat(kept.shown()).isEqualTo("80: 1=10");
    }

    @Test
    void schedulerAndPersistenceChangeUnderTheServers() throws TableRefusal {
        kept.reload(configuration(service(80, null, 1, checked(1))));
        kept.found(key(80, 1), Health.UP);
        ServiceConfig changed =
                new ServiceConfig(
                        "service80",
                        Farm.tcp(80),
                        new ServiceSettings("rr", 0, 300, -1, false, null),
                        List.of(checked(1)),
                        null,
                        1);
        kept.reload(configuration(changed));
        assertThat(kept.shown()).isEqualTo("80: 1=10");
        assertThat(kept.table().services().getFirst().settings().scheduler()).isEqualTo("rr");
        assertThat(kept.told()).doesNotContain("service80/web1 draining");
    }

    @Test
    void aRefusedChangeLeavesEverythingAsItWas() throws TableRefusal {
        kept.reload(configuration(service(80, null, 1, checked(1), checked(2))));
        kept.found(key(80, 1), Health.UP);
        kept.found(key(80, 2), Health.UP);
        ServiceConfig nonsense =
                new ServiceConfig(
                        "bad", Farm.tcp(82), ServiceSettings.of("nonsense"), List.of(), null, 1);
        assertThatThrownBy(
                        () ->
                                kept.reload(
                                        configuration(
                                                service(80, null, 1, checked(1)),
                                                service(81, sorry(9), 1),
                                                nonsense)))
                .isInstanceOf(TableRefusal.class)
                .hasMessage(
                        "service tcp 192.0.2.1:82: there is no such scheduler or persistence"
                                + " engine");
        assertThat(kept.shown()).isEqualTo("80: 1=10 2=10");
        kept.tick(1_000);
        assertThat(kept.shown()).isEqualTo("80: 1=10 2=10");
    }

    @Test
    void datagramsDoNotHoldAServerThatDrains() throws TableRefusal {
        ServiceId dns = ServiceId.of(ServiceId.UDP, Farm.ip("192.0.2.1"), 53);
        ServiceConfig service =
                new ServiceConfig(
                        "dns", dns, ServiceSettings.of("rr"), List.of(checked(1)), sorry(9), 1);
        kept.reload(configuration(service));
        kept.found(new ServerKey(dns, server(1)), Health.UP);
        kept.connections.put(new ServerKey(dns, server(9)), 1L);
        assertThat(kept.shown()).isEqualTo("53: 1=10 9=0d");
        kept.tick(0);
        assertThat(kept.shown()).isEqualTo("53: 1=10");
    }

    @Test
    void checkProgramsTellWeights() throws TableRefusal {
        CheckConfig program =
                new CheckConfig(
                        new Probe.Program(List.of("/bin/weight"), null, true),
                        Farm.ip("10.0.0.1"),
                        80,
                        CheckConfig.Path.DIRECT,
                        CheckTiming.nanny(Duration.ofSeconds(6), Duration.ofSeconds(6)));
        ServerConfig server =
                new ServerConfig(
                        "web1",
                        server(1),
                        ServerSettings.of(ForwardingMethod.MASQUERADE, 10),
                        List.of(program),
                        FailureAction.REMOVE,
                        false,
                        null,
                        null);
        kept.reload(configuration(service(80, sorry(9), 1, server)));
        kept.found(key(80, 1), Health.UP);
        kept.tick(0);
        kept.carryOut(kept.keeper.weightDemanded(key(80, 1), 3, kept.now));
        assertThat(kept.shown()).isEqualTo("80: 1=3");
        kept.carryOut(kept.keeper.weightDemanded(key(80, 1), 0, kept.now));
        assertThat(kept.shown()).isEqualTo("80: 1=0 9=1");
        kept.reload(configuration(service(80, null, 1, checked(1))));
        kept.tick(0);
        assertThat(kept.shown()).isEqualTo("80: 1=10");
    }

    @Test
    void aReloadOfManyServersTouchesWhatDiffers() {
        ServiceKeeper keeper = new ServiceKeeper();
        keeper.adopt(keeper.plan(configuration(many(10)), 0));
        for (int service = 0; service < 40; service++) {
            for (int i = 1; i <= 100; i++) {
                keeper.healthChanged(key(80 + service, i), Health.UP, "", 0);
            }
        }
        assertThat(keeper.plan(configuration(many(10)), 1).outcome()).isEqualTo(Outcome.NOTHING);
        assertThat(keeper.plan(configuration(many(11)), 1).outcome().changes())
                .singleElement()
                .isInstanceOfSatisfying(
                        TableChange.EditServer.class,
                        edit -> assertThat(edit.after().settings().weight()).isEqualTo(11));
    }

    /** 40 services of 100 servers, one of which has a weight of its own. */
    private static ServiceConfig[] many(int weight) {
        ServiceConfig[] services = new ServiceConfig[40];
        for (int service = 0; service < services.length; service++) {
            ServerConfig[] servers = new ServerConfig[100];
            for (int i = 1; i <= servers.length; i++) {
                boolean changed = service == 7 && i == 50;
                servers[i - 1] = server(i, changed ? weight : 10, FailureAction.REMOVE, null);
            }
            services[service] = service(80 + service, null, 1, servers);
        }
        return services;
    }

    @Test
    void serversAreFoundByNameAndAddress() throws TableRefusal {
        kept.reload(
                configuration(service(80, null, 1, checked(1)), service(81, null, 1, checked(1))));
        assertThat(kept.keeper.find("web1", null)).containsExactly(key(80, 1), key(81, 1));
        assertThat(kept.keeper.find("10.0.0.1", null)).hasSize(2);
        assertThat(kept.keeper.find("10.0.0.1:80", "service81")).containsExactly(key(81, 1));
        assertThat(kept.keeper.find("web", null)).isEmpty();
    }
}
