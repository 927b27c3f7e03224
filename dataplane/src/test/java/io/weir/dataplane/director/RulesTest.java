package io.weir.dataplane.director;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.egress.CachedClock;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.TunnelSettings;
import io.weir.dataplane.testing.FirstServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.SplittableRandom;

class RulesTest {
    private static final ServiceId WEB = service("10.1.0.100", 80);
    private static final ServiceSettings FIRST = ServiceSettings.of("first");
    private static final ServerId SERVER = server("10.2.0.11");
    private static final ServerSettings NAT = ServerSettings.of(ForwardingMethod.MASQUERADE, 1);

    private final Director director =
            new Director(
                    64,
                    FirstServer.CATALOG,
                    EndpointSteering.NONE,
                    new DropCounters(),
                    new CachedClock(),
                    new SplittableRandom(1),
                    WorkerShare.ALONE);

    @AfterEach
    void close() {
        director.close();
    }

    private static IpAddress address(String text) {
        IpAddress parsed = IpAddress.parse(text);
        assertThat(parsed).isNotNull();
        return parsed;
    }

    private static ServiceId service(String address, int port) {
        return ServiceId.of(ServiceId.TCP, address(address), port);
    }

    private static ServerId server(String address) {
        return new ServerId(address(address), 80);
    }

    private static ServerSettings limits(int weight, int upper, int lower) {
        return new ServerSettings(
                ForwardingMethod.MASQUERADE, weight, upper, lower, TunnelSettings.IPIP);
    }

    @Test
    void addsEditsAndDeletesServices() {
        assertThat(director.addService(WEB, FIRST)).isEqualTo(RuleResult.DONE);
        assertThat(director.addService(WEB, FIRST)).isEqualTo(RuleResult.SERVICE_EXISTS);
        ServiceSettings persistent = new ServiceSettings("first", 0, 60, -1, false, null);
        assertThat(director.editService(WEB, persistent)).isEqualTo(RuleResult.DONE);
        assertThat(director.services())
                .extracting(ServiceListing::settings)
                .containsExactly(persistent);
        assertThat(director.deleteService(WEB)).isEqualTo(RuleResult.DONE);
        assertThat(director.deleteService(WEB)).isEqualTo(RuleResult.NO_SERVICE);
        assertThat(director.editService(WEB, FIRST)).isEqualTo(RuleResult.NO_SERVICE);
        assertThat(director.services()).isEmpty();
        assertThat(director.service(WEB)).isNull();
    }

    @Test
    void addsEditsAndDeletesServers() {
        assertThat(director.addServer(WEB, SERVER, NAT)).isEqualTo(RuleResult.NO_SERVICE);
        director.addService(WEB, FIRST);
        assertThat(director.editServer(WEB, SERVER, NAT)).isEqualTo(RuleResult.NO_SERVER);
        assertThat(director.addServer(WEB, SERVER, NAT)).isEqualTo(RuleResult.DONE);
        assertThat(director.addServer(WEB, SERVER, NAT)).isEqualTo(RuleResult.SERVER_EXISTS);
        ServerSettings heavy = ServerSettings.of(ForwardingMethod.MASQUERADE, 9);
        assertThat(director.editServer(WEB, SERVER, heavy)).isEqualTo(RuleResult.DONE);
        director.addServer(WEB, server("10.2.0.12"), NAT);
        assertThat(director.service(WEB).servers())
                .as("the newest is first")
                .extracting(ServerListing::id)
                .containsExactly(server("10.2.0.12"), SERVER);
        assertThat(director.service(WEB).servers().getLast().settings()).isEqualTo(heavy);
        assertThat(director.deleteServer(WEB, SERVER)).isEqualTo(RuleResult.DONE);
        assertThat(director.deleteServer(WEB, SERVER)).isEqualTo(RuleResult.NO_SERVER);
        ServiceId other = service("10.1.0.100", 81);
        assertThat(director.deleteServer(other, SERVER)).isEqualTo(RuleResult.NO_SERVICE);
        assertThat(director.editServer(other, SERVER, NAT)).isEqualTo(RuleResult.NO_SERVICE);
    }

    private static ServerSettings gue(int port) {
        return new ServerSettings(
                ForwardingMethod.TUNNEL,
                1,
                0,
                0,
                new TunnelSettings(TunnelSettings.Type.GUE, port, TunnelSettings.Checksum.NONE));
    }

