package io.weir.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.Sysctl;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;

final class LocalityLeastConnectionReplicatedTest {
    @Test
    void picksAsTheKernelDid() {
        Recording.replayAll(LocalityLeastConnectionReplicated.NAME);
    }

    @Test
    void picksAsTheModel() {
        RandomRun.compareAmongMany(LocalityLeastConnectionReplicated.NAME, random -> new Sets());
    }

    @Test
    void aSetShrinksOnceItHasNotChangedForLong() {
        Farm farm = new Farm(LocalityLeastConnectionReplicated.NAME, 0, new SplittableRandom(1));
        farm.sysctls.set(Sysctl.LBLCR_EXPIRATION, 2);
        RealServer two = farm.add("10.2.0.2", 4);
        RealServer one = farm.add("10.2.0.1", 4);
        assertThat(farm.pick("192.0.2.1", "10.1.8.1", 0)).isEqualTo(1);
        load(one, 5);
        assertThat(farm.pick("192.0.2.1", "10.1.8.1", 1000)).as("the set grows").isEqualTo(2);
        load(two, 3);
        assertThat(farm.pick("192.0.2.1", "10.1.8.1", 3000)).as("both").isEqualTo(2);
        farm.pick("192.0.2.1", "10.1.8.1", 3001);
        unload(one, 5);
        assertThat(farm.pick("192.0.2.1", "10.1.8.1", 3002)).as("one was dropped").isEqualTo(2);
        assertThat(farm.pick("192.0.2.1", "10.1.8.2", 3002)).isEqualTo(1);
    }

    private static void load(RealServer server, int connections) {
        for (int i = 0; i < connections; i++) {
            server.bindConnection();
            server.activate();
        }
    }

    private static void unload(RealServer server, int connections) {
        for (int i = 0; i < connections; i++) {
            server.unbindConnection(true);
        }
    }

    /** Every destination's servers, the youngest first. */
    private static final class Sets implements RandomRun.Model {
        private final Map<Long, List<ServerId>> sets = new HashMap<>();
        private final Map<Long, Long> changed = new HashMap<>();
        private final Map<ServerId, RealServer> known = new HashMap<>();

        @Override
        public void changed(Farm farm, RealServer server) {
            known.put(server.id(), server);
        }

        @Override
        public @Nullable RealServer expect(Farm farm, FlowKey flow, long nowMillis) {
            long destination = flow.virtualLow();
            farm.sysctls.set(Sysctl.LBLCR_EXPIRATION, 60);
            List<ServerId> set = sets.computeIfAbsent(destination, key -> new ArrayList<>());
            List<RealServer> members = new ArrayList<>();
            for (ServerId id : set) {
                members.add(Objects.requireNonNull(known.get(id)));
            }
            Optional<RealServer> best =
                    WeightedLeastConnectionTest.model(
                            members.stream().filter(RealServer::available).toList());
            if (set.size() > 1 && nowMillis > changed.get(destination) + 60_000) {
                members.stream()
                        .filter(member -> member.weight() > 0)
                        .min(Comparator.comparing(Sets::load).reversed())
                        .ifPresent(
                                most -> {
                                    set.remove(most.id());
                                    changed.put(destination, nowMillis);
                                });
            }
            if (best.isPresent()
                    && !LocalityLeastConnectionTest.overThere(best.get(), farm.service)) {
                return best.get();
            }
            best = WeightedLeastConnectionTest.model(farm.service.servers());
            best.ifPresent(
                    server -> {
                        if (!set.contains(server.id())) {
                            set.addFirst(server.id());
                            changed.put(destination, nowMillis);
                        }
                    });
            return best.orElse(null);
        }

        private static Fraction load(RealServer server) {
            return new Fraction(server.overhead(), server.weight());
        }
    }
}
