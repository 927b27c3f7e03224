package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_INACTIVE;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_NO_CLIENT_PORT;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_NO_OUTPUT;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_PORT_TEMPLATE;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_RETIRED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_SYNCED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_TEMPLATE;
import static io.weir.dataplane.flow.ConnectionTable.METHOD_MASK;
import static io.weir.dataplane.flow.ConnectionTable.MOST_PACKETS;
import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.flow.ExpiryWheel;
import io.weir.dataplane.flow.PersistenceData;
import io.weir.dataplane.flow.StateTimeouts;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.sync.SyncEntry;

import org.jspecify.annotations.Nullable;

/**
 * Takes connections and templates that another balancer tells of into the table, as the kernel's
 * backup does (recorded: inject-update, inject-flags, inject-template, config-nodest, takeover).
 * Owned by the worker.
 *
 * <p>Each entry costs a bounded number of lookups, and the table's capacity bounds them all.
 */
final class SyncedConnections {
    /** What a template gets whose timeout the message does not say. */
    private static final int TEMPLATE_SECONDS = 180;

    /** 49 days: milliseconds in 32 bits, the most that the kernel's listings can show. */
    private static final int MOST_SECONDS = 4_294_967;

    /** A template's state has no limit in messages, and four bits here. */
    private static final int MOST_STATE = 15;

    private static final int KEPT_FLAGS =
            METHOD_MASK | FLAG_NO_OUTPUT | FLAG_INACTIVE | FLAG_NO_CLIENT_PORT | FLAG_TEMPLATE;

    private final ConnectionTable table;
    private final PersistenceData persistenceData;
    private final ServiceTable services;
    private final ServerRegistry servers;
    private final ConnectionLife life;
    private final StateTimeouts timeouts;
    private final Sysctls sysctls;
    private final DropCounters drops;
    private final SyncedKeys keys;
    private final ExpectedConnections expectations;
    private final RelayedDetails details;
    private final ExpiryWheel wheel;
    private final Endpoints ends = new Endpoints();
    private int unknownPorts;

    SyncedConnections(
            ConnectionTable table,
            PersistenceData persistenceData,
            ServiceTable services,
            ServerRegistry servers,
            ConnectionLife life,
            ExpiryWheel wheel,
            StateTimeouts timeouts,
            Sysctls sysctls,
            DropCounters drops,
            SyncedKeys keys,
            ExpectedConnections expectations,
            RelayedDetails details) {
        this.table = table;
        this.persistenceData = persistenceData;
        this.services = services;
        this.servers = servers;
        this.life = life;
        this.wheel = wheel;
        this.timeouts = timeouts;
        this.sysctls = sysctls;
        this.drops = drops;
        this.keys = keys;
        this.expectations = expectations;
        this.details = details;
    }

    /**
     * Makes or updates what an entry tells of.
     *
     * @param version1 which version of the protocol it came in
     * @return its slot, or {@link ConnectionTable#NONE}
     */
    int take(SyncEntry entry, boolean version1) {
        if (!keys.set(entry)) {
            drops.count(DropReason.SYNC_UNUSABLE);
            return NONE;
        }
        setEnds(entry);
        int slot = entry.template() ? findTemplate(entry) : findConnection();
        if (slot != NONE && !entry.template() && !leadsTo(slot, entry)) {
            if ((entry.flags & SyncEntry.FLAG_INACTIVE) != 0) {
                // It is about the end of a connection whose place another one has taken.
                return NONE;
            }
            life.expireNow(slot);
            slot = NONE;
        }
        if (slot == NONE) {
            // Version 1 knows no such flag (recorded: inject-v0, inject-flags).
            boolean lasts = version1 || (entry.flags & SyncEntry.FLAG_ONE_PACKET) == 0;
            slot = lasts ? adopt(entry) : NONE;
        } else {
            update(slot, entry);
        }
        if (slot != NONE) {
            // From here on its packets are counted as those after a report.
            life.listeners().changes(slot);
            table.setPackets(slot, Math.min(sysctls.syncThreshold(), MOST_PACKETS));
            table.setState(slot, Math.min(entry.state, MOST_STATE));
            table.setStateReported(slot);
            wheel.renew(slot, seconds(slot, entry), life.now());
            details.take(slot, entry);
        }
        return slot;
    }

    /**
     * Finds what an entry told of that has no real server's entry, and gives it that if there is
     * one by now.
     *
     * @return its slot, or {@link ConnectionTable#NONE} if there is nothing to be done
     */
    int bind(SyncEntry entry) {
        if (!keys.set(entry)) {
            return NONE;
        }
        setEnds(entry);
        int slot = entry.template() ? findTemplate(entry) : findConnection();
        if (slot == NONE || table.serverNumber(slot) != NONE || !leadsTo(slot, entry)) {
            return NONE;
        }
        bindServer(slot, entry);
        return slot;
    }

