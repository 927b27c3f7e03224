package io.weir.dataplane.director;

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
    private long[] keys = new long[16];
    private @Nullable VirtualService[] services = new VirtualService[16];
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

    public void add(VirtualService service) {
        byId.put(service.id(), service);
        rebuild();
    }

    public void remove(VirtualService service) {
        byId.remove(service.id());
        rebuild();
    }

    private void rebuild() {
        all = null;
        int length = Integer.highestOneBit(Math.max(16, byId.size() * 4));
        keys = new long[length];
        services = new VirtualService[length];
        size = byId.size();
        ftpServices = 0;
        anyPortServices = 0;
        for (VirtualService service : byId.values()) {
            ServiceId id = service.id();
            if (!id.address().ipv6()) {
                insert(service);
                ftpServices += id.protocol() == ServiceId.TCP && id.port() == FTP_PORT ? 1 : 0;
                anyPortServices += !id.isMark() && id.port() == 0 ? 1 : 0;
            }
        }
    }

    private void insert(VirtualService service) {
        ServiceId id = service.id();
        long key =
                id.isMark() ? markKey(id.mark()) : key(id.protocol(), id.address().v4(), id.port());
        int at = slot(key);
        while (services[at] != null) {
            at = (at + 1) & (services.length - 1);
        }
        keys[at] = key;
        services[at] = service;
    }

    private int slot(long key) {
        long mixed = key * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 40) & (services.length - 1);
    }

    private static long key(int protocol, int address, int port) {
        return (address & 0xffffffffL) << 24 | (long) port << 8 | protocol;
    }

    private static long markKey(int mark) {
        return (1L << 60) | (mark & 0xffffffffL);
    }

    private @Nullable VirtualService find(long key) {
        int at = slot(key);
        for (VirtualService service = services[at]; service != null; service = services[at]) {
            if (keys[at] == key) {
                return service;
            }
            at = (at + 1) & (services.length - 1);
        }
        return null;
    }

    /** The service for a packet, or null. */
    public @Nullable VirtualService lookup(int protocol, int address, int port, int mark) {
        if (mark != 0) {
            VirtualService marked = find(markKey(mark));
            if (marked != null) {
                return marked;
            }
        }
        VirtualService service = find(key(protocol, address, port));
        if (service == null
                && ftpServices != 0
                && protocol == ServiceId.TCP
                && (port == FTP_DATA_PORT || port >= FIRST_UNPRIVILEGED_PORT)) {
            service = find(key(protocol, address, FTP_PORT));
        }
        if (service == null && anyPortServices != 0) {
            service = find(key(protocol, address, 0));
        }
        return service;
    }
}
