package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.flow.PersistenceData;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.PersistenceEngine;
import io.weir.dataplane.spi.PersistenceKey;

import org.jspecify.annotations.Nullable;

/**
 * Finds and makes the templates by which a persistent service remembers a client: by its address,
 * and by what the service's persistence engine finds in the packet if it has one (lvs-features.md
 * 6.3; recorded: persist). Owned by the worker.
 *
 * <p>The calls for one packet follow each other: {@link #identify}, {@link #find}, {@link #begin}.
 */
final class PersistenceTemplates {
    private final ConnectionTable table;
    private final PersistenceData data;
    private final ServerRegistry servers;
    private final ConnectionLife life;
    private final Sysctls sysctls;
    private final DropCounters drops;
    private final Endpoints wanted = new Endpoints();
    private final PersistenceKey key = new PersistenceKey();
    private @Nullable PersistenceEngine engine;

    PersistenceTemplates(
            ConnectionTable table,
            PersistenceData data,
            ServerRegistry servers,
            ConnectionLife life,
            Sysctls sysctls,
            DropCounters drops) {
        this.table = table;
        this.data = data;
        this.servers = servers;
        this.life = life;
        this.sysctls = sysctls;
        this.drops = drops;
    }

    /**
     * Says whose template is wanted.
     *
     * @param ends from the client to the virtual address, as the packet has them or its answer
     *     would
     * @param virtualPort 0 if the template is for all ports
     * @return false if the service's engine found no key in the packet
     */
    boolean identify(Packet packet, Endpoints ends, VirtualService service, int virtualPort) {
        engine = service.persistenceEngine();
        if (engine != null && !engine.identify(packet, key)) {
            return false;
        }
        setEnds(ends, service);
        wanted.setPorts(0, virtualPort);
        wanted.setData(PersistenceData.NONE);
        return true;
    }

    // A mark stands where the virtual address would, in the first four bytes of either family.
    private void setEnds(Endpoints ends, VirtualService service) {
        ServiceId id = service.id();
        int protocol = id.isMark() ? 0 : ends.protocol();
        int mask = service.settings().netmask();
        if (ends.ipv6()) {
            long high = ends.sourceHigh() & IpAddress.maskHigh(mask);
            long low = ends.sourceLow() & IpAddress.maskLow(mask);
            long virtualHigh = id.isMark() ? (long) id.mark() << 32 : ends.destinationHigh();
            long virtualLow = id.isMark() ? 0 : ends.destinationLow();
            wanted.setV6(protocol, high, low, virtualHigh, virtualLow);
            table.identify(wanted);
        } else {
            int virtual = id.isMark() ? id.mark() : ends.destination();
            wanted.setV4(protocol, ends.source() & mask, virtual);
        }
    }

    /**
     * The template wanted; one whose server is gone, drains, or is quiesced with
     * expire_quiescent_template, is set aside (recorded: persist-quiescent).
     *
     * @return its slot, or {@link ConnectionTable#NONE}
     */
    int find() {
        if (engine != null) {
            int number = data.find(engine, key);
            if (number == PersistenceData.NONE) {
                return NONE;
            }
            wanted.setData(number);
        }
        int template = table.findTemplate(wanted);
        if (template == NONE) {
            return NONE;
        }
        RealServer server = server(template);
        boolean valid =
                server != null
                        && server.available()
                        && !server.draining()
                        && (server.weight() != 0 || !sysctls.on(Sysctl.EXPIRE_QUIESCENT_TEMPLATE));
        if (valid) {
            return template;
        }
        life.retire(template);
        return NONE;
    }

    /**
     * The template wanted if it leads to this server; one that leads to another is set aside.
     *
     * @return its slot, or {@link ConnectionTable#NONE}
     */
    int findFor(RealServer server) {
        int template = find();
        if (template != NONE && table.serverNumber(template) != server.number()) {
            life.retire(template);
            return NONE;
        }
        return template;
    }

    @Nullable RealServer server(int template) {
        return servers.get(table.serverNumber(template));
    }

    /**
     * Makes the template wanted.
     *
     * @return its slot; {@link ConnectionTable#NONE} if there is no room: the packet was dropped
     */
    int begin(Packet packet, RealServer server, int serverPort, int timeoutSeconds) {
        int number = PersistenceData.NONE;
        if (engine != null) {
            number = data.retain(engine, key);
            if (number == PersistenceData.NONE) {
                drops.drop(packet, DropReason.PERSISTENCE_KEYS_FULL);
                return NONE;
            }
            wanted.setData(number);
        }
        int template = life.beginTemplate(wanted, server, serverPort, timeoutSeconds);
        if (template == NONE) {
            if (number != PersistenceData.NONE) {
                data.release(number);
            }
            drops.drop(packet, DropReason.CONNECTION_TABLE_FULL);
        }
        return template;
    }
}
