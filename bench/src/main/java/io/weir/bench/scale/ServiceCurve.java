package io.weir.bench.scale;

import io.weir.dataplane.director.Director;
import io.weir.dataplane.director.WorkerShare;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.spi.GatewayFactory;
import io.weir.dataplane.worker.Worker;
import io.weir.dataplane.worker.WorkerOptions;
import io.weir.schedulers.Schedulers;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What rules cost with so many services, each with ten servers of its own reached by NAT. */
final class ServiceCurve {
    private static final int SERVERS = 10;
    private static final int LOOKUPS = 2_000_000;
    private static final ServerSettings NAT = ServerSettings.of(ForwardingMethod.MASQUERADE, 1);

    private final int services;
    private final Worker worker;
    private final Director director;
    private final List<ServiceId> ids = new ArrayList<>();
    private long nowMillis = 1_000_000;

    private ServiceCurve(int services) {
        this.services = services;
        worker =
                new Worker(
                        new WorkerOptions(
                                65_536,
                                8,
                                true,
                                true,
                                0,
                                new Schedulers(),
                                List.of(),
                                GatewayFactory.NONE,
                                EndpointSteering.NONE,
                                null,
                                () -> nowMillis,
                                () -> nowMillis,
                                new SplittableRandom(1),
                                fault -> {
                                    throw new AssertionError(fault);
                                },
                                WorkerShare.ALONE));
        director = worker.director();
        for (int i = 0; i < services; i++) {
            ids.add(ServiceId.of(6, IpAddress.v4(0x0a640000 + i), 80));
        }
    }

    /** Measures all of it and describes it in one line of Markdown. */
    static String measure(int services) {
        ServiceCurve curve = new ServiceCurve(services);
        try (curve.worker) {
            return curve.line();
        }
    }

    private String line() {
        Longest adding = new Longest();
        for (ServiceId id : ids) {
            adding.time(() -> director.addService(id, ServiceSettings.of("wrr")));
        }
        for (int i = 0; i < services * SERVERS; i++) {
            ServerId server = new ServerId(IpAddress.v4(0x0ac00000 + i), 80);
            ServiceId id = ids.get(i / SERVERS);
            adding.time(() -> director.addServer(id, server, NAT));
        }
        double lookup = lookUp();
        Longest listing = new Longest();
        listing.time(director::serviceServers);
        Longest steering = new Longest();
        steering.time(director::steeringSources);
        Longest cycles = cycles();
        Longest deleting = new Longest();
        for (ServiceId id : ids) {
            deleting.time(() -> director.deleteService(id));
        }
        Longest forgetting = cycles();
        return "| %,d | %.1f | %.0f | %.0f | %.2f | %.2f | %.2f | %.1f | %.2f |"
                .formatted(
                        services,
                        adding.sum / 1e3 / (services * (SERVERS + 1)),
                        adding.nanos / 1e3,
                        lookup,
                        listing.nanos / 1e6,
                        steering.nanos / 1e6,
                        cycles.nanos / 1e6,
                        deleting.sum / 1e3 / services,
                        forgetting.nanos / 1e6);
    }

    /** The cycles of five seconds, in which rates and slow work are due. */
    private Longest cycles() {
        Longest longest = new Longest();
        for (int i = 0; i < 500; i++) {
            nowMillis += 10;
            int[] work = {1};
            while (work[0] > 0) {
                longest.time(() -> work[0] = worker.runOnce());
            }
        }
        return longest;
    }

    private double lookUp() {
        SplittableRandom random = new SplittableRandom(5);
        Endpoints ends = new Endpoints();
        int found = 0;
        long start = System.nanoTime();
        for (int i = 0; i < LOOKUPS; i++) {
            ends.setV4(6, i, 0x0a640000 + random.nextInt(services)).setPorts(1024, 80);
            found += director.serviceTable().lookup(ends, 0) == null ? 0 : 1;
        }
        double nanos = (double) (System.nanoTime() - start) / LOOKUPS;
        if (found != LOOKUPS) {
            throw new AssertionError(found + " of " + LOOKUPS + " were found");
        }
        return nanos;
    }

    /** The longest and the sum of several times. */
    private static final class Longest {
        private long nanos;
        private long sum;

        void time(Runnable work) {
            long start = System.nanoTime();
            work.run();
            long took = System.nanoTime() - start;
            nanos = Math.max(nanos, took);
            sum += took;
        }
    }
}
