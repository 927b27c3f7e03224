package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_EXPECTED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_FOLLOWED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_INACTIVE;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_MASQUERADED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_NO_OUTPUT;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_ONE_PACKET;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_PORT_TEMPLATE;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_RETIRED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_TEMPLATE;
import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.flow.ExpiryWheel;
import io.weir.dataplane.flow.PersistenceData;
import io.weir.dataplane.flow.SctpState;
import io.weir.dataplane.flow.StateTimeouts;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServiceId;

/**
 * How connections and templates begin, change state and end, with the counts their servers keep.
 * Owned by the worker.
 */
public final class ConnectionLife implements ExpiryWheel.ExpiryListener {
    /** The state of a template that an established connection or a reply has proved. */
    public static final int TEMPLATE_ASSURED = 1;

    /** The server of a connection that has none, as listings show it. */
    private static final IpAddress NOWHERE = IpAddress.v4(0);

    private final ConnectionTable table;
    private final PersistenceData persistenceData;
    private final ExpiryWheel wheel;
    private final ServerRegistry servers;
    private final StateTimeouts timeouts;
    private final Defence defence;
    private final SteadyLife steady;
    private final ConnectionListeners listeners = new ConnectionListeners();
    private int nowTick;

    public ConnectionLife(
            ConnectionTable table,
            PersistenceData persistenceData,
            ExpiryWheel wheel,
            ServerRegistry servers,
            StateTimeouts timeouts,
            Defence defence) {
        this.table = table;
        this.persistenceData = persistenceData;
        this.wheel = wheel;
        this.servers = servers;
        this.timeouts = timeouts;
        this.steady = new SteadyLife(timeouts, defence);
        this.defence = defence;
    }

    /** Who is told when connections change or end. */
    ConnectionListeners listeners() {
        return listeners;
    }

    /** Sets the time of this cycle, in the wheel's ticks. */
    void setNow(int tick) {
        nowTick = tick;
    }

    /**
     * Begins a connection; its first packet will set its state.
     *
     * @param ends from the client to the virtual address
     * @param flags {@link ConnectionTable#FLAG_ONE_PACKET} or 0
     * @return its slot, or {@link ConnectionTable#NONE} if the table is full
     */
    int begin(Endpoints ends, RealServer server, int serverPort, int flags) {
        int all = flags | FLAG_INACTIVE | server.method().code();
        if (server.method() != ForwardingMethod.MASQUERADE) {
            all |= FLAG_NO_OUTPUT;
        } else if (listeners.follows(ends.protocol(), ends.destinationPort())) {
            all |= FLAG_FOLLOWED;
        }
        if ((flags & FLAG_ONE_PACKET) != 0) {
            all |= FLAG_RETIRED;
        }
        int slot = table.insert(ends, server.id().address(), serverPort, all, server.number());
        if (slot != NONE) {
            takesReplies(slot);
            server.bindConnection();
            if ((all & FLAG_FOLLOWED) != 0) {
                listeners.followedBegins();
            }
            wheel.schedule(slot, StateTimeouts.NEW, nowTick);
        }
        return slot;
    }

    // Where an older connection shares the server's and the client's end, the kernel may be
    // forwarding replies as that one's.
    void takesReplies(int slot) {
        int before = table.replies().hiddenBy(slot);
        if (before != NONE) {
            listeners.changes(before);
        }
    }

    /** The time of this cycle, in the wheel's ticks. */
    int now() {
        return nowTick;
    }

    /** Lets an application gateway follow a connection that it wants: the flag for it, or 0. */
    int follow(Endpoints ends) {
        if (!listeners.follows(ends.protocol(), ends.destinationPort())) {
            return 0;
        }
        listeners.followedBegins();
        return FLAG_FOLLOWED;
    }

    /**
     * Begins a connection to the packet's own destination, without a server.
     *
     * @param flags {@link ConnectionTable#FLAG_ONE_PACKET} or 0
     * @return its slot, or {@link ConnectionTable#NONE} if the table is full
     */
    int beginBypass(Packet packet, int flags) {
        int all = flags | FLAG_INACTIVE | FLAG_NO_OUTPUT | ForwardingMethod.BYPASS.code();
        if ((flags & FLAG_ONE_PACKET) != 0) {
            all |= FLAG_RETIRED;
        }
        int slot = table.insert(packet.endpoints(), NOWHERE, 0, all, NONE);
        if (slot != NONE) {
            wheel.schedule(slot, StateTimeouts.NEW, nowTick);
        }
        return slot;
    }

