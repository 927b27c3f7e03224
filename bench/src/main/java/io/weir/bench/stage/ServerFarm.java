package io.weir.bench.stage;

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
import io.weir.schedulers.Schedulers;

import java.util.Objects;
import java.util.SplittableRandom;

/** A virtual service with servers of random weight and load. */
final class ServerFarm {
    private static final int FIRST_SERVER = 0x0a02_000b;
    private static final int MOST_CONNECTIONS = 50;
    private static final int MOST_WEIGHT = 8;

    private final VirtualService service;

    ServerFarm(String scheduler, int servers, SplittableRandom random) {
        Scheduler made = new Schedulers().create(scheduler, new Sysctls(), random.split());
        ServiceId id = ServiceId.of(ServiceId.TCP, IpAddress.v4(StageFrames.VIRTUAL), 80);
        service =
                new VirtualService(
                        id, ServiceSettings.of(scheduler), Objects.requireNonNull(made, scheduler));
        for (int i = 0; i < servers; i++) {
            int weight = 1 + random.nextInt(MOST_WEIGHT);
            RealServer server =
                    new RealServer(
                            id,
                            new ServerId(IpAddress.v4(FIRST_SERVER + i), 80),
                            i,
                            ServerSettings.of(ForwardingMethod.ROUTE, weight));
            server.setAvailable(true);
            load(server, random);
            service.add(server);
        }
    }

    private static void load(RealServer server, SplittableRandom random) {
        int inactive = random.nextInt(MOST_CONNECTIONS);
        int active = random.nextInt(MOST_CONNECTIONS);
        for (int i = 0; i < inactive + active; i++) {
            server.bindConnection();
        }
        for (int i = 0; i < active; i++) {
            server.activate();
        }
    }

    VirtualService service() {
        return service;
    }
}
