package io.weir.control.daemon;

import io.weir.control.address.NetlinkAddressHolder;
import io.weir.control.address.SteeringLinks;
import io.weir.control.check.HealthListener;
import io.weir.control.check.HealthMonitor;
import io.weir.control.check.NettyHealthMonitor;
import io.weir.control.event.EventSink;
import io.weir.control.failover.AddressHolder;
import io.weir.control.failover.Failover;
import io.weir.control.failover.RoleListener;
import io.weir.control.heartbeat.HeartbeatFailover;
import io.weir.control.router.RouterParts;
import io.weir.control.vrrp.VrrpFailover;

import java.io.IOException;

/** What a router is made of beside a kernel. */
final class LiveParts implements RouterParts {
    private final SteeringLinks links;

    /** Parts for a balancer whose packets are kept from the host by these. */
    LiveParts(SteeringLinks links) {
        this.links = links;
    }

    @Override
    public HealthMonitor openMonitor(HealthListener listener) {
        return NettyHealthMonitor.open(listener);
    }

    @Override
    public AddressHolder openAddresses(EventSink events) throws IOException {
        return NetlinkAddressHolder.open(events, links);
    }

    @Override
    public Failover openHeartbeat(AddressHolder addresses, RoleListener roles, EventSink events)
            throws IOException {
        return HeartbeatFailover.open(addresses, roles, events);
    }

    @Override
    public Failover openVrrp(AddressHolder addresses, RoleListener roles, EventSink events)
            throws IOException {
        return VrrpFailover.open(addresses, roles, events);
    }
}
