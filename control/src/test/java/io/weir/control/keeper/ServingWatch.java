package io.weir.control.keeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;

import java.lang.reflect.Proxy;
import java.util.HashSet;
import java.util.Set;

/**
 * Looks after each call of several that make one change, which packets may come between: a service
 * that has servers for new connections before and afterwards has some all the time.
 */
final class ServingWatch {
    private final Administration table;
    private final Administration watched;
    private Set<ServiceId> before = Set.of();
    private final Set<ServiceId> deserted = new HashSet<>();

    ServingWatch(Administration table) {
        this.table = table;
        this.watched =
                (Administration)
                        Proxy.newProxyInstance(
                                Administration.class.getClassLoader(),
                                new Class<?>[] {Administration.class},
                                (_, method, arguments) -> {
                                    Object result = method.invoke(table, arguments);
                                    look();
                                    return result;
                                });
    }

    /** The table, for whoever changes it. */
    Administration table() {
        return watched;
    }

    void begin() {
        before = serving();
        deserted.clear();
    }

    private void look() {
        Set<ServiceId> now = serving();
        before.stream().filter(service -> !now.contains(service)).forEach(deserted::add);
    }

    void end() {
        Set<ServiceId> left = new HashSet<>(deserted);
        left.retainAll(serving());
        assertThat(left).as("services without a server for a moment").isEmpty();
    }

    private Set<ServiceId> serving() {
        Set<ServiceId> serving = new HashSet<>();
        for (ServiceListing service : table.services()) {
            if (service.servers().stream()
                    .anyMatch(one -> one.settings().weight() > 0 && !one.draining())) {
                serving.add(service.id());
            }
        }
        return serving;
    }
}
