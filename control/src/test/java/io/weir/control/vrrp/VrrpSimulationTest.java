package io.weir.control.vrrp;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.FloatingAddress;
import io.weir.control.config.SyncGroupConfig;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.dataplane.net.IpAddress;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Routers in bad weather, again and again; when it has calmed down, each connected part of them has
 * exactly one active router for each virtual router, which has the addresses and is the one that
 * everybody sends to, and so it stays.
 *
 * <p>-Dweir.vrrp.simulation.seconds=600 runs it longer, -Dweir.vrrp.simulation.seed=N the same
 * again.
 */
final class VrrpSimulationTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int ROUNDS = 6;

    @Test
    void hasOneActiveRouterWhenItCalmsDown() {
        long budget = SECOND * Integer.getInteger("weir.vrrp.simulation.seconds", 4);
        Long fixed = Long.getLong("weir.vrrp.simulation.seed");
        long seed = fixed != null ? fixed : System.nanoTime();
        long start = System.nanoTime();
        long simulated = 0;
        int sites = 0;
        do {
            simulated += new Site(seed + sites).run();
            sites++;
        } while (fixed == null && System.nanoTime() - start < budget);
        System.out.printf(
                "VRRP simulation: seed %d, %d sites, %d hours%n",
                seed, sites, TimeUnit.NANOSECONDS.toHours(simulated));
    }

    /** One set of routers and what happens to them. */
    private static final class Site {
        private final long seed;
        private final Random random;
        private final SimulatedNetwork network;
        private final List<VrrpInstanceConfig> instances = new ArrayList<>();
        private List<SyncGroupConfig> groups = List.of();
        private final int[] priorities;
        private final boolean preempt;
        private boolean handedOver;
        private long slowest;

        Site(long seed) {
            this.seed = seed;
            random = new Random(seed);
            network = new SimulatedNetwork(random);
            priorities = new int[2 + random.nextInt(3)];
            preempt = random.nextBoolean();
            boolean equal = random.nextInt(4) == 0;
            for (int i = 0; i < priorities.length; i++) {
                network.add();
                priorities[i] = equal ? 100 : 1 + random.nextInt(i == 0 ? 255 : 254);
            }
            int count = 1 + random.nextInt(4);
            for (int i = 0; i < count; i++) {
                instances.add(instance(i));
            }
            if (count > 1 && random.nextBoolean()) {
                groups = List.of(together());
            }
        }

        private SyncGroupConfig together() {
            return new SyncGroupConfig(
                    "together", List.of(instances.get(0).name(), instances.get(1).name()));
        }

        private VrrpInstanceConfig instance(int i) {
            int version = random.nextBoolean() ? 2 : 3;
            boolean ipv6 = version == 3 && random.nextBoolean();
            long centiseconds =
                    version == 2
                            ? 100L * (1 + random.nextInt(3))
                            : random.nextInt(5) == 0 ? 5 : 20 + random.nextInt(300);
            Duration interval = Duration.ofMillis(10 * centiseconds);
            slowest = Math.max(slowest, interval.toNanos());
            String device = "net" + random.nextInt(2);
            List<FloatingAddress> addresses = new ArrayList<>();
            for (int j = 0; j < 1 + random.nextInt(2); j++) {
                IpAddress address =
                        ipv6
                                ? IpAddress.v6(0xfd00_0000_0000_0000L + i, 100 + j)
                                : IpAddress.v4(0x0a010000 + (i << 8) + 100 + j);
                addresses.add(new FloatingAddress(address, ipv6 ? 64 : 24, device, null));
            }
            return new VrrpInstanceConfig(
                    "vr" + i,
                    device,
                    10 + i,
                    version,
                    ipv6,
                    100,
                    interval,
                    preempt,
                    Duration.ofSeconds(random.nextInt(3) * 3L),
                    random.nextBoolean(),
                    addresses,
                    List.of(),
                    null,
                    random.nextInt(3) == 0 ? everybody(ipv6) : List.of(),
                    version == 2 && random.nextBoolean() ? "secret" : null,
                    random.nextBoolean(),
                    List.of(),
                    AnnouncementConfig.DEFAULT);
        }

        private List<IpAddress> everybody(boolean ipv6) {
            List<IpAddress> all = new ArrayList<>();
            network.routers().forEach(router -> all.add(router.address(ipv6)));
            return all;
        }

        // The same at each router but for the priority, which is the same in all instances.
        private List<VrrpInstanceConfig> of(SimulatedRouter router) {
            List<VrrpInstanceConfig> own = new ArrayList<>();
            for (VrrpInstanceConfig shared : instances) {
                List<IpAddress> peers = new ArrayList<>(shared.peers());
                peers.remove(router.address(shared.ipv6()));
                own.add(
                        new VrrpInstanceConfig(
                                shared.name(),
                                shared.device(),
                                shared.routerId(),
                                shared.version(),
                                shared.ipv6(),
                                priorities[router.index()],
                                shared.interval(),
                                shared.preempt(),
                                shared.preemptDelay(),
                                shared.startsActive(),
                                shared.addresses(),
                                List.of(),
                                null,
                                peers,
                                shared.password(),
                                shared.ipv4PseudoHeader(),
                                List.of(),
                                shared.announcements()));
            }
            assertThat(InstanceRules.violation(own, groups)).isNull();
            return own;
        }

        long run() {
            for (SimulatedRouter router : network.routers()) {
                router.configure(of(router), groups);
                network.at(random.nextLong(5 * SECOND), router::boot);
            }
            for (int round = 0; round < ROUNDS; round++) {
                storm();
                calm(round);
            }
            return network.now();
        }

        private void storm() {
            network.weather(random.nextDouble() * 0.4, random.nextDouble() * 0.2, 100);
            handedOver = false;
            long end = network.now() + (20 + random.nextInt(600)) * SECOND;
            while (network.now() < end) {
                network.run(network.now() + random.nextLong(10 * SECOND));
                SimulatedRouter router =
                        network.routers().get(random.nextInt(network.routers().size()));
                switch (random.nextInt(11)) {
                    case 0 -> network.partition(1 + random.nextInt(2));
                    case 1 -> router.crash();
                    case 2 -> {
                        if (!router.runs()) {
                            router.boot();
                        }
                    }
                    case 3 -> router.stop(random.nextLong(20 * SECOND));
                    case 4 -> router.link("net" + random.nextInt(2), random.nextBoolean());
                    case 5 -> {
                        router.handOver();
                        handedOver = true;
                    }
                    case 6 -> router.maintain(random.nextBoolean());
                    case 7 -> reprioritize(router);
                    case 8 -> regroup();
                    case 9 -> network.replay();
                    default ->
                            network.weather(
                                    random.nextDouble() * 0.4, 0.1, 1 + random.nextInt(300));
                }
            }
        }

        private void reprioritize(SimulatedRouter router) {
            if (priorities[router.index()] != 255) {
                priorities[router.index()] = 1 + random.nextInt(254);
                router.configure(of(router), groups);
            }
        }

        // By and by at all routers.
        private void regroup() {
            if (instances.size() > 1) {
                groups = groups.isEmpty() ? List.of(together()) : List.of();
                for (SimulatedRouter router : network.routers()) {
                    network.at(
                            network.now() + random.nextLong(2 * SECOND),
                            () -> router.configure(of(router), groups));
                }
            }
        }

        private void calm(int round) {
            network.weather(0, 0, 0);
            network.partition(1 + random.nextInt(2));
            for (SimulatedRouter router : network.routers()) {
                router.stop(0);
                if (!router.runs() && random.nextInt(3) > 0) {
                    router.boot();
                }
                router.maintain(false);
                for (String device : List.of("net0", "net1")) {
                    router.link(device, random.nextInt(6) > 0);
                }
            }
            network.run(network.now() + 20 * SECOND + 10 * slowest + 70 * SECOND);
            String when = "seed " + seed + ", round " + round + ", after convergence: ";
            check(when);
            long before = network.routers().stream().mapToLong(SimulatedRouter::changes).sum();
            // After a hand-over, who has the higher priority takes over again within a minute.
            network.run(network.now() + 90 * SECOND + 10 * slowest);
            check("seed " + seed + ", round " + round + ", later: ");
            if (!handedOver) {
                assertThat(network.routers().stream().mapToLong(SimulatedRouter::changes).sum())
                        .as(when + "role changes")
                        .isEqualTo(before);
            }
        }

        private void check(String when) {
            for (int component = 0; component < 2; component++) {
                List<SimulatedRouter> connected = new ArrayList<>();
                for (SimulatedRouter router : network.routers()) {
                    if (router.runs() && network.component(router) == component) {
                        connected.add(router);
                    }
                }
                for (VrrpInstanceConfig instance : instances) {
                    check(when + instance.name() + " in part " + component, connected, instance);
                }
            }
        }

        private void check(
                String when, List<SimulatedRouter> connected, VrrpInstanceConfig instance) {
            List<SimulatedRouter> able = new ArrayList<>();
            List<SimulatedRouter> active = new ArrayList<>();
            for (SimulatedRouter router : connected) {
                RouterGroup group = groupOf(router, instance);
                boolean up = devices(group).stream().allMatch(router::isUp);
                if (up) {
                    able.add(router);
                }
                assertThat(group.state() == GroupState.FAULT).as(when).isEqualTo(!up);
                boolean is = group.state() == GroupState.ACTIVE;
                if (is) {
                    active.add(router);
                }
                for (FloatingAddress address : instance.addresses()) {
                    assertThat(router.held().contains(address))
                            .as("%s, router %d is %s", when, router.index(), group.state())
                            .isEqualTo(is);
                }
            }
            assertThat(active).as(when + ", able " + able.size()).hasSize(able.isEmpty() ? 0 : 1);
            for (SimulatedRouter router : able) {
                SimulatedRouter holder = active.getFirst();
                for (FloatingAddress address : instance.addresses()) {
                    assertThat(router.neighbours().getOrDefault(address.address(), holder).index())
                            .as(when + ", neighbour of " + router.index())
                            .isEqualTo(holder.index());
                }
                if (preempt && !handedOver) {
                    assertThat(priorities[holder.index()])
                            .as(when + ", priority")
                            .isGreaterThanOrEqualTo(priorities[router.index()]);
                }
            }
        }

        private static RouterGroup groupOf(SimulatedRouter router, VrrpInstanceConfig instance) {
            VirtualRouters engine = Objects.requireNonNull(router.engine());
            return engine.groups().stream()
                    .filter(
                            group ->
                                    group.members().stream()
                                            .anyMatch(m -> m.name().equals(instance.name())))
                    .findFirst()
                    .orElseThrow();
        }

        private static Set<String> devices(RouterGroup group) {
            Set<String> devices = new HashSet<>();
            group.members().forEach(member -> devices.add(member.config().device()));
            return devices;
        }
    }
}
