package io.weir.control.vrrp;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.address.NetlinkAddressHolder;
import io.weir.control.config.SyncGroupConfig;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.control.event.Event;
import io.weir.control.failover.AddressHolder;
import io.weir.control.failover.Failover;
import io.weir.control.failover.Role;
import io.weir.control.lab.LabException;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/** A router in a network namespace, with real addresses, in the process of the test. */
final class TestRouter implements AutoCloseable {
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    private final NetworkNamespace namespace;
    private final AddressHolder addresses;
    private final VrrpFailover failover;
    private final Map<String, Role> roles = new ConcurrentHashMap<>();
    private final Map<String, Long> changedAt = new ConcurrentHashMap<>();
    private final List<Event> events = new CopyOnWriteArrayList<>();

    TestRouter(NetworkNamespace namespace) throws IOException {
        this.namespace = namespace;
        addresses = namespace.call(() -> NetlinkAddressHolder.open(events::add));
        failover = namespace.call(() -> VrrpFailover.open(addresses, this::changed, events::add));
    }

    private void changed(String instance, Role role, String reason) {
        changedAt.put(instance, System.nanoTime());
        roles.put(instance, role);
    }

    void configure(List<SyncGroupConfig> groups, VrrpInstanceConfig... instances)
            throws IOException {
        failover.configure(Instances.configuration(List.of(instances), groups));
    }

    void configure(List<VrrpInstanceConfig> instances) throws IOException {
        failover.configure(Instances.configuration(instances, List.of()));
    }

    VrrpFailover failover() {
        return failover;
    }

    Role role(String instance) {
        return roles.getOrDefault(instance, Role.FAULT);
    }

    /** When the role changed last, by System.nanoTime. */
    long changedAt(String instance) {
        return changedAt.getOrDefault(instance, 0L);
    }

    Failover.Status status(String instance) {
        return failover.status().stream()
                .filter(status -> status.instance().equals(instance))
                .findFirst()
                .orElseThrow();
    }

    /** The states of the events that concern an instance. */
    List<String> states(String instance) {
        List<String> states = new ArrayList<>();
        for (Event event : events) {
            if (event.subject().equals(List.of(instance))) {
                states.add(event.state());
            }
        }
        return states;
    }

    void awaitRole(String instance, Role role) throws InterruptedException {
        await(instance + " " + role, () -> role(instance) == role);
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting for: %s", what).isLessThan(end);
            Thread.sleep(2);
        }
    }

    /** Whether a namespace has an address. */
    static boolean has(NetworkNamespace namespace, String address) {
        try {
            return Namespaces.run(List.of("ip", "-n", namespace.toString(), "-o", "addr"), "")
                    .contains(" " + address + "/");
        } catch (LabException e) {
            throw new AssertionError(e);
        }
    }

    boolean has(String address) {
        return has(namespace, address);
    }

    @Override
    public void close() {
        failover.close();
        addresses.close();
    }
}
