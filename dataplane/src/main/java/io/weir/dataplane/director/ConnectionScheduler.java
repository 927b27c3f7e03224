package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_ONE_PACKET;
import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.egress.CachedClock;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.flow.PersistenceData;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.TrafficCounters;
import io.weir.dataplane.service.VirtualService;

import org.jspecify.annotations.Nullable;

/**
 * Gives the first packet of a connection a real server, by the service's scheduler or by the
 * client's persistence template, and makes the connection (lvs-features.md 6.3; recorded: persist,
 * lookup-order). Owned by the worker.
 */
public final class ConnectionScheduler {
    static final int FTP_PORT = 21;

    private final ConnectionLife life;
    private final Defence defence;
    private final PersistenceTemplates templates;
    private final OutwardServers outward;
    private final ConnectionTable table;
    private final Endpoints clientSide = new Endpoints();
    private final DropCounters drops;
    private final CachedClock clock;
    private final TrafficCounters totals;
    private final FlowKey flow = new FlowKey();

    public ConnectionScheduler(
            ConnectionTable table,
            PersistenceData persistenceData,
            ServerRegistry servers,
            OutwardServers outward,
            ConnectionLife life,
            Defence defence,
            Sysctls sysctls,
            DropCounters drops,
            CachedClock clock,
            TrafficCounters totals) {
        this.table = table;
        this.outward = outward;
        this.life = life;
        this.defence = defence;
        this.templates =
                new PersistenceTemplates(table, persistenceData, servers, life, sysctls, drops);
        this.drops = drops;
        this.clock = clock;
        this.totals = totals;
    }

    /**
     * Makes a connection for the packet.
     *
     * @return its slot; {@link ConnectionTable#NONE} if there is no server for it, or if it was
     *     dropped because the table is full or nearly so, or drop_packet in force
     */
    int schedule(Packet packet, VirtualService service) {
        if (defence.refuses()) {
            drops.drop(packet, DropReason.DEFENCE);
            return NONE;
        }
        if (!defence.admission().admit()) {
            drops.drop(packet, DropReason.ADMISSION);
            return NONE;
        }
        int flags =
                service.settings().onePacket() && packet.protocol() == ServiceId.UDP
                        ? FLAG_ONE_PACKET
                        : 0;
        if (service.settings().persistent()) {
            return schedulePersistent(packet, service, flags);
        }
        if (!service.id().isMark() && packet.destinationPort() != service.id().port()) {
            return NONE;
        }
        RealServer server = select(packet, service);
        if (server == null) {
            return NONE;
        }
        return begin(
                packet, packet.endpoints(), service, server, serverPort(packet, server), flags);
    }

    private @Nullable RealServer select(Packet packet, VirtualService service) {
        flow.set(packet.endpoints());
        return service.scheduler().select(service, flow, clock.millis());
    }

    private static int serverPort(Packet packet, RealServer server) {
        return server.id().port() != 0 ? server.id().port() : packet.destinationPort();
    }

    private int begin(
            Packet packet,
            Endpoints ends,
            VirtualService service,
            RealServer server,
            int serverPort,
            int flags) {
        int slot = life.begin(ends, server, serverPort, flags);
        if (slot == NONE) {
            drops.drop(packet, DropReason.CONNECTION_TABLE_FULL);
            return NONE;
        }
        server.counters().connection();
        service.counters().connection();
        totals.connection();
        return slot;
    }

    private int schedulePersistent(Packet packet, VirtualService service, int flags) {
        ServiceId id = service.id();
        boolean ownPort = !id.isMark() && packet.destinationPort() == id.port();
        boolean keepsPort = ownPort && id.port() != FTP_PORT;
        Endpoints ends = packet.endpoints();
        if (!templates.identify(packet, ends, service, keepsPort ? id.port() : 0)) {
            // As the kernel does, without a word (recorded: persist-sip).
            drops.drop(packet, DropReason.NO_PERSISTENCE_KEY);
            return NONE;
        }
        int template = templates.find();
        RealServer server = template == NONE ? select(packet, service) : templates.server(template);
        if (server == null) {
            return NONE;
        }
        if (template == NONE) {
            int templatePort = keepsPort ? server.id().port() : 0;
            int seconds = service.settings().persistentSeconds();
            template = templates.begin(packet, server, templatePort, seconds);
            if (template == NONE) {
                return NONE;
            }
        }
        boolean mapped = ownPort && server.id().port() != 0;
        int serverPort = mapped ? server.id().port() : packet.destinationPort();
        int slot = begin(packet, ends, service, server, serverPort, flags);
        if (slot != NONE) {
            life.control(template, slot);
        }
        life.renewTemplate(template);
        return slot;
    }

    /** Whether a packet comes from a real server whose own datagrams begin connections. */
    boolean opensOutward(Packet packet) {
        return outward.sender(packet.endpoints()) != null;
    }

    /**
     * Makes a connection for a datagram that a real server sent of itself, or in answer to one that
     * was scheduled alone, if its service's persistence engine wants that.
     *
     * @return its slot; {@link ConnectionTable#NONE} if it is not such a datagram, or was dropped
     *     because there is no room
     */
    int scheduleOutward(Packet packet) {
        RealServer server = outward.sender(packet.endpoints());
        VirtualService service = server == null ? null : server.owner();
        if (server == null || service == null) {
            return NONE;
        }
        setClientSide(packet.endpoints(), service.id());
        int template = NONE;
        if (service.settings().persistent()) {
            if (!templates.identify(packet, clientSide, service, service.id().port())) {
                return NONE;
            }
            int seconds = service.settings().persistentSeconds();
            template = templates.findFor(server);
            if (template == NONE) {
                template = templates.begin(packet, server, server.id().port(), seconds);
            }
            if (template == NONE) {
                return NONE;
            }
        }
        int flags = service.settings().onePacket() ? FLAG_ONE_PACKET : 0;
        int slot = begin(packet, clientSide, service, server, server.id().port(), flags);
        if (template != NONE) {
            if (slot != NONE) {
                life.control(template, slot);
            }
            life.renewTemplate(template);
        }
        return slot;
    }

    // The ends that the client's packets of this connection will have.
    private void setClientSide(Endpoints sent, ServiceId service) {
        IpAddress virtual = service.address();
        if (sent.ipv6()) {
            clientSide.setV6(
                    sent.protocol(),
                    sent.destinationHigh(),
                    sent.destinationLow(),
                    virtual.high(),
                    virtual.low());
            table.identify(clientSide);
        } else {
            clientSide.setV4(sent.protocol(), sent.destination(), virtual.v4());
        }
        clientSide.setPorts(sent.destinationPort(), service.port());
    }

    /** Counts a packet for its server, its service and the whole, unless the server was removed. */
    void count(Packet packet, @Nullable RealServer server) {
        if (server == null || !server.available()) {
            return;
        }
        VirtualService service = server.owner();
        if (packet.reply()) {
            server.counters().out(packet.ipBytes());
            totals.out(packet.ipBytes());
            if (service != null) {
                service.counters().out(packet.ipBytes());
            }
        } else {
            server.counters().in(packet.ipBytes());
            totals.in(packet.ipBytes());
            if (service != null) {
                service.counters().in(packet.ipBytes());
            }
        }
    }
}
