package io.weir.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerLoads;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.VirtualService;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;

/** What an index knows of servers that two workers share. */
final class ServerIndexTest {
    private static final int SERVERS = 2 * ServerIndex.FEWEST;
    private static final ServiceId ID = ServiceId.of(ServiceId.TCP, Farm.address("10.1.0.100"), 80);

    private final ServerLoads loads = new ServerLoads(2);

    /** A worker's service, and what it should know of its servers, the first one at 0. */
    private final class Worker {
        final int number;
        final VirtualService service;
        final int[] own = new int[SERVERS];
        final int[] others = new int[SERVERS];
        final List<RealServer> bound = new ArrayList<>();
        private final Set<Integer> changed = new HashSet<>();
        private long millis;
        private int picks;

        Worker(int number, String scheduler, int upper) {
            this.number = number;
            SplittableRandom random = new SplittableRandom(number);
            service =
                    new VirtualService(
                            ID,
                            ServiceSettings.of(scheduler),
                            Objects.requireNonNull(
                                    new Schedulers().create(scheduler, new Sysctls(), random)));
            // New servers come to the head of the list.
            for (int i = SERVERS - 1; i >= 0; i--) {
                ServerId id = new ServerId(IpAddress.v4(0x0a020000 + i), Farm.PORT);
                service.add(
                        new RealServer(
                                ID,
                                id,
                                i,
                                Farm.settings(1 + i % 3, upper, 0),
                                loads.claim(ID, id),
                                number));
            }
        }

        @Nullable RealServer pick(long nowMillis) {
            FlowKey flow = new FlowKey().setV4(ServiceId.TCP, 1, 2, 3, 80);
            return service.scheduler().select(service, flow, nowMillis);
        }

        void bind(RealServer server) {
            server.bindConnection();
            own[server.number()]++;
            changed.add(server.number());
            bound.add(server);
        }

        void end(int which) {
            RealServer server = bound.remove(which);
            server.unbindConnection(false);
            own[server.number()]--;
            changed.add(server.number());
        }

        /** The first of the least loaded, by what is known of the other worker. */
        int expect(Worker other, long nowMillis) {
            picks = nowMillis == millis ? picks + 1 : 1;
            millis = nowMillis;
            if (picks == 1) {
                System.arraycopy(other.own, 0, others, 0, SERVERS);
            }
            // A server that changed here is looked at, so what the other has of it is seen, too.
            changed.forEach(i -> others[i] = other.own[i]);
            changed.clear();
            int least = 0;
            for (int i = 1; i < SERVERS; i++) {
                if (load(i).compareTo(load(least)) < 0) {
                    least = i;
                }
            }
            return least;
        }

        private Fraction load(int i) {
            return new Fraction(own[i] + others[i], 1 + i % 3);
        }
    }

    @Test
    void knowsOfTheOtherWorkerWhatWasWhenTheTreeWasRenewed() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Worker[] workers = {new Worker(0, "wlc", 0), new Worker(1, "wlc", 0)};
        long now = 1_000;
        int late = 0;
        for (int step = 0; step < 20_000; step++) {
            now += random.nextInt(30) == 0 ? 1 : 0;
            Worker worker = workers[random.nextInt(2)];
            if (random.nextInt(3) > 0 || worker.bound.isEmpty()) {
                int expected = worker.expect(workers[1 - worker.number], now);
                late += worker.picks > 1 ? 1 : 0;
                RealServer picked = Objects.requireNonNull(worker.pick(now));
                assertThat(picked.number()).as("seed %d, step %d", seed, step).isEqualTo(expected);
                worker.bind(picked);
            } else {
                worker.end(random.nextInt(worker.bound.size()));
            }
        }
        assertThat(late).as("picks by what was known").isGreaterThan(1_000);
    }

    @Test
    void aThresholdHoldsForAllWorkersAtAnyTime() {
        for (String scheduler : List.of("lc", "wlc", "sed", "nq", "fo", "ovf", "lblc", "twos")) {
            Worker one = new Worker(0, scheduler, 10);
            Worker other = new Worker(1, scheduler, 10);
            assertThat(one.pick(1)).as(scheduler).isNotNull();
            // All but one come to their threshold by what the other worker does.
            RealServer left = other.service.servers()[SERVERS / 2];
            for (RealServer server : other.service.servers()) {
                for (int i = 0; server != left && i < 10; i++) {
                    other.bind(server);
                }
            }
            for (int i = 0; i < 10; i++) {
                RealServer picked = one.pick(1);
                assertThat(picked).as(scheduler).isNotNull();
                assertThat(Objects.requireNonNull(picked).number()).isEqualTo(left.number());
            }
            while (!other.bound.isEmpty()) {
                other.end(0);
            }
        }
    }
}
