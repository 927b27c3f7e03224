package io.weir.dataplane.director;

import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.VirtualService;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The virtual services, and the lookup of the one that a packet is for: its mark first, then the
 * exact endpoint, then an FTP service for data connections, then a service for every port
 * (BEHAVIOUR.md, "Service lookup"; recorded: lookup-order). Owned by the worker; the lookup
 * allocates nothing.
 */
public final class ServiceTable {
    private static final int FTP_PORT = 21;
    private static final int FTP_DATA_PORT = 20;
    private static final int FIRST_UNPRIVILEGED_PORT = 1024;

    private final Map<ServiceId, VirtualService> byId = new LinkedHashMap<>();
    private final EndpointIndex<VirtualService> index = new EndpointIndex<>();
    private int size;
    private @Nullable List<VirtualService> all;
    private int ftpServices;
    private int anyPortServices;

    /** Every service, in the order they were added; changes give a new list. */
    public List<VirtualService> all() {
        List<VirtualService> listed = all;
        if (listed == null) {
            listed = List.copyOf(byId.values());
            all = listed;
        }
        return listed;
    }

    public int size() {
        return size;
    }

    public @Nullable VirtualService get(ServiceId id) {
        return byId.get(id);
    }

    /** Adds a service whose identity none has yet. */
    public void add(VirtualService service) {
        ServiceId id = service.id();
        byId.put(id, service);
        index.put(id.address().high(), id.address().low(), rest(id), service);
        changed(id, 1);
    }

    public void remove(VirtualService service) {
        ServiceId id = service.id();
        if (byId.remove(id, service)) {
            index.remove(id.address().high(), id.address().low(), rest(id));
            changed(id, -1);
        }
    }

    private void changed(ServiceId id, int by) {
        all = null;
        size += by;
        if (id.protocol() == ServiceId.TCP && id.port() == FTP_PORT) {
            ftpServices += by;
        }
        if (!id.isMark() && id.port() == 0) {
            anyPortServices += by;
        }
    }

    private static long rest(ServiceId id) {
        boolean ipv6 = id.address().ipv6();
        return id.isMark()
                ? EndpointIndex.restOfMark(ipv6, id.mark())
                : EndpointIndex.rest(ipv6, id.protocol(), id.port());
    }

    /** The service for a client's packet, or null. */
    public @Nullable VirtualService lookup(Endpoints packet, int mark) {
        if (mark != 0) {
            VirtualService marked = index.get(0, 0, EndpointIndex.restOfMark(packet.ipv6(), mark));
            if (marked != null) {
                return marked;
            }
        }
        int port = packet.destinationPort();
        VirtualService service = find(packet, port);
        if (service == null
                && ftpServices != 0
                && packet.protocol() == ServiceId.TCP
                && (port == FTP_DATA_PORT || port >= FIRST_UNPRIVILEGED_PORT)) {
            service = find(packet, FTP_PORT);
        }
        if (service == null && anyPortServices != 0) {
            service = find(packet, 0);
        }
        return service;
    }

    /** Whether a packet's destination is the very endpoint of a service. */
    boolean hasEndpoint(Endpoints packet) {
        return find(packet, packet.destinationPort()) != null;
    }

    /** Whether a service is at this very IPv4 endpoint. */
    public boolean hasEndpoint(int protocol, int address, int port) {
        long rest = EndpointIndex.rest(false, protocol, port);
        return index.get(0, address & 0xffffffffL, rest) != null;
    }

    private @Nullable VirtualService find(Endpoints packet, int port) {
        boolean ipv6 = packet.ipv6();
        return index.get(
                ipv6 ? packet.destinationHigh() : 0,
                ipv6 ? packet.destinationLow() : packet.destination() & 0xffffffffL,
                EndpointIndex.rest(ipv6, packet.protocol(), port));
    }
}
