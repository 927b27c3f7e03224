package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.TunnelSettings;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.Scheduler;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;

/** A virtual service with a scheduler and its real servers, and what its owner does to them. */
final class Farm {
    static final int PORT = 8080;

    private static final ServiceId ID = ServiceId.of(ServiceId.TCP, address("10.1.0.100"), 80);

    final Sysctls sysctls = new Sysctls();
    final VirtualService service;
    final List<RealServer> removed = new ArrayList<>();
    private final FlowKey flow = new FlowKey();
    private int made;

    Farm(String scheduler, int flags, RandomGenerator random) {
        Scheduler created = new Schedulers().create(scheduler, sysctls, random);
        ServiceSettings plain = ServiceSettings.of(scheduler);
        ServiceSettings settings =
                new ServiceSettings(scheduler, flags, 0, plain.netmask(), false, null);
        service = new VirtualService(ID, settings, Objects.requireNonNull(created, scheduler));
    }

    static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text), text);
    }

    static ServerSettings settings(int weight, int upper, int lower) {
        return new ServerSettings(
                ForwardingMethod.MASQUERADE, weight, upper, lower, TunnelSettings.IPIP);
    }

    Scheduler scheduler() {
        return service.scheduler();
    }

    RealServer add(String server, int weight) {
        return add(new ServerId(address(server), PORT), settings(weight, 0, 0), true);
    }

    /** Adds a server, as the object it was before its removal if asked to. */
    RealServer add(ServerId id, ServerSettings settings, boolean revive) {
        RealServer server = null;
        for (RealServer candidate : removed) {
            if (candidate.id().equals(id)) {
                server = candidate;
            }
        }
        removed.remove(server);
        if (server == null || !revive) {
            server = new RealServer(ID, id, made++, settings);
        }
        server.configure(settings);
        server.setAvailable(true);
        service.add(server);
        return server;
    }

    void edit(RealServer server, ServerSettings settings) {
        server.configure(settings);
        scheduler().serverEdited(service, server);
    }

    void remove(RealServer server) {
        service.remove(server);
        server.setAvailable(false);
        removed.add(server);
    }

    RealServer server(String address) {
        return Objects.requireNonNull(
                service.server(new ServerId(address(address), PORT)), address);
    }

    FlowKey flow(IpAddress client, int clientPort, IpAddress virtual, int virtualPort) {
        return client.ipv6()
                ? flow.setV6(ServiceId.TCP, client, clientPort, virtual, virtualPort)
                : flow.setV4(ServiceId.TCP, client.v4(), clientPort, virtual.v4(), virtualPort);
    }

    @Nullable RealServer select(FlowKey packet, long nowMillis) {
        return scheduler().select(service, packet, nowMillis);
    }

    /** The last byte of the address of the server that some packet gets. */
    int pick() {
        return pick("192.0.2.1", "10.1.0.100", 0);
    }

    int pick(String client, String virtual, long nowMillis) {
        RealServer server = select(flow(address(client), 1024, address(virtual), 80), nowMillis);
        return server == null ? 0 : server.id().address().v4() & 0xff;
    }
}
