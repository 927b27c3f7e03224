package io.weir.control.keeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.Balancer;
import io.weir.control.check.Health;
import io.weir.control.check.ServerKey;
import io.weir.control.config.Configuration;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceListing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** A keeper whose changes are carried out on a balancer, checked after each step. */
final class KeptBalancer implements AutoCloseable {
    final ServiceKeeper keeper = new ServiceKeeper();
    final Map<ServerKey, Long> connections = new HashMap<>();
    final List<String> notices = new ArrayList<>();
    long now = 1_000_000;
    private final Balancer balancer = Balancer.builder().connections(64).build();
    private final ServingWatch watch = new ServingWatch(balancer.administration());
    private final TableWriter writer = new TableWriter(watch.table());

    Administration table() {
        return balancer.administration();
    }

    void reload(Configuration configuration) throws TableRefusal {
        ServiceKeeper.Plan plan = keeper.plan(configuration, now);
        watch.begin();
        writer.applyAll(plan.outcome().changes());
        watch.end();
        keeper.adopt(plan);
        tell(plan.outcome());
        verify();
    }

    void found(ServerKey server, Health health) {
        carryOut(keeper.healthChanged(server, health, health.name(), now));
    }

    void drain(ServerKey server, boolean on) {
        carryOut(keeper.drain(server, on, now));
    }

    void tick(long millis) {
        now += millis;
        carryOut(keeper.tick(now, key -> connections.getOrDefault(key, 0L)));
    }

    void carryOut(Outcome outcome) {
        watch.begin();
        assertThat(writer.applyEach(outcome.changes())).isEmpty();
        watch.end();
        tell(outcome);
        verify();
    }

    private void tell(Outcome outcome) {
        for (Notice notice : outcome.notices()) {
            notices.add(String.join("/", notice.subject()) + " " + notice.state());
        }
    }

    /** The balancer has what the keeper means. */
    private void verify() {
        assertThat(TableCheck.repairs(keeper.intended(), table()::service)).isEmpty();
    }

    /** What was told since the last call. */
    List<String> told() {
        List<String> told = List.copyOf(notices);
        notices.clear();
        return told;
    }

    /** The table, as "PORT: NUMBER=WEIGHT", where d marks a draining server. */
    String shown() {
        TreeSet<String> lines = new TreeSet<>();
        for (ServiceListing service : table().services()) {
            TreeSet<String> servers = new TreeSet<>();
            for (ServerListing server : service.servers()) {
                String address = server.id().address().toString();
                servers.add(
                        address.substring(address.lastIndexOf('.') + 1)
                                + "="
                                + server.settings().weight()
                                + (server.draining() ? "d" : ""));
            }
            lines.add(service.id().port() + ": " + String.join(" ", servers));
        }
        return String.join(", ", lines);
    }

    @Override
    public void close() {
        balancer.close();
    }
}