    @Test
    void takesEveryKindOfTunnel() {
        director.addService(WEB, FIRST);
        assertThat(director.addServer(WEB, SERVER, gue(6080))).isEqualTo(RuleResult.DONE);
        ServerSettings gre =
                new ServerSettings(
                        ForwardingMethod.TUNNEL,
                        1,
                        0,
                        0,
                        new TunnelSettings(
                                TunnelSettings.Type.GRE, 0, TunnelSettings.Checksum.FULL));
        assertThat(director.editServer(WEB, SERVER, gre)).isEqualTo(RuleResult.DONE);
        assertThat(director.service(WEB).servers().getFirst().settings()).isEqualTo(gre);
    }

    @Test
    void refusesWhatMakesNoSense() {
        ServiceSettings unknown = ServiceSettings.of("nonsense");
        assertThat(director.addService(WEB, unknown)).isEqualTo(RuleResult.NO_SCHEDULER);
        ServiceSettings engine = new ServiceSettings("first", 0, 60, -1, false, "sip");
        assertThat(director.addService(WEB, engine)).isEqualTo(RuleResult.NO_SCHEDULER);
        assertThat(director.addService(service("ff02::1", 80), FIRST))
                .isEqualTo(RuleResult.INVALID);
        for (String nobody : new String[] {"0.0.0.0", "224.0.0.1", "255.255.255.255"}) {
            assertThat(director.addService(service(nobody, 80), FIRST))
                    .isEqualTo(RuleResult.INVALID);
        }
        assertThat(director.services()).isEmpty();
        director.addService(WEB, FIRST);
        assertThat(director.editService(WEB, unknown)).isEqualTo(RuleResult.NO_SCHEDULER);
        assertThat(director.editService(WEB, engine)).isEqualTo(RuleResult.NO_SCHEDULER);
        assertThat(director.service(WEB).settings()).isEqualTo(FIRST);
        assertThat(director.addServer(WEB, server("fd00::1"), NAT)).isEqualTo(RuleResult.INVALID);
        assertThat(director.addServer(WEB, server("224.0.0.1"), NAT)).isEqualTo(RuleResult.INVALID);
        assertThat(director.addServer(WEB, SERVER, limits(-1, 0, 0)))
                .isEqualTo(RuleResult.OUT_OF_RANGE);
        assertThat(director.addServer(WEB, SERVER, limits(1, 5, 6)))
                .isEqualTo(RuleResult.OUT_OF_RANGE);
        assertThat(director.addServer(WEB, SERVER, gue(0))).isEqualTo(RuleResult.INVALID);
        assertThat(director.service(WEB).servers()).isEmpty();
        assertThat(director.addServer(WEB, SERVER, limits(70000, 5, 5))).isEqualTo(RuleResult.DONE);
    }

    @Test
    void clearsAll() {
        for (int i = 0; i < 500; i++) {
            director.addService(service("10.1.0.100", 1 + i), FIRST);
        }
        assertThat(director.services()).hasSize(500);
        director.clear();
        assertThat(director.services()).isEmpty();
    }

    @Test
    void countsFromZeroAgain() {
        director.addService(WEB, FIRST);
        director.totalCounters().in(100);
        assertThat(director.totals().inBytes()).isEqualTo(100);
        assertThat(director.zero(null)).isEqualTo(RuleResult.DONE);
        assertThat(director.totals().inBytes()).isZero();
        assertThat(director.zero(WEB)).isEqualTo(RuleResult.DONE);
        assertThat(director.zero(service("10.1.0.100", 81))).isEqualTo(RuleResult.NO_SERVICE);
    }

    @Test
    void saysWhenPacketsMustBeSteeredAnew() {
        director.steeringRules();
        assertThat(director.steeringStale()).isFalse();
        director.addService(WEB, ServiceSettings.of("nonsense"));
        assertThat(director.steeringStale()).isFalse();
        director.addService(WEB, FIRST);
        assertThat(director.steeringStale()).isTrue();
        director.steeringRules();
        director.addServer(WEB, SERVER, NAT);
        assertThat(director.steeringStale()).isTrue();
        Endpoints from =
                new Endpoints()
                        .setV4(ServiceId.TCP, address("10.2.0.11").v4(), 1)
                        .setPorts(80, 4000);
        assertThat(director.isFromNatServer(from)).isTrue();
        director.deleteServer(WEB, SERVER);
        assertThat(director.isFromNatServer(from)).isFalse();
    }
}
