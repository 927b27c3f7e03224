package io.weir.control.router;

import io.weir.control.check.HealthListener;
import io.weir.control.check.HealthMonitor;
import io.weir.control.check.ServerHealth;
import io.weir.control.event.EventSink;
import io.weir.control.failover.AddressHolder;
import io.weir.control.failover.Failover;
import io.weir.control.failover.RoleListener;

import java.io.IOException;
import java.util.List;

/** Opens what a router is made of, each when a configuration first needs it. */
public interface RouterParts {
    /** What is known of real servers before the first check: by the process before. */
    List<ServerHealth> known();

    /** Opens what makes checks, and goes on with those of {@link #known}. */
    HealthMonitor openMonitor(HealthListener listener);

    /**
     * Opens what puts floating addresses on interfaces.
     *
     * @throws IOException if the kernel refuses; one line for the operator
     */
    AddressHolder openAddresses(EventSink events) throws IOException;

    /**
     * Opens Piranha's heartbeat.
     *
     * @throws IOException if the kernel refuses; one line for the operator
     */
    Failover openHeartbeat(AddressHolder addresses, RoleListener roles, EventSink events)
            throws IOException;

    /**
     * Opens VRRP.
     *
     * @throws IOException if the kernel refuses; one line for the operator
     */
    Failover openVrrp(AddressHolder addresses, RoleListener roles, EventSink events)
            throws IOException;
}
