package io.weir.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServerId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** A random life of a service, in which each pick must be the one of a slow and obvious model. */
final class RandomRun {
    private static final int RUNS = 300;
    private static final int STEPS = 300;
    private static final int FEW = 8;

    // About as many as from which on there is an index come and go, so that it begins and ends.
    private static final int MANY = 3 * ServerIndex.FEWEST;
    private static final int RUNS_OF_MANY = 40;

    // Beyond what an index has numbers for.
    private static final int HUGE_WEIGHT = 1 << 20;

    private static final int[] WEIGHTS = {0, 1, 1, 2, 3, 4, 6, 100, 65535};

    /** Says who must be picked; it hears of changes after they were made. */
    interface Model {
        @Nullable RealServer expect(Farm farm, FlowKey flow, long nowMillis);

        default void changed(Farm farm, RealServer server) {}

        default void added(Farm farm, RealServer server) {
            changed(farm, server);
        }

        default void removed(Farm farm, RealServer server) {
            changed(farm, server);
        }

        default void edited(Farm farm, RealServer server) {
            changed(farm, server);
        }
    }

    /** Makes a fresh model, with randomness that repeats the scheduler's. */
    interface ModelSource {
        Model make(RandomGenerator random);
    }

    private final SplittableRandom random;
    private final Farm farm;
    private final Model model;
    private final int most;
    private final List<RealServer> bound = new ArrayList<>();
    private final List<Boolean> active = new ArrayList<>();
    private long now = 1_000_000;

    private RandomRun(long seed, String scheduler, ModelSource source, int most) {
        this.most = most;
        this.random = new SplittableRandom(seed);
        this.farm = new Farm(scheduler, random.nextInt(4), new SplittableRandom(~seed));
        this.model = source.make(new SplittableRandom(~seed));
    }

    static void compare(String scheduler, ModelSource source) {
        compare(scheduler, RUNS, source);
    }

    static void compare(String scheduler, int runs, ModelSource source) {
        compare(scheduler, runs, source, FEW);
    }

    /** The same, and with so many servers that they are not looked at one by one. */
    static void compareAmongMany(String scheduler, ModelSource source) {
        compare(scheduler, source);
        compare(scheduler, RUNS_OF_MANY, source, MANY);
    }

    private static void compare(String scheduler, int runs, ModelSource source, int most) {
        long base = System.nanoTime();
        System.out.printf("%s: seed %d%n", scheduler, base);
        int picked = 0;
        for (long seed = base; seed < base + runs; seed++) {
            picked += new RandomRun(seed, scheduler, source, most).live("seed " + seed);
        }
        assertThat(picked).as("picks that found a server").isGreaterThan(runs * STEPS / 10);
    }

    private int live(String where) {
        int picked = 0;
        for (int i = FEW; i < most / 2; i++) {
            add();
        }
        for (int step = 0; step < STEPS; step++) {
            int kind = random.nextInt(100);
            if (kind < 3 || farm.service.servers().length == 0) {
                add();
            } else if (kind < 5) {
                RealServer server = anyServer();
                farm.remove(server);
                model.removed(farm, server);
            } else if (kind < 9) {
                RealServer server = anyServer();
                farm.edit(server, Farm.settings(weight(), threshold(), 0));
                model.edited(farm, server);
            } else if (kind < 25) {
                progress();
            } else {
                picked += pick(where + ", step " + step) ? 1 : 0;
            }
            now += random.nextInt(3000);
        }
        return picked;
    }

    private RealServer anyServer() {
        RealServer[] servers = farm.service.servers();
        return servers[random.nextInt(servers.length)];
    }

    private int weight() {
        if (most > FEW && random.nextInt(1000) == 0) {
            return HUGE_WEIGHT;
        }
        return WEIGHTS[random.nextInt(WEIGHTS.length)];
    }

    private int threshold() {
        return random.nextInt(3) == 0 ? 1 + random.nextInt(12) : 0;
    }

    private void add() {
        IpAddress address = IpAddress.v4(0x0a020001 + random.nextInt(most));
        ServerId id = new ServerId(address, Farm.PORT);
        if (farm.service.server(id) == null) {
            model.added(
                    farm,
                    farm.add(id, Farm.settings(weight(), threshold(), 0), random.nextBoolean()));
        }
    }

    // A connection of the past becomes active, inactive or ends.
    private void progress() {
        if (bound.isEmpty()) {
            return;
        }
        int which = random.nextInt(bound.size());
        RealServer server = bound.get(which);
        if (random.nextInt(3) == 0) {
            server.unbindConnection(active.get(which));
            bound.remove(which);
            active.remove(which);
        } else if (active.get(which)) {
            server.deactivate();
            active.set(which, false);
        } else {
            server.activate();
            active.set(which, true);
        }
    }

    private boolean pick(String where) {
        FlowKey flow =
                farm.flow(
                        IpAddress.v4(random.nextInt()),
                        random.nextInt(65536),
                        IpAddress.v4(0x0a010800 + random.nextInt(12)),
                        80);
        RealServer expected = model.expect(farm, flow, now);
        RealServer server = farm.select(flow, now);
        assertThat(server).as(where).isSameAs(expected);
        if (server == null) {
            return false;
        }
        server.bindConnection();
        boolean busy = random.nextInt(4) > 0;
        if (busy) {
            server.activate();
        }
        bound.add(server);
        active.add(busy);
        return true;
    }
}