    private void setEnds(SyncEntry entry) {
        if (entry.ipv6) {
            table.makeWide();
            ends.setV6(
                    entry.protocol,
                    entry.clientHigh,
                    entry.clientLow,
                    entry.virtualHigh,
                    entry.virtualLow);
            table.identify(ends);
        } else {
            ends.setV4(entry.protocol, (int) entry.clientLow, (int) entry.virtualLow);
        }
        ends.setPorts(entry.clientPort, entry.virtualPort);
        ends.setData(PersistenceData.NONE);
    }

    private int findTemplate(SyncEntry entry) {
        if (entry.clientPort != 0) {
            int slot = table.findForward(ends);
            if (slot != NONE && !table.has(slot, FLAG_PORT_TEMPLATE)) {
                // From now on the template hides this connection.
                life.retire(slot);
                return NONE;
            }
            return slot;
        }
        if (keys.present()) {
            int number = keys.find(persistenceData);
            if (number == PersistenceData.NONE) {
                return NONE;
            }
            ends.setData(number);
        }
        return table.findTemplate(ends);
    }

    // One that is still without its client's port stands for the client's any port.
    private int findConnection() {
        int slot = table.findForward(ends);
        if (slot == NONE && unknownPorts > 0 && ends.sourcePort() != 0) {
            int clientPort = ends.sourcePort();
            ends.setPorts(0, ends.destinationPort());
            slot = table.findForward(ends);
            ends.setPorts(clientPort, ends.destinationPort());
            if (slot != NONE && !table.has(slot, FLAG_NO_CLIENT_PORT)) {
                return NONE;
            }
        }
        return slot;
    }

    private boolean leadsTo(int slot, SyncEntry entry) {
        if (table.serverPort(slot) != entry.serverPort || table.serverIpv6(slot) != entry.ipv6) {
            return false;
        }
        return entry.ipv6
                ? table.serverHigh(slot) == entry.serverHigh
                        && table.serverLow(slot) == entry.serverLow
                : table.server(slot) == (int) entry.serverLow;
    }

    private int adopt(SyncEntry entry) {
        if (keys.present() && entry.template() && entry.clientPort == 0) {
            int number = keys.retain(persistenceData);
            if (number == PersistenceData.NONE) {
                drops.count(DropReason.SYNC_NO_ROOM);
                return NONE;
            }
            ends.setData(number);
        }
        RealServer server = server(entry);
        int flags = entry.flags & KEPT_FLAGS;
        if ((flags & METHOD_MASK) > ForwardingMethod.BYPASS.code()) {
            // The kernel gives packets of methods that do not exist to the host as well.
            flags = (flags & ~METHOD_MASK) | ForwardingMethod.LOCAL.code();
        }
        boolean portUnknown = (flags & FLAG_NO_CLIENT_PORT) != 0;
        if (entry.template() && entry.clientPort != 0 && !portUnknown) {
            flags = (flags & ~FLAG_TEMPLATE) | FLAG_PORT_TEMPLATE;
        } else if (!entry.template() && portUnknown != (entry.clientPort == 0)) {
            // Neither with nor without a port: the kernel keeps it, but nothing ever matches it
            // (recorded: inject-flags, inject-template).
            flags |= FLAG_RETIRED;
        }
        IpAddress address =
                server != null
                        ? server.id().address()
                        : new IpAddress(entry.ipv6, entry.serverHigh, entry.serverLow);
        int slot =
                insert(
                        ends,
                        address,
                        entry.serverPort,
                        server == null ? flags : withMethod(flags, server),
                        server);
        if (slot != NONE && server != null && carriesFtpData(slot, server)) {
            expectations.adopt(slot);
        }
        if (slot == NONE) {
            drops.count(DropReason.SYNC_NO_ROOM);
            if (ends.data() != PersistenceData.NONE) {
                persistenceData.release(ends.data());
            }
        }
        return slot;
    }

    // Its ports are no service's, so its packets have to be taken from the host one by one; only
    // for servers of FTP, or whoever can send here could take any of the host's own packets away.
    private boolean carriesFtpData(int slot, RealServer server) {
        ServiceId service = server.service();
        return !service.isMark()
                && service.protocol() == ServiceId.TCP
                && service.port() == ConnectionScheduler.FTP_PORT
                && table.virtualPort(slot) != ConnectionScheduler.FTP_PORT
                && table.method(slot) == ForwardingMethod.MASQUERADE.code()
                && !table.has(slot, FLAG_TEMPLATE | FLAG_PORT_TEMPLATE | FLAG_NO_CLIENT_PORT);
    }

