package io.weir.control.keeper;

import static io.weir.control.keeper.Farm.server;
import static io.weir.control.keeper.Farm.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.Balancer;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/** What packets meet while a change of several rules is under way. */
class TableWriterTest {
    private static final ServerEntry SERVES = entry(10, false);
    private static final ServerEntry DRAINS = entry(0, true);

    private final Balancer balancer = Balancer.builder().connections(64).build();
    private final List<String> met = new ArrayList<>();
    private final TableWriter writer = new TableWriter(watched(balancer.administration()));

    private static ServerEntry entry(int weight, boolean draining) {
        return ServerEntry.weighted(
                ServerSettings.of(ForwardingMethod.MASQUERADE, 1), weight, draining);
    }

    // Each call takes effect between two bursts of packets, so these meet what is after any of
    // them.
    private Administration watched(Administration table) {
        return (Administration)
                Proxy.newProxyInstance(
                        Administration.class.getClassLoader(),
                        new Class<?>[] {Administration.class},
                        (proxy, method, arguments) -> {
                            Object result = method.invoke(table, arguments);
                            met.add(shown(table));
                            return result;
                        });
    }

    private static String shown(Administration table) {
        ServiceListing service = table.service(tcp(80));
        if (service == null || service.servers().isEmpty()) {
            return "";
        }
        ServerListing server = service.servers().getFirst();
        return server.settings().weight() + (server.draining() ? " drains" : " serves");
    }

    @BeforeEach
    void addServer() throws TableRefusal {
        writer.applyAll(
                List.of(
                        new TableChange.AddService(tcp(80), ServiceSettings.of("sh")),
                        new TableChange.AddServer(tcp(80), server(1), SERVES)));
        met.clear();
    }

    @AfterEach
    void close() {
        balancer.close();
    }

    /** With weight 0 in its scheduler's table the clients of sh, dh and mh would be refused. */
    @Test
    void aServerIsHiddenFromItsSchedulerBeforeItsWeightIsZero() throws TableRefusal {
        writer.applyAll(List.of(new TableChange.EditServer(tcp(80), server(1), SERVES, DRAINS)));
        assertThat(met).containsExactly("10 drains", "0 drains");
    }

    @Test
    void aServerComesBackWithItsWeight() throws TableRefusal {
        TableChange leaves = new TableChange.EditServer(tcp(80), server(1), SERVES, DRAINS);
        writer.applyAll(List.of(leaves));
        met.clear();
        writer.takeBack(List.of(leaves));
        assertThat(met).containsExactly("10 drains", "10 serves");
    }

    /** As one that an operator has deleted during its drain, and a repair brings back. */
    @Test
    void aServerThatIsAddedDrainingIsNeverMetBeforeItDrains() throws TableRefusal {
        balancer.administration().deleteServer(tcp(80), server(1));
        ServerEntry drains = entry(10, true);
        writer.applyAll(List.of(new TableChange.AddServer(tcp(80), server(1), drains)));
        assertThat(met).containsExactly("10 drains");
    }
}
