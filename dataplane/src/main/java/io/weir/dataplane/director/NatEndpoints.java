package io.weir.dataplane.director;

import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.VirtualService;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The endpoints of real servers reached by NAT, as a sorted array. It is made anew when it is next
 * asked, not with each change: a restore of ten thousand rules would spend its time on it. Owned by
 * the worker.
 */
final class NatEndpoints {
    private final ServiceTable services;
    private long[] keys = new long[0];
    private boolean stale;

    NatEndpoints(ServiceTable services) {
        this.services = services;
    }

    /** Servers came, went or changed their forwarding method. */
    void changed() {
        stale = true;
    }

    private void rebuild() {
        List<Long> all = new ArrayList<>();
        for (VirtualService service : services.all()) {
            ServiceId id = service.id();
            for (RealServer server : service.servers()) {
                if (server.method() == ForwardingMethod.MASQUERADE) {
                    int address = server.id().address().v4();
                    int port = server.id().port();
                    if (id.isMark()) {
                        all.add(key(ServiceId.TCP, address, port));
                        all.add(key(ServiceId.UDP, address, port));
                    } else {
                        all.add(key(id.protocol(), address, port));
                    }
                }
            }
        }
        keys = all.stream().mapToLong(Long::longValue).sorted().toArray();
    }

    boolean contains(int protocol, int address, int port) {
        if (stale) {
            stale = false;
            rebuild();
        }
        return Arrays.binarySearch(keys, key(protocol, address, port)) >= 0;
    }

    private static long key(int protocol, int address, int port) {
        return (address & 0xffffffffL) << 24 | (long) port << 8 | protocol;
    }
}