    private int insert(
            Endpoints of, IpAddress address, int port, int flags, @Nullable RealServer server) {
        int number = server == null ? NONE : server.number();
        int slot = table.insert(of, address, port, flags | FLAG_SYNCED, number);
        if (slot == NONE) {
            return NONE;
        }
        boolean translated = (flags & METHOD_MASK) == ForwardingMethod.MASQUERADE.code();
        if (translated && (flags & (FLAG_TEMPLATE | FLAG_PORT_TEMPLATE)) == 0) {
            table.setFlags(slot, table.flags(slot) | life.follow(of));
        }
        life.takesReplies(slot);
        unknownPorts += (flags & FLAG_NO_CLIENT_PORT) == 0 ? 0 : 1;
        if (server != null) {
            count(server, flags);
        }
        wheel.schedule(slot, StateTimeouts.NEW, life.now());
        return slot;
    }

    private static void count(RealServer server, int flags) {
        if ((flags & (FLAG_TEMPLATE | FLAG_PORT_TEMPLATE)) != 0) {
            server.bindTemplate();
            return;
        }
        server.bindConnection();
        if ((flags & FLAG_INACTIVE) == 0) {
            server.activate();
        }
    }

    /** One of its connections or templates ends, which had these flags. */
    void ended(int flags) {
        unknownPorts -= (flags & FLAG_NO_CLIENT_PORT) == 0 ? 0 : 1;
    }

    // The server's own method counts, whatever the message says.
    private static int withMethod(int flags, RealServer server) {
        int own = server.method().code();
        if (server.method() != ForwardingMethod.MASQUERADE) {
            own |= FLAG_NO_OUTPUT;
        }
        return (flags & ~(METHOD_MASK | FLAG_NO_OUTPUT)) | own;
    }

    private void update(int slot, SyncEntry entry) {
        RealServer server = servers.get(table.serverNumber(slot));
        boolean inactive = (entry.flags & SyncEntry.FLAG_INACTIVE) != 0;
        if (!entry.template()) {
            life.count(slot, !inactive);
        }
        if (server == null) {
            bindServer(slot, entry);
        }
    }

    private void bindServer(int slot, SyncEntry entry) {
        RealServer found = server(entry);
        if (found != null) {
            table.replies().setMethod(slot, withMethod(table.flags(slot), found));
            table.setServerNumber(slot, found.number());
            count(found, table.flags(slot));
        }
    }

    private @Nullable RealServer server(SyncEntry entry) {
        VirtualService service = services.lookup(ends, entry.mark);
        if (service == null) {
            return null;
        }
        RealServer exact = server(service, entry, entry.serverPort);
        return exact != null ? exact : server(service, entry, 0);
    }

    // One that drains keeps its connections, those that the other balancer has made as well.
    private static @Nullable RealServer server(VirtualService service, SyncEntry entry, int port) {
        RealServer scheduled = server(service.servers(), entry, port);
        return scheduled != null ? scheduled : server(service.draining(), entry, port);
    }

    private static @Nullable RealServer server(RealServer[] among, SyncEntry entry, int port) {
        for (int i = 0; i < among.length; i++) {
            IpAddress address = among[i].id().address();
            if (among[i].id().port() == port
                    && address.ipv6() == entry.ipv6
                    && address.high() == entry.serverHigh
                    && address.low() == entry.serverLow) {
                return among[i];
            }
        }
        return null;
    }

    private int seconds(int slot, SyncEntry entry) {
        if (entry.timeoutSeconds != 0) {
            return (int) Math.min(entry.timeoutSeconds & 0xffffffffL, MOST_SECONDS);
        }
        if (table.has(slot, FLAG_TEMPLATE | FLAG_PORT_TEMPLATE)) {
            return TEMPLATE_SECONDS;
        }
        return switch (entry.protocol) {
            case ServiceId.TCP -> timeouts.tcp(entry.state);
            case ServiceId.SCTP -> timeouts.sctp(entry.state);
            default -> timeouts.udp();
        };
    }

    /**
     * Finds the connection that waits for the packet's client to show its port, and gives it that.
     *
     * @return its slot, or {@link ConnectionTable#NONE}; the packet is dropped if the table is full
     */
    int claim(Packet packet) {
        if (unknownPorts == 0) {
            return NONE;
        }
        Endpoints from = packet.endpoints();
        ends.set(from);
        ends.setPorts(0, from.destinationPort());
        ends.setData(PersistenceData.NONE);
        int waiting = table.findForward(ends);
        int wanted = FLAG_SYNCED | FLAG_NO_CLIENT_PORT;
        if (waiting == NONE || (table.flags(waiting) & wanted) != wanted) {
            return NONE;
        }
        int slot =
                insert(
                        from,
                        table.serverAddress(waiting),
                        table.serverPort(waiting),
                        table.flags(waiting) & KEPT_FLAGS & ~FLAG_NO_CLIENT_PORT,
                        servers.get(table.serverNumber(waiting)));
        if (slot == NONE) {
            drops.drop(packet, DropReason.CONNECTION_TABLE_FULL);
            return NONE;
        }
        table.setState(slot, table.state(waiting));
        table.setPackets(slot, table.packets(waiting));
        life.end(waiting);
        return slot;
    }
}
