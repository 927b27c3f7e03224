package io.weir.dataplane.worker;

import io.weir.dataplane.director.Dispatcher;
import io.weir.dataplane.egress.LocalDelivery;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.host.HostStack;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.ForwardingMethod;

/**
 * The way of packets that are for the host itself: to its own stack, or where there is none to the
 * little one of weir. Owned by the worker.
 */
final class HostDelivery {
    private final LocalDelivery local;
    private final HostStack host;
    private final Dispatcher dispatcher;
    private final ConnectionTable table;
    private final DropCounters drops;

    HostDelivery(HostStack host, Dispatcher dispatcher, ConnectionTable table, DropCounters drops) {
        this.local = new LocalDelivery(drops);
        this.host = host;
        this.dispatcher = dispatcher;
        this.table = table;
        this.drops = drops;
    }

    /** Gives it the way to the host's own stack. */
    void attach(PacketPort loopback) {
        local.attach(loopback);
    }

    // Fragments are taken by their addresses alone, so some turn out to be the host's own.
    // So do errors about tunnels, where the host has its own tunnel to the same end.
    void deliver(Packet packet) {
        boolean hosts =
                isIcmp(packet) || (packet.largestFragment() != 0 && !dispatcher.serves(packet));
        if (!hosts || !local.deliver(packet)) {
            host.deliver(packet);
        }
    }

    private static boolean isIcmp(Packet packet) {
        return packet.protocol() == (packet.ipv6() ? Ipv4.PROTOCOL_ICMPV6 : Ipv4.PROTOCOL_ICMP);
    }

    // Whatever the method, the host gets the packet with the virtual address it has (as the kernel
    // does it for -g and -i); what it answers never passes here, so NAT cannot change a port.
    void deliverBalanced(Packet packet) {
        int slot = packet.connection();
        if (table.method(slot) == ForwardingMethod.MASQUERADE.code()
                && table.serverPort(slot) != table.virtualPort(slot)) {
            drops.drop(packet, DropReason.LOCAL_PORT);
        } else if (!local.deliver(packet)) {
            host.deliver(packet);
        }
    }

    /** Hands what is queued to the host. */
    void flush() {
        local.flush();
    }
}
