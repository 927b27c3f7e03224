package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionLines.FLAG_EXPECTED;
import static io.weir.dataplane.flow.ConnectionLines.FLAG_NO_CLIENT_PORT;
import static io.weir.dataplane.flow.ConnectionLines.NONE;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.io.EndpointSteering.Side;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.spi.Expectations;

import org.jspecify.annotations.Nullable;

/**
 * Connections that an application gateway expects (recorded: ftp-nat). Their packets are taken from
 * the host from the moment they are expected until they end. Owned by the worker.
 */
public final class ExpectedConnections implements Expectations {
    private final ConnectionTable table;
    private final ConnectionLife life;
    private final ServerRegistry servers;
    private final EndpointSteering steering;
    private final DropCounters drops;
    private final Endpoints ends = new Endpoints();
    private int unknownPorts;

    ExpectedConnections(
            ConnectionTable table,
            ConnectionLife life,
            ServerRegistry servers,
            EndpointSteering steering,
            DropCounters drops) {
        this.table = table;
        this.life = life;
        this.servers = servers;
        this.steering = steering;
        this.drops = drops;
    }

    /** How many entries wait for a client whose port is not known yet. */
    public int unknownPorts() {
        return unknownPorts;
    }

    @Override
    public int expectFromClient(int control, @Nullable IpAddress server, int port) {
        RealServer real = servers.get(table.serverNumber(control));
        if (real == null) {
            return NONE;
        }
        clientToVirtual(control, 0, port);
        if (table.findForward(ends) != NONE) {
            // The same client and port by way of another control connection: the first packet
            // could be for either server, so this one has to wait until the other has come.
            return NONE;
        }
        IpAddress address = server == null ? real.id().address() : server;
        int slot = life.expect(control, ends, address, port, FLAG_NO_CLIENT_PORT);
        if (slot == NONE) {
            return NONE;
        }
        unknownPorts++;
        return steered(slot);
    }

    @Override
    public int expectFromServer(int control, Endpoints wanted, int serverPort) {
        RealServer real = servers.get(table.serverNumber(control));
        if (real == null) {
            return NONE;
        }
        table.identify(wanted);
        int present = table.findForward(wanted);
        if (present != NONE) {
            // The client offers the port of an earlier connection again.
            if (table.controller(present) == control) {
                life.listen(present);
                return present;
            }
            return NONE;
        }
        int slot = life.expect(control, wanted, real.id().address(), serverPort, 0);
        return slot == NONE ? NONE : steered(slot);
    }

    /**
     * Takes the packets of a connection from the host that another balancer's gateway has expected;
     * if that cannot be done the host has them.
     */
    void adopt(int slot) {
        table.setFlags(slot, table.flags(slot) | FLAG_EXPECTED);
        if (take(Side.VIRTUAL, slot)) {
            if (take(Side.SERVER, slot)) {
                return;
            }
            giveBack(Side.VIRTUAL, slot);
        }
        table.setFlags(slot, table.flags(slot) & ~FLAG_EXPECTED);
    }

    // What cannot be taken from the host would never come here.
    private int steered(int slot) {
        if (take(Side.VIRTUAL, slot)) {
            if (take(Side.SERVER, slot)) {
                return slot;
            }
            giveBack(Side.VIRTUAL, slot);
        }
        table.setFlags(slot, table.flags(slot) & ~FLAG_EXPECTED);
        forgetUnknownPort(slot);
        life.end(slot);
        return NONE;
    }

    @Override
    public void withdraw(int slot) {
        if (table.state(slot) == TcpState.LISTEN) {
            life.end(slot);
        }
    }

    /**
     * Finds the expected connection that a packet is the first of, and fills its client's port in.
     *
     * @return its slot, or {@link ConnectionTable#NONE}; the packet is dropped if the table is full
     */
    int claim(Packet packet) {
        if (unknownPorts == 0
                || packet.protocol() != ServiceId.TCP
                || (packet.tcpFlags() & (Tcp.SYN | Tcp.ACK | Tcp.RST)) != Tcp.SYN) {
            return NONE;
        }
        copyOf(packet.endpoints()).setPorts(0, packet.destinationPort());
        table.identify(ends);
        int waiting = table.findForward(ends);
        if (waiting == NONE || !table.has(waiting, FLAG_NO_CLIENT_PORT)) {
            return NONE;
        }
        int slot =
                life.expect(
                        table.controller(waiting),
                        packet.endpoints(),
                        serverAddress(waiting),
                        table.serverPort(waiting),
                        0);
        if (slot == NONE) {
            drops.drop(packet, DropReason.CONNECTION_TABLE_FULL);
            return NONE;
        }
        int claimed = steered(slot);
        life.end(waiting);
        return claimed;
    }

    /** An entry that was expected ends. */
    void ended(int slot) {
        forgetUnknownPort(slot);
        giveBack(Side.VIRTUAL, slot);
        giveBack(Side.SERVER, slot);
    }

    private void forgetUnknownPort(int slot) {
        if (table.has(slot, FLAG_NO_CLIENT_PORT)) {
            unknownPorts--;
        }
    }

    private boolean take(Side side, int slot) {
        return steering.take(
                ServiceId.TCP, side, high(side, slot), low(side, slot), port(side, slot));
    }

    private void giveBack(Side side, int slot) {
        steering.giveBack(ServiceId.TCP, side, high(side, slot), low(side, slot), port(side, slot));
    }

    private long high(Side side, int slot) {
        if (side == Side.VIRTUAL) {
            return table.ipv6(slot) ? table.virtualHigh(slot) : 0;
        }
        return table.serverIpv6(slot) ? table.serverHigh(slot) : 0;
    }

    private long low(Side side, int slot) {
        if (side == Side.VIRTUAL) {
            return table.ipv6(slot)
                    ? table.virtualLow(slot)
                    : EndpointSteering.mappedLow(table.virtual(slot));
        }
        return table.serverIpv6(slot)
                ? table.serverLow(slot)
                : EndpointSteering.mappedLow(table.server(slot));
    }

    private int port(Side side, int slot) {
        return side == Side.VIRTUAL ? table.virtualPort(slot) : table.serverPort(slot);
    }

    private IpAddress serverAddress(int slot) {
        RealServer real = servers.get(table.serverNumber(slot));
        if (real != null && sameAddress(real.id().address(), slot)) {
            return real.id().address();
        }
        return table.serverIpv6(slot)
                ? IpAddress.v6(table.serverHigh(slot), table.serverLow(slot))
                : IpAddress.v4(table.server(slot));
    }

    private boolean sameAddress(IpAddress address, int slot) {
        return address.ipv6() == table.serverIpv6(slot)
                && (address.ipv6()
                        ? address.high() == table.serverHigh(slot)
                                && address.low() == table.serverLow(slot)
                        : address.v4() == table.server(slot));
    }

    private void clientToVirtual(int control, int clientPort, int virtualPort) {
        if (table.ipv6(control)) {
            ends.setV6(
                    ServiceId.TCP,
                    table.clientHigh(control),
                    table.clientLow(control),
                    table.virtualHigh(control),
                    table.virtualLow(control));
        } else {
            ends.setV4(ServiceId.TCP, table.client(control), table.virtual(control));
        }
        ends.setPorts(clientPort, virtualPort);
        table.identify(ends);
    }

    private Endpoints copyOf(Endpoints packet) {
        return packet.ipv6()
                ? ends.setV6(
                        packet.protocol(),
                        packet.sourceHigh(),
                        packet.sourceLow(),
                        packet.destinationHigh(),
                        packet.destinationLow())
                : ends.setV4(packet.protocol(), packet.source(), packet.destination());
    }
}
