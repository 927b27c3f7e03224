package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_MASQUERADED;
import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.io.EndpointSteering.Side;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.masquerade.MasqueradeTable;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

/**
 * Connections that real servers open themselves and that a rule hides behind an address (RFC 3022).
 * To the table they look like any connection by NAT: the other end is the client, the address in
 * front is the virtual one, and what the server sends are replies. They count for no server. The
 * endpoint they are answered at is taken from the host until they end.
 *
 * <p>The table finds entries by their client, so those to one end share a sequence, which has room
 * for {@link ConnectionTable#MAX_PROBES} of them. Owned by the worker.
 */
public final class Masquerading {
    /** The most connections at a time. */
    public static final int CAPACITY = 16_384;

    /** Ports for servers that do not keep their own; behind those Linux uses for itself. */
    static final int FIRST_PORT = 61_000;

    /** How many these are. */
    static final int PORTS = 4096;

    private static final int TRIES = 128;

    private final ConnectionTable table;
    private final ConnectionLife life;
    private final ServiceTable services;
    private final EndpointSteering steering;
    private final DropCounters drops;
    private final long secret;
    private final Endpoints ends = new Endpoints();
    private MasqueradeTable rules = MasqueradeTable.EMPTY;
    private boolean routing = true;
    private boolean routingIpv6 = true;
    private int connections;

    /**
     * Makes it without rules.
     *
     * @param secret of the process, so that nobody can tell the ports beforehand
     */
    Masquerading(
            ConnectionTable table,
            ConnectionLife life,
            ServiceTable services,
            EndpointSteering steering,
            DropCounters drops,
            long secret) {
        this.table = table;
        this.life = life;
        this.services = services;
        this.steering = steering;
        this.drops = drops;
        this.secret = secret;
    }

    /** The rules in force. */
    public MasqueradeTable rules() {
        return rules;
    }

    /** Replaces the rules; connections that there are stay as they are. */
    void replace(MasqueradeTable changed) {
        rules = changed;
    }

    /** Says which families are routed; nothing of the others is masqueraded. */
    public void route(boolean ipv4, boolean ipv6) {
        routing = ipv4;
        routingIpv6 = ipv6;
    }

    /** Connections at this moment. */
    int connections() {
        return connections;
    }

    /**
     * Makes a connection for a packet that would else be routed, if it opens one and a rule matches
     * it.
     *
     * @return its slot, of which the packet is a reply; {@link ConnectionTable#NONE} if it is not
     *     such a packet, or was dropped because there is no room or no address
     */
    int connect(Packet packet, Network network) {
        if (rules.isEmpty() || !opens(packet) || !(packet.ipv6() ? routingIpv6 : routing)) {
            return NONE;
        }
        Endpoints sent = packet.endpoints();
        MasqueradeRule rule = rules.match(sent);
        if (rule == null || network.isDestinationUnroutable(sent)) {
            return NONE;
        }
        if (connections == CAPACITY) {
            return refuse(packet, DropReason.MASQUERADE_FULL);
        }
        if (!addressed(sent, rule.behind(), network)) {
            return refuse(packet, DropReason.NO_ROUTE);
        }
        if (!choosePort(sent, rule)) {
            return refuse(packet, DropReason.MASQUERADE_PORTS);
        }
        int slot = life.beginMasqueraded(ends, server(sent), sent.sourcePort());
        if (slot == NONE) {
            boolean full = table.size() == table.capacity();
            return refuse(
                    packet, full ? DropReason.CONNECTION_TABLE_FULL : DropReason.MASQUERADE_PORTS);
        }
        if (!take(slot)) {
            // Nothing is to be given back when it ends.
            table.setFlags(slot, table.flags(slot) & ~FLAG_MASQUERADED);
            life.end(slot);
            return refuse(packet, DropReason.MASQUERADE_FULL);
        }
        connections++;
        return slot;
    }

    private int refuse(Packet packet, DropReason reason) {
        drops.drop(packet, reason);
        return NONE;
    }

    private static boolean opens(Packet packet) {
        return packet.portsPresent()
                && switch (packet.protocol()) {
                    case ServiceId.TCP ->
                            (packet.tcpFlags() & (Tcp.SYN | Tcp.ACK | Tcp.RST)) == Tcp.SYN;
                    case ServiceId.UDP -> true;
                    default -> false;
                };
    }

    private static IpAddress server(Endpoints sent) {
        return sent.ipv6()
                ? IpAddress.v6(sent.sourceHigh(), sent.sourceLow())
                : IpAddress.v4(sent.source());
    }

    // Sets the ends to those that the other end's packets will have, but for the port they go to.
    private boolean addressed(Endpoints sent, @Nullable IpAddress behind, Network network) {
        if (sent.ipv6()) {
            long high = sent.destinationHigh();
            long low = sent.destinationLow();
            IpAddress front = behind == null ? network.sourceFor(high, low) : behind;
            if (front == null) {
                return false;
            }
            ends.setV6(sent.protocol(), high, low, front.high(), front.low());
            table.identify(ends);
            return true;
        }
        int front = behind == null ? network.sourceFor(sent.destination()) : behind.v4();
        ends.setV4(sent.protocol(), sent.destination(), front);
        return front != 0;
    }

    // The server's own port where a rule names it, as active FTP needs its port 20. Any other may
    // be one of the host's, which would then get no packet any more.
    private boolean choosePort(Endpoints sent, MasqueradeRule rule) {
        if (rule.sourcePort() != 0 && free(sent.destinationPort(), sent.sourcePort())) {
            return true;
        }
        long mixed = mix(sent);
        int start = (int) (mixed >>> 40);
        int step = (int) (mixed >>> 20) | 1;
        for (int i = 0; i < TRIES; i++) {
            if (free(sent.destinationPort(), FIRST_PORT + (start + i * step & PORTS - 1))) {
                return true;
            }
        }
        return false;
    }

    private boolean free(int otherPort, int port) {
        ends.setPorts(otherPort, port);
        return table.findForward(ends) == NONE && !services.hasEndpoint(ends);
    }

    private long mix(Endpoints sent) {
        long server = (long) sent.source() << 16 | sent.sourcePort();
        long other = (long) sent.destination() << 16 | sent.destinationPort();
        long mixed = (server ^ secret) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ mixed >>> 32 ^ other) * 0xD1B54A32D192ED03L;
        return mixed ^ mixed >>> 29;
    }

    /** A connection of this kind ends. */
    void ended(int slot) {
        connections--;
        steering.giveBack(
                table.protocol(slot), Side.VIRTUAL, high(slot), low(slot), table.virtualPort(slot));
    }

    private boolean take(int slot) {
        return steering.take(
                table.protocol(slot), Side.VIRTUAL, high(slot), low(slot), table.virtualPort(slot));
    }

    private long high(int slot) {
        return table.ipv6(slot) ? table.virtualHigh(slot) : 0;
    }

    private long low(int slot) {
        return table.ipv6(slot)
                ? table.virtualLow(slot)
                : EndpointSteering.mappedLow(table.virtual(slot));
    }
}
