package io.weir.dataplane.egress;

import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;

import org.jspecify.annotations.Nullable;

/**
 * Hands packets to the network stack of the host that the balancer runs beside, for connections
 * whose real server is the host itself. Owned by the worker.
 */
public final class LocalDelivery {
    private final DropCounters drops;
    private @Nullable PacketPort loopback;

    public LocalDelivery(DropCounters drops) {
        this.drops = drops;
    }

    /** Gives it the way to the host; without one there is no host. */
    public void attach(PacketPort port) {
        loopback = port;
    }

    /**
     * Hands a packet over as it is.
     *
     * @return false if there is no host beside the balancer
     */
    public boolean deliver(Packet packet) {
        PacketPort port = loopback;
        if (port == null) {
            return false;
        }
        // The loopback interface's address is all zeros.
        Ethernet.setDestination(packet.frame(), 0);
        Ethernet.setSource(packet.frame(), 0);
        if (!port.transmit(packet.frame(), packet.frameBytes(), packet.vnetHeader())) {
            drops.drop(packet, DropReason.TRANSMIT_FULL);
        }
        return true;
    }

    /** Hands over what is queued. */
    public void flush() {
        PacketPort port = loopback;
        if (port != null) {
            port.flush();
        }
    }
}
