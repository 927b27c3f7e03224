package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_ONE_PACKET;
import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.VirtualService;

/**
 * cache_bypass: a service of a firewall mark in front of transparent caches that has no server left
 * lets packets pass to where they were going, as connections of the method Bypass. For addresses of
 * the host there is nothing to pass to (recorded: sysctl-bypass). Owned by the worker.
 */
final class CacheBypass {
    private final ConnectionLife life;
    private final Sysctls sysctls;
    private final Network network;
    private final DropCounters drops;

    CacheBypass(ConnectionLife life, Sysctls sysctls, Network network, DropCounters drops) {
        this.life = life;
        this.sysctls = sysctls;
        this.network = network;
        this.drops = drops;
    }

    /**
     * Makes a connection to the packet's own destination.
     *
     * @return its slot; {@link io.weir.dataplane.flow.ConnectionTable#NONE} if it is not to pass,
     *     or if it was dropped because the table is full
     */
    int connect(Packet packet, VirtualService service) {
        if (!sysctls.on(Sysctl.CACHE_BYPASS)
                || !service.id().isMark()
                || network.isDestinationUnroutable(packet.endpoints())) {
            return NONE;
        }
        boolean onePacket = service.settings().onePacket() && packet.protocol() == ServiceId.UDP;
        int slot = life.beginBypass(packet, onePacket ? FLAG_ONE_PACKET : 0);
        if (slot == NONE) {
            drops.drop(packet, DropReason.CONNECTION_TABLE_FULL);
        }
        return slot;
    }
}
