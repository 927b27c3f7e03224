package io.weir.control.router;

import io.weir.control.check.HealthListener;
import io.weir.control.check.HealthMonitor;
import io.weir.control.event.EventSink;
import io.weir.control.failover.AddressHolder;
import io.weir.control.failover.Failover;
import io.weir.control.failover.RoleListener;

import java.io.IOException;

/** Opens what a router is made of, each when a configuration first needs it. */
public interface RouterParts {
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