    /**
     * Begins a connection that a real server opened; its first packet will set its state.
     *
     * @param ends from the other end to the address it is masqueraded behind
     * @return its slot, or {@link ConnectionTable#NONE} if the table is full
     */
    int beginMasqueraded(Endpoints ends, IpAddress server, int serverPort) {
        int all = FLAG_MASQUERADED | FLAG_INACTIVE | ForwardingMethod.MASQUERADE.code();
        int slot = table.insert(ends, server, serverPort, all, NONE);
        if (slot != NONE) {
            takesReplies(slot);
            wheel.schedule(slot, StateTimeouts.NEW, nowTick);
        }
        return slot;
    }

    /** How long an entry lives without a packet, in seconds. */
    public int timeoutSeconds(int slot) {
        return wheel.timeoutSeconds(slot);
    }

    /** How long no packet has renewed an entry, in the wheel's ticks. */
    int idleTicks(int slot) {
        return wheel.idleTicks(slot, nowTick);
    }

    /**
     * Begins a connection that another one has agreed on, in state LISTEN until its first packet.
     *
     * @param control the other one, whose real server it counts for
     * @param ends from the client to the virtual address
     * @param flags {@link ConnectionTable#FLAG_NO_CLIENT_PORT} or 0
     * @return its slot, or {@link ConnectionTable#NONE} if the table is full
     */
    int expect(int control, Endpoints ends, IpAddress server, int serverPort, int flags) {
        int number = table.serverNumber(control);
        int all = flags | FLAG_EXPECTED | FLAG_INACTIVE | ForwardingMethod.MASQUERADE.code();
        int slot = table.insert(ends, server, serverPort, all, number);
        if (slot == NONE) {
            return NONE;
        }
        takesReplies(slot);
        RealServer real = servers.get(number);
        if (real != null) {
            real.bindConnection();
        }
        table.setState(slot, TcpState.LISTEN);
        wheel.schedule(slot, timeouts.tcp(TcpState.LISTEN), nowTick);
        control(control, slot);
        return slot;
    }

    /** Lets a connection wait for its first packet again. */
    void listen(int slot) {
        table.setState(slot, TcpState.LISTEN);
        count(slot, false);
        wheel.renew(slot, timeouts.tcp(TcpState.LISTEN), nowTick);
    }

    /**
     * Begins a persistence template.
     *
     * @param template its ends, as {@link ConnectionTable#findTemplate} takes them
     * @return its slot, or {@link ConnectionTable#NONE} if the table is full
     */
    int beginTemplate(Endpoints template, RealServer server, int serverPort, int timeoutSeconds) {
        int slot =
                table.insert(
                        template,
                        server.id().address(),
                        serverPort,
                        FLAG_TEMPLATE | server.method().code(),
                        server.number());
        if (slot != NONE) {
            server.bindTemplate();
            wheel.schedule(slot, timeoutSeconds, nowTick);
        }
        return slot;
    }

    /** Lets a template live from now on as long as its timeout says. */
    void renewTemplate(int slot) {
        wheel.renew(slot, wheel.timeoutSeconds(slot), nowTick);
    }

    /** Makes a template or connection the controller of another one, which it outlives. */
    void control(int controller, int slot) {
        table.setController(slot, controller);
        table.setControlled(controller, table.controlled(controller) + 1);
    }

    /** Sets an entry aside: it is found no more, but lives until its time is up. */
    void retire(int slot) {
        table.replies().retire(slot);
    }

    /** Advances the state of a packet's connection and renews its time to live. */
    void advance(Packet packet) {
        int slot = packet.connection();
        if (packet.truncated()) {
            wheel.renew(slot, wheel.timeoutSeconds(slot), nowTick);
            return;
        }
        int seconds =
                switch (packet.protocol()) {
                    case ServiceId.TCP -> timeouts.tcp(advanceTcp(slot, packet));
                    case ServiceId.SCTP -> timeouts.sctp(advanceSctp(slot, packet));
                    default -> advanceUdp(slot, packet);
                };
        if (!table.has(slot, FLAG_ONE_PACKET)) {
            wheel.renew(slot, seconds, nowTick);
        }
    }

    /** How long packets that change no state let connections live. */
    public SteadyLife steady() {
        return steady;
    }

    /** Gives a connection in the wheel so many seconds to live from now on. */
    public void renew(int slot, int seconds) {
        wheel.renew(slot, seconds, nowTick);
    }

    /** The same for the connection whose line has this address. */
    public void renewLine(long line, int seconds) {
        wheel.renewLine(line, seconds, nowTick);
    }

    private int advanceUdp(int slot, Packet packet) {
        if (packet.reply()) {
            assureController(slot);
        }
        return timeouts.udp();
    }

