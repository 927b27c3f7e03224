package io.weir.dataplane.worker;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_FOLLOWED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_ONE_PACKET;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_SERVER_IPV6;
import static io.weir.dataplane.flow.ConnectionTable.METHOD_MASK;

import io.weir.dataplane.director.Director;
import io.weir.dataplane.director.OutwardServers;
import io.weir.dataplane.director.ServerRegistry;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;

import org.jspecify.annotations.Nullable;

/**
 * Offers the kernel the flows of packets that take the steps: of a connection whose SYN goes to its
 * server, and of IPv6 packets, which have no fast path, that would take it if they were IPv4. Owned
 * by the worker.
 */
final class StepOffers {
    private static final int DECIDING_FLAGS = Tcp.SYN | Tcp.FIN | Tcp.RST | Tcp.ACK;
    private static final int PLAIN_MASK = FLAG_FOLLOWED | FLAG_ONE_PACKET | FLAG_SERVER_IPV6;
    private static final int METHODS =
            1 << ForwardingMethod.MASQUERADE.code() | 1 << ForwardingMethod.ROUTE.code();

    private final ConnectionTable table;
    private final ServerRegistry servers;
    private final OutwardServers outward;
    private @Nullable FlowOffload offload;

    StepOffers(Director director) {
        this.table = director.table();
        this.servers = director.servers();
        this.outward = director.outwardServers();
    }

    /** Offers them from now on. */
    void use(FlowOffload offloading) {
        offload = offloading;
    }

    /** A packet of a connection has been counted and goes on as it is, but for its forwarder. */
    void offer(Packet packet) {
        FlowOffload kernel = offload;
        if (kernel == null || packet.related() || !packet.portsPresent()) {
            return;
        }
        boolean opens = opens(packet);
        if (!opens && !plainIpv6(packet)) {
            return;
        }
        int slot = packet.connection();
        long condition = table.condition(slot);
        RealServer server = servers.get(table.serverNumber(slot));
        if (server == null || !server.available() || !plain(condition, packet.ipv6())) {
            return;
        }
        if (opens) {
            kernel.offerOpening(slot, server);
        } else {
            kernel.offer(slot, condition, server);
        }
    }

    private static boolean plain(long condition, boolean ipv6) {
        int flags = ConnectionTable.flagsOf(condition);
        return (METHODS >>> (flags & METHOD_MASK) & 1) != 0
                && (flags & PLAIN_MASK) == (ipv6 ? FLAG_SERVER_IPV6 : 0);
    }

    private static boolean opens(Packet packet) {
        return packet.protocol() == Ipv4.PROTOCOL_TCP
                && (packet.tcpFlags() & DECIDING_FLAGS) == Tcp.SYN
                && !packet.reply();
    }

    private boolean plainIpv6(Packet packet) {
        return packet.ipv6()
                && packet.ipHeaderBytes() == Ipv6.HEADER_BYTES
                && packet.largestFragment() == 0
                && (packet.protocol() == Ipv4.PROTOCOL_TCP
                        ? (packet.tcpFlags() & DECIDING_FLAGS) == Tcp.ACK
                        : packet.protocol() == Ipv4.PROTOCOL_UDP && plainDatagram(packet));
    }

    // Not the one that made its connection; some servers' datagrams begin connections.
    private boolean plainDatagram(Packet packet) {
        return outward.isEmpty() && (packet.reply() || table.packets(packet.connection()) > 1);
    }
}
