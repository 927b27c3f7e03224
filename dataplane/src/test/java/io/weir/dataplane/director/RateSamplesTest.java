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
import io.weir.dataplane.service.TrafficCounters;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.testing.FirstServer;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/** Every counter is sampled once in a walk, and no step does more than it may. */
final class RateSamplesTest {
    private final ServiceTable services = new ServiceTable();
    private final TrafficCounters totals = new TrafficCounters();
    private final RateSamples rates = new RateSamples(services, totals);
    private final List<TrafficCounters> counters = new ArrayList<>();

    private VirtualService service(int port, int servers) {
        ServiceId id = ServiceId.of(ServiceId.TCP, IpAddress.v4(1), port);
        VirtualService service =
                new VirtualService(
                        id,
                        ServiceSettings.of("first"),
                        Objects.requireNonNull(
                                FirstServer.CATALOG.create("first", new Sysctls(), new Random(1))));
        services.add(service);
        counters.add(service.counters());
        for (int i = 0; i < servers; i++) {
            ServerSettings settings = ServerSettings.of(ForwardingMethod.ROUTE, 1);
            RealServer server =
                    new RealServer(id, new ServerId(IpAddress.v4(i + 2), 80), i, settings);
            service.add(server);
            counters.add(server.counters());
        }
        return service;
    }

    private int walk() {
        rates.begin();
        int steps = 0;
        for (int taken = rates.step(); taken > 0; taken = rates.step()) {
            assertThat(taken).isLessThanOrEqualTo(RateSamples.STEP);
            steps++;
        }
        return steps;
    }

    private void count(int packets) {
        for (TrafficCounters counter : counters) {
            for (int i = 0; i < packets; i++) {
                counter.in(100);
            }
        }
    }

    @Test
    void samplesEachCounterOnceInAWalk() {
        service(1, 0);
        service(2, 1);
        VirtualService third = service(3, 700);
        third.drain(third.servers()[5], true);
        service(4, 1000);
        count(8);
        assertThat(walk()).isEqualTo(Math.ceilDiv(counters.size(), RateSamples.STEP));
        assertThat(counters).allMatch(counter -> counter.snapshot().inPacketRate() == 1);
        count(800);
        walk();
        assertThat(counters).allMatch(counter -> counter.snapshot().inPacketRate() == 101);
    }

    @Test
    void aWalkThatIsNotOverGoesOn() {
        service(1, 300);
        count(8);
        rates.begin();
        rates.step();
        rates.begin();
        while (rates.step() > 0) {
            // to its end
        }
        assertThat(counters).allMatch(counter -> counter.snapshot().inPacketRate() == 1);
    }

    @Test
    void servicesMayGoMeanwhile() {
        VirtualService first = service(1, 300);
        VirtualService second = service(2, 10);
        count(8);
        rates.begin();
        rates.step();
        services.remove(second);
        first.remove(first.servers()[0]);
        while (rates.step() > 0) {
            // to its end
        }
        assertThat(first.counters().snapshot().inPacketRate()).isEqualTo(1);
        assertThat(walk()).isEqualTo(Math.ceilDiv(300, RateSamples.STEP));
    }
}
