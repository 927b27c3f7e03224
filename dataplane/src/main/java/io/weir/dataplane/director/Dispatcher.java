package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_NO_OUTPUT;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_ONE_PACKET;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_SYNCED;
import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.egress.IcmpErrors;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.SctpState;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.header.Sctp;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.Verdict;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.VirtualService;

import org.jspecify.annotations.Nullable;

/**
 * Finds the connection of a TCP, UDP or SCTP packet, or has one scheduled; decides what becomes of
 * packets without one. The order of its questions is the kernel's: a server's reply first, then a
 * client's connection, then the service (BEHAVIOUR.md, "No connection / no server"). Owned by the
 * worker.
 */
public final class Dispatcher {
    private final ConnectionTable table;
    private final ServiceTable services;
    private final ServerRegistry servers;
    private final ConnectionLife life;
    private final ExpectedConnections expectations;
    private final ConnectionScheduler scheduler;
    private final IcmpErrors errors;
    private final DropCounters drops;
    private final Sysctls sysctls;
    private final Network network;
    private final CacheBypass bypass;
    private final Masquerading masquerading;
    private final TakeoverGrace grace;
    private final SyncReceiver synced;

    public Dispatcher(
            ConnectionTable table,
            ServiceTable services,
            ServerRegistry servers,
            ConnectionLife life,
            ExpectedConnections expectations,
            ConnectionScheduler scheduler,
            IcmpErrors errors,
            DropCounters drops,
            Sysctls sysctls,
            Network network,
            Masquerading masquerading,
            SyncReceiver synced,
            TakeoverGrace grace) {
        this.table = table;
        this.services = services;
        this.servers = servers;
        this.life = life;
        this.expectations = expectations;
        this.scheduler = scheduler;
        this.errors = errors;
        this.drops = drops;
        this.sysctls = sysctls;
        this.network = network;
        this.masquerading = masquerading;
        this.grace = grace;
        this.synced = synced;
        this.bypass = new CacheBypass(life, sysctls, network, drops);
    }

    /** What {@link #dispatch} will look for, so that its line can be loaded ahead. */
    public long identify(Packet packet) {
        table.identify(packet.endpoints());
        return table.hash(packet.endpoints());
    }

    /** Binds the packet to a connection, or decides otherwise about it. */
    public void dispatch(Packet packet) {
        if (services.size() == 0) {
            // Without any service the kernel takes no part at all, old connections or not
            // (recorded: lookup-ipvsadm after -C).
            withoutService(packet);
            return;
        }
        int reply = table.findReply(packet.endpoints());
        if (reply == NONE && goesOutward(packet)) {
            reply = scheduler.scheduleOutward(packet);
            if (packet.verdict() == Verdict.DROP) {
                return;
            }
        }
        if (reply != NONE) {
            packet.bind(reply, true);
            packet.setNextHopToDestination();
            return;
        }
        int slot = findUsable(packet);
        if (packet.verdict() == Verdict.DROP) {
            return;
        }
        if (slot == NONE) {
            slot = schedule(packet);
        }
        if (slot != NONE) {
            bindForward(packet, slot);
        }
    }

    private void bindForward(Packet packet, int slot) {
        packet.bind(slot, false);
        packet.setNextHopToServer(table, slot);
        if (table.has(slot, FLAG_SYNCED) && table.serverNumber(slot) == NONE) {
            findWayWithoutServer(packet, table.method(slot));
        }
    }

    // NAT and direct routing need no more than the address that another balancer has told. Without
    // a server's entry nobody knows how it wants its tunnel, a bypass leads back to the virtual
    // address, and what is for the balancer itself has the host (recorded: inject-flags).
    private void findWayWithoutServer(Packet packet, int method) {
        if (method == ForwardingMethod.TUNNEL.code() || method == ForwardingMethod.BYPASS.code()) {
            drops.drop(packet, DropReason.METHOD_UNSUPPORTED);
        } else if (method == ForwardingMethod.LOCAL.code()) {
            account(packet);
            packet.decide(Verdict.DELIVER);
        }
    }

    /** Binds a packet whose transport header is cut off to its connection, or drops it. */
    public void dispatchTruncated(Packet packet) {
        int reply = services.size() == 0 ? NONE : table.findReply(packet.endpoints());
        int slot = services.size() == 0 || reply != NONE ? NONE : findUsable(packet);
        if (reply != NONE) {
            packet.bind(reply, true);
            packet.setNextHopToDestination();
        } else if (slot != NONE) {
            bindForward(packet, slot);
        } else if (packet.verdict() != Verdict.DROP) {
            drops.drop(packet, DropReason.TRANSPORT_TRUNCATED);
        }
    }

    private boolean goesOutward(Packet packet) {
        return scheduler.opensOutward(packet) && !network.isDestinationLocal(packet.endpoints());
    }

