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

    @Test
    void comesBackAsItWas() {
        RealServer server = create(web, 5);
        server.bindConnection();
        server.counters().in(100);
        registry.retire(server, web);
        assertThat(server.available()).isFalse();
        assertThat(registry.lingering()).containsExactly(server);
        assertThat(create(web, 5)).isSameAs(server);
        assertThat(server.inactiveConnections()).isEqualTo(1);
        assertThat(server.counters().snapshot().inPackets()).isEqualTo(1);
        assertThat(registry.lingering()).isEmpty();
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
        registry.housekeeping(1_000_000);
        server.unbindConnection(false);
        registry.housekeeping(2_000_000);
        registry.housekeeping(2_119_999);
        assertThat(registry.get(server.number())).isSameAs(server);
        registry.housekeeping(2_120_000);
        assertThat(registry.get(server.number())).isNull();
        assertThat(registry.hasRemoved()).isFalse();
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
        registry.housekeeping(0);
        registry.housekeeping(120_000);
        assertThat(create(web, 1000).number()).isEqualTo(7);
        assertThat(create(web, 1001).number()).isEqualTo(200);
    }

    @Test
    void nobodyHasNoNumber() {
        assertThat(registry.get(-1)).isNull();
    }
}