    private int advanceTcp(int slot, Packet packet) {
        int before = table.state(slot);
        boolean secure = defence.securesTcp();
        int after =
                TcpState.next(secure, direction(slot, packet.reply()), before, packet.tcpFlags());
        if (after != before) {
            listeners.changes(slot);
            enterTcp(slot, after);
        }
        return after;
    }

    private void enterTcp(int slot, int state) {
        table.setState(slot, state);
        count(slot, TcpState.active(state));
        if (state == TcpState.ESTABLISHED) {
            assureController(slot);
        }
    }

    /**
     * Advances the state of a connection of which both directions are seen, or which has but one,
     * by a TCP segment that was forwarded elsewhere, and renews its time to live.
     *
     * @return whether its state has changed
     */
    public boolean passed(int slot, boolean reply, int tcpFlags) {
        int before = table.state(slot);
        boolean secure = defence.securesTcp();
        int after = TcpState.next(secure, direction(slot, reply), before, tcpFlags);
        if (after != before) {
            enterTcp(slot, after);
        }
        wheel.renew(slot, timeouts.tcp(after), nowTick);
        return after != before;
    }

    /** The shortest time to live of a connection that the operator chooses, by its protocol. */
    public int shortestTimeoutSeconds(int protocol) {
        return protocol == ServiceId.TCP
                ? Math.min(timeouts.tcp(TcpState.ESTABLISHED), timeouts.tcp(TcpState.FIN_WAIT))
                : timeouts.udp();
    }

    private int advanceSctp(int slot, Packet packet) {
        int before = table.state(slot);
        int chunk = SctpState.decidingChunk(packet.transport(), packet.transportBytes());
        int after = SctpState.next(direction(slot, packet.reply()), before, chunk);
        if (after != before) {
            table.setState(slot, after);
            count(slot, SctpState.active(after));
            if (after == SctpState.ESTABLISHED) {
                assureController(slot);
            }
        }
        return after;
    }

    // Both state machines number the directions alike. A reply that comes by here, although the
    // method has none, shows that both directions do.
    private int direction(int slot, boolean reply) {
        if (reply) {
            if (table.has(slot, FLAG_NO_OUTPUT)) {
                table.setFlags(slot, table.flags(slot) & ~FLAG_NO_OUTPUT);
            }
            return TcpState.OUT;
        }
        return table.has(slot, FLAG_NO_OUTPUT) ? TcpState.IN_ONLY : TcpState.IN;
    }

    /** Lets a connection count as active or inactive from now on. */
    void count(int slot, boolean active) {
        boolean inactive = table.has(slot, FLAG_INACTIVE);
        if (inactive != active) {
            return;
        }
        table.setFlags(slot, table.flags(slot) ^ FLAG_INACTIVE);
        RealServer server = servers.get(table.serverNumber(slot));
        if (server == null || table.has(slot, FLAG_PORT_TEMPLATE)) {
            return;
        }
        if (active) {
            server.activate();
        } else {
            server.deactivate();
        }
    }

    private void assureController(int slot) {
        int controller = table.controller(slot);
        if (controller != NONE && table.has(controller, FLAG_TEMPLATE)) {
            table.setState(controller, TEMPLATE_ASSURED);
        }
    }

    /** Ends a connection with the next tick; until then nothing finds it any more. */
    void expireNow(int slot) {
        listeners.changes(slot);
        table.replies().retire(slot);
        wheel.renew(slot, 0, nowTick);
    }

    /** Ends an entry at once. */
    void end(int slot) {
        wheel.cancel(slot);
        remove(slot);
    }

    @Override
    public void expired(int slot) {
        if (table.controlled(slot) > 0) {
            // From then on this is its timeout for good (recorded: persist-expiry).
            wheel.prolong(slot, StateTimeouts.STILL_CONTROLLING);
        } else {
            remove(slot);
        }
    }

    private void remove(int slot) {
        int flags = table.flags(slot);
        listeners.ends(slot, flags);
        RealServer server = servers.get(table.serverNumber(slot));
        if (server != null) {
            if (table.has(slot, FLAG_TEMPLATE | FLAG_PORT_TEMPLATE)) {
                server.unbindTemplate();
            } else {
                server.unbindConnection(!table.has(slot, FLAG_INACTIVE));
            }
        }
        int controller = table.controller(slot);
        if (controller != NONE) {
            table.setControlled(controller, table.controlled(controller) - 1);
        }
        int data = table.data(slot);
        table.remove(slot);
        if (data != PersistenceData.NONE) {
            persistenceData.release(data);
        }
    }

    /** Ends an entry that controls nothing, and its controller if that was all it had left. */
    void endWithController(int slot) {
        int controller = table.controller(slot);
        end(slot);
        if (controller != NONE && table.controlled(controller) == 0) {
            end(controller);
        }
    }
}