    // The client's connection, unless it is to be forgotten in favour of a new one, or its server
    // is gone.
    private int findUsable(Packet packet) {
        int slot = table.findForward(packet.endpoints());
        if (slot == NONE) {
            slot = expectations.claim(packet);
        }
        if (slot == NONE && packet.verdict() != Verdict.DROP) {
            slot = synced.claim(packet);
        }
        if (slot == NONE) {
            return NONE;
        }
        RealServer server = servers.get(table.serverNumber(slot));
        if (server == null) {
            return slot;
        }
        if (beginsAnew(packet, slot, server)) {
            if (table.controlled(slot) == 0) {
                life.expireNow(slot);
            } else {
                life.retire(slot);
            }
            return NONE;
        }
        if (server.available()) {
            return slot;
        }
        if (server.expelled() || sysctls.on(Sysctl.EXPIRE_NODEST_CONN)) {
            life.expireNow(slot);
        } else {
            drops.drop(packet, DropReason.SERVER_REMOVED);
        }
        return NONE;
    }

    // A SYN or INIT on a connection that is over is a client that uses its port again
    // (conn_reuse_mode; recorded: tcp-reuse).
    private boolean beginsAnew(Packet packet, int slot, RealServer server) {
        if (!opens(packet)) {
            return false;
        }
        if (sysctls.on(Sysctl.EXPIRE_NODEST_CONN) && server.weight() == 0) {
            return true;
        }
        int mode = sysctls.get(Sysctl.CONN_REUSE_MODE);
        if (mode == 0 || table.controller(slot) != NONE) {
            return false;
        }
        int state = table.state(slot);
        return packet.protocol() == ServiceId.SCTP
                ? state == SctpState.CLOSED
                : tcpOver(slot, state, mode);
    }

    private static boolean opens(Packet packet) {
        return switch (packet.protocol()) {
            case ServiceId.TCP -> (packet.tcpFlags() & Tcp.SYN) != 0;
            case ServiceId.SCTP -> firstChunk(packet) == Sctp.INIT;
            default -> false;
        };
    }

    private static int firstChunk(Packet packet) {
        return Sctp.firstChunkType(packet.transport(), packet.transportBytes());
    }

    private boolean tcpOver(int slot, int state, int mode) {
        return TcpState.over(state)
                || ((mode & 2) != 0
                        && state == TcpState.FIN_WAIT
                        && table.has(slot, FLAG_NO_OUTPUT));
    }

    private int schedule(Packet packet) {
        VirtualService service = serviceFor(packet);
        if (service == null) {
            withoutService(packet);
            return NONE;
        }
        int slot = scheduler.schedule(packet, service);
        if (slot != NONE || packet.verdict() == Verdict.DROP) {
            return slot;
        }
        if (service.id().port() == ConnectionScheduler.FTP_PORT
                && packet.destinationPort() != ConnectionScheduler.FTP_PORT) {
            withoutService(packet);
            return NONE;
        }
        slot = bypass.connect(packet, service);
        if (slot == NONE && packet.verdict() != Verdict.DROP) {
            errors.portUnreachable(packet);
            drops.drop(packet, DropReason.NO_SERVER);
        }
        return slot;
    }

    private @Nullable VirtualService serviceFor(Packet packet) {
        return mayBegin(packet) ? services.lookup(packet.endpoints(), packet.mark()) : null;
    }

    // Only a SYN begins a TCP connection, whatever else is set beside it but RST (recorded:
    // tcp-odd); with sloppy_tcp anything but RST does. Only an INIT begins an SCTP association
    // (recorded: sctp-nat); with sloppy_sctp anything but ABORT does.
    private boolean mayBegin(Packet packet) {
        return switch (packet.protocol()) {
            case ServiceId.TCP -> {
                int flags = packet.tcpFlags();
                boolean syn = (flags & Tcp.SYN) != 0 || sysctls.on(Sysctl.SLOPPY_TCP);
                yield syn && (flags & Tcp.RST) == 0;
            }
            case ServiceId.SCTP -> {
                int chunk = firstChunk(packet);
                boolean init = chunk == Sctp.INIT || sysctls.on(Sysctl.SLOPPY_SCTP);
                yield init && chunk != Sctp.ABORT && chunk != Sctp.NO_CHUNK;
            }
            default -> true;
        };
    }

    /** Whether a virtual service is where a packet with ports goes. */
    public boolean serves(Packet packet) {
        return services.lookup(packet.endpoints(), packet.mark()) != null;
    }

    private void withoutService(Packet packet) {
        if (grace.covers(packet)) {
            drops.drop(packet, DropReason.TAKEOVER);
            return;
        }
        if (network.isDestinationLocal(packet.endpoints())) {
            packet.decide(Verdict.DELIVER);
            return;
        }
        int slot = services.size() == 0 ? NONE : masquerading.connect(packet, network);
        if (slot != NONE) {
            packet.bind(slot, true);
            packet.setNextHopToDestination();
        } else if (packet.verdict() != Verdict.DROP) {
            packet.setNextHopToDestination();
            packet.decide(Verdict.ROUTE);
        }
    }

    /** Counts a bound packet and advances its connection. */
    public void account(Packet packet) {
        RealServer server = servers.get(table.serverNumber(packet.connection()));
        scheduler.count(packet, server);
        if (!packet.reply()) {
            table.countPacket(packet.connection());
        }
        if (!packet.related()) {
            life.advance(packet);
        }
    }

    /** Ends the connection of a packet that was scheduled for itself alone. */
    public void finish(Packet packet) {
        if (!packet.related() && table.has(packet.connection(), FLAG_ONE_PACKET)) {
            life.end(packet.connection());
        }
    }
}
