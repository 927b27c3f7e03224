package io.weir.control.daemon;

import io.weir.control.address.NetlinkAddressHolder;
import io.weir.control.address.SteeringLinks;
import io.weir.control.check.HealthListener;
import io.weir.control.check.HealthMonitor;
import io.weir.control.check.NettyHealthMonitor;
import io.weir.control.check.ServerHealth;
import io.weir.control.event.EventSink;
import io.weir.control.failover.AddressHolder;
import io.weir.control.failover.Failover;
import io.weir.control.failover.RoleListener;
import io.weir.control.heartbeat.HeartbeatFailover;
import io.weir.control.router.RouterParts;
import io.weir.control.vrrp.VrrpFailover;

import java.io.IOException;
import java.util.List;

/** What a router is made of beside a kernel. */
final class LiveParts implements RouterParts {
    private final SteeringLinks links;
    private final List<ServerHealth> known;

    /**
     * Parts for a balancer.
     *
     * @param links keep its packets from the host
     * @param known what the process before has known of real servers
     */
    LiveParts(SteeringLinks links, List<ServerHealth> known) {
        this.links = links;
        this.known = List.copyOf(known);
    }

    @Override
    public List<ServerHealth> known() {
        return known;
    }

    @Override
    public HealthMonitor openMonitor(HealthListener listener) {
        HealthMonitor monitor = NettyHealthMonitor.open(listener);
        monitor.restore(known);
        return monitor;
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
