package io.weir.control.keeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.check.Health;
import io.weir.control.check.ServerKey;
import io.weir.control.config.Configuration;
import io.weir.control.config.FailureAction;
import io.weir.control.config.ServerConfig;
import io.weir.control.config.ServiceConfig;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random health, reloads, drains and time: the table is always what the model says. */
class RandomKeepingTest {
    private static final int ROUNDS = Integer.getInteger("weir.keeper.rounds", 20);
    private static final int STEPS = 300;
    private static final int SERVICES = 3;
    private static final int SERVERS = 5;
    private static final int SORRY = 9;

    private final long seed = new Random().nextLong();

    @Test
    void theTableIsWhatTheModelSays() throws TableRefusal {
        for (int round = 0; round < ROUNDS; round++) {
            run(seed + round);
        }
    }

    private static void run(long seed) throws TableRefusal {
        Random random = new Random(seed);
        StringBuilder history = new StringBuilder("seed " + seed);
        KeeperModel model = new KeeperModel();
        try (KeptBalancer kept = new KeptBalancer()) {
            for (int step = 0; step < STEPS; step++) {
                step(random, kept, model, history);
                assertThat(kept.shown()).as("%s", history).isEqualTo(model.shown());
                verifyNoneUnchecked(kept, model, history);
            }
        }
    }

    private static void step(
            Random random, KeptBalancer kept, KeeperModel model, StringBuilder history)
            throws TableRefusal {
        ServerKey key = Farm.key(80 + random.nextInt(SERVICES), 1 + random.nextInt(SERVERS));
        String name = key.service().port() + "/" + key.server().address();
        int kind = random.nextInt(10);
        if (kind < 4) {
            Health health = random.nextInt(3) == 0 ? Health.DOWN : Health.UP;
            history.append("\n").append(name).append(' ').append(health);
            kept.found(key, health);
            model.found(key, health, kept.now);
        } else if (kind < 6) {
            Configuration configuration = configuration(random);
            history.append("\nreload ").append(configuration.services());
            kept.reload(configuration);
            model.reload(configuration, kept.now);
        } else if (kind < 7) {
            boolean on = random.nextBoolean();
            history.append("\n").append(name).append(" drain ").append(on);
            kept.drain(key, on);
            model.drain(key, on, kept.now);
        } else if (kind < 8) {
            long count = random.nextInt(2);
            int number = random.nextInt(4) == 0 ? SORRY : 1 + random.nextInt(SERVERS);
            ServerKey busy = Farm.key(key.service().port(), number);
            history.append("\n").append(busy).append(" has ").append(count);
            kept.connections.put(busy, count);
        } else {
            long millis = random.nextInt(4) * 7_000L;
            history.append("\ntick ").append(millis);
            kept.tick(millis);
            model.tick(kept.now, kept.connections);
        }
    }

    private static Configuration configuration(Random random) {
        List<ServiceConfig> services = new ArrayList<>();
        for (int port = 80; port < 80 + SERVICES; port++) {
            if (random.nextInt(5) == 0) {
                continue;
            }
            List<ServerConfig> servers = new ArrayList<>();
            for (int number = 1; number <= SERVERS; number++) {
                if (random.nextInt(4) != 0) {
                    servers.add(server(random, number));
                }
            }
            // One of a service has always a sorry server, so that none changes under a drain.
            services.add(
                    new ServiceConfig(
                            "service" + port,
                            Farm.tcp(port),
                            ServiceSettings.of(random.nextBoolean() ? "rr" : "wlc"),
                            servers,
                            port == 80 ? null : Farm.sorry(SORRY),
                            1 + random.nextInt(2)));
        }
        return Farm.configuration(services);
    }

    private static ServerConfig server(Random random, int number) {
        boolean slow = number == 2;
        boolean checked = number != 3 || random.nextBoolean();
        return new ServerConfig(
                "web" + number,
                Farm.server(number),
                ServerSettings.of(ForwardingMethod.ROUTE, slow ? 200 : random.nextInt(4)),
                checked ? List.of(Farm.check(number, Duration.ofSeconds(6))) : List.of(),
                number == 4 ? FailureAction.QUIESCE : FailureAction.REMOVE,
                slow,
                null,
                number == 5 ? Duration.ofSeconds(20) : null);
    }

    private static void verifyNoneUnchecked(
            KeptBalancer kept, KeeperModel model, StringBuilder history) {
        for (ServiceListing service : kept.table().services()) {
            for (ServerListing server : service.servers()) {
                boolean sorry = server.id().equals(Farm.server(SORRY));
                if (!sorry && server.settings().weight() > 0) {
                    assertThat(model.mayServe(new ServerKey(service.id(), server.id())))
                            .as("%s", history)
                            .isTrue();
                }
            }
        }
    }
}
