package io.weir.dataplane.director;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.Scheduler;
import io.weir.dataplane.testing.FirstServer;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

class ServerRegistryTest {
    private static final ServerSettings SETTINGS =
            ServerSettings.of(ForwardingMethod.MASQUERADE, 1);

    private final ServerRegistry registry = new ServerRegistry();
    private final VirtualService web = service(80);

    private static VirtualService service(int port) {
        Scheduler first = FirstServer.CATALOG.create("first", new Sysctls(), new Random(1));
        assertThat(first).isNotNull();
        ServiceId id = ServiceId.of(ServiceId.TCP, IpAddress.v4(1), port);
        return new VirtualService(id, ServiceSettings.of("first"), first);
    }

    private static ServerId id(int address) {
        return new ServerId(IpAddress.v4(address), 80);
    }

    private RealServer create(VirtualService service, int address) {
        RealServer made = registry.create(service, id(address), SETTINGS);
        assertThat(made).isNotNull();
        assertThat(made.available()).isTrue();
        assertThat(registry.get(made.number())).isSameAs(made);
        return made;
    }

    private void walk(long nowMillis) {
        registry.begin(nowMillis);
        while (registry.step() > 0) {
            // until all have been visited
        }
    }

    @Test
    void comesBackAsItWas() {
        RealServer server = create(web, 5);
        server.bindConnection();
        server.counters().in(100);
        registry.retire(server, web);
        assertThat(server.available()).isFalse();
        assertThat(registry.removed()).containsExactly(server);
        assertThat(create(web, 5)).isSameAs(server);
        assertThat(server.inactiveConnections()).isEqualTo(1);
        assertThat(server.counters().snapshot().inPackets()).isEqualTo(1);
        assertThat(registry.removed()).isEmpty();
    }

    @Test
    void aNewServiceOfTheSameNameCountsAfresh() {
        RealServer server = create(web, 5);
        server.bindConnection();
        server.counters().in(100);
        registry.retire(server, web);
        VirtualService again = service(80);
        assertThat(create(again, 5)).isSameAs(server);
        assertThat(server.owner()).isSameAs(again);
        assertThat(server.inactiveConnections()).isEqualTo(1);
        assertThat(server.counters().snapshot().inPackets()).isZero();
    }

    @Test
    void anotherServicesServerIsAnother() {
        RealServer server = create(web, 5);
        registry.retire(server, web);
        assertThat(create(service(81), 5)).isNotSameAs(server);
        assertThat(create(web, 6)).isNotSameAs(server);
    }

    @Test
    void isForgottenTwoMinutesAfterItsLastConnection() {
        RealServer server = create(web, 5);
        server.bindConnection();
        registry.retire(server, web);
        walk(1_000_000);
        server.unbindConnection(false);
        walk(2_000_000);
        walk(2_119_999);
        assertThat(registry.get(server.number())).isSameAs(server);
        walk(2_120_000);
        assertThat(registry.get(server.number())).isNull();
        assertThat(registry.removed()).isEmpty();
        assertThat(create(web, 5)).isNotSameAs(server);
    }

    @Test
    void numbersAreUsedAgain() {
        RealServer[] servers = new RealServer[200];
        for (int i = 0; i < servers.length; i++) {
            servers[i] = create(web, i);
            assertThat(servers[i].number()).isEqualTo(i);
        }
        registry.retire(servers[7], web);
        walk(0);
        walk(120_000);
        assertThat(create(web, 1000).number()).isEqualTo(7);
        assertThat(create(web, 1001).number()).isEqualTo(200);
    }

    @Test
    void saysWhenARemovedServerIsNoLongerInUse() {
        RealServer server = create(web, 5);
        server.bindConnection();
        registry.retire(server, web);
        walk(0);
        assertThat(registry.lingeringChanged()).isFalse();
        server.unbindConnection(false);
        walk(1000);
        assertThat(registry.lingeringChanged()).isTrue();
        walk(2000);
        assertThat(registry.lingeringChanged()).isFalse();
    }

    /** Against a list that is searched from end to end, as one would write it first. */
    @Test
    void keepsAndForgetsAsASlowModelDoes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<Integer, RealServer> present = new HashMap<>();
        Map<Integer, RealServer> kept = new HashMap<>();
        Map<Integer, Long> idleSince = new HashMap<>();
        long now = 0;
        for (int i = 0; i < 20_000; i++) {
            int address = random.nextInt(600);
            RealServer server = present.get(address);
            if (server == null) {
                RealServer made = create(web, address);
                assertThat(made == kept.remove(address) || !idleSince.containsKey(address))
                        .as("seed %d step %d", seed, i)
                        .isTrue();
                idleSince.remove(address);
                present.put(address, made);
            } else {
                present.remove(address);
                registry.retire(server, web);
                kept.put(address, server);
            }
            if (i % 100 == 0) {
                now += 30_000;
                walk(now);
                for (Integer idle : List.copyOf(kept.keySet())) {
                    long since = idleSince.computeIfAbsent(idle, any -> -1L);
                    if (since < 0) {
                        idleSince.put(idle, now);
                    } else if (now - since >= 120_000) {
                        kept.remove(idle);
                        idleSince.remove(idle);
                    }
                }
                assertThat(registry.removed())
                        .as("seed %d step %d", seed, i)
                        .containsExactlyInAnyOrderElementsOf(kept.values());
            }
        }
    }

    @Test
    void nobodyHasNoNumber() {
        assertThat(registry.get(-1)).isNull();
    }
}
