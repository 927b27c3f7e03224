package io.weir.dataplane.director;

import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.VirtualService;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * Real servers by the number that connections know them by, removed ones included for as long as
 * connections refer to them and two minutes more; one that is added again comes back as it was
 * (recorded: dest-readd). Owned by the worker.
 */
public final class ServerRegistry {
    /** The most servers at one time, removed ones included. */
    public static final int LIMIT = 1 << 20;

    private static final long KEEP_MILLIS = 120_000;

    private @Nullable RealServer[] byNumber = new RealServer[64];
    private final List<Removed> removed = new ArrayList<>();
    private final WorkerShare share;
    private int nextFree;
    private int size;

    private static final class Removed {
        final RealServer server;
        final VirtualService owner;
        long idleSinceMillis = Long.MAX_VALUE;

        Removed(RealServer server, VirtualService owner) {
            this.server = server;
            this.owner = owner;
        }
    }

    /** Makes an empty registry of a worker alone. */
    ServerRegistry() {
        this(WorkerShare.ALONE);
    }

    /** Makes an empty registry of a worker. */
    ServerRegistry(WorkerShare share) {
        this.share = share;
    }

    /** The server of a connection, or null. */
    public @Nullable RealServer get(int number) {
        return number < 0 ? null : byNumber[number];
    }

    /**
     * Makes a server for a service, or brings back one that was removed from a service of the same
     * identity; null if there are too many.
     */
    @Nullable RealServer create(VirtualService service, ServerId id, ServerSettings settings) {
        for (Iterator<Removed> all = removed.iterator(); all.hasNext(); ) {
            Removed entry = all.next();
            if (entry.server.service().equals(service.id()) && entry.server.id().equals(id)) {
                all.remove();
                if (entry.owner != service) {
                    entry.server.resetCounters();
                }
                return revived(entry.server, service, settings);
            }
        }
        if (size >= LIMIT) {
            return null;
        }
        RealServer made =
                new RealServer(
                        service.id(),
                        id,
                        claim(),
                        settings,
                        share.loads().claim(service.id(), id),
                        share.number());
        byNumber[made.number()] = made;
        return revived(made, service, settings);
    }

    private static RealServer revived(
            RealServer server, VirtualService service, ServerSettings settings) {
        server.configure(settings);
        server.setOwner(service);
        server.setAvailable(true);
        server.setDraining(false);
        server.setExpelled(false);
        return server;
    }

    private int claim() {
        while (nextFree < byNumber.length && byNumber[nextFree] != null) {
            nextFree++;
        }
        if (nextFree == byNumber.length) {
            byNumber = Arrays.copyOf(byNumber, byNumber.length * 2);
        }
        size++;
        return nextFree;
    }

    /** Keeps a server that has been taken out of its service. */
    void retire(RealServer server, VirtualService owner) {
        server.setAvailable(false);
        removed.add(new Removed(server, owner));
    }

    /** Removed servers that connections still refer to. */
    List<RealServer> lingering() {
        List<RealServer> lingering = new ArrayList<>();
        for (Removed entry : removed) {
            if (!entry.server.unused()) {
                lingering.add(entry.server);
            }
        }
        return lingering;
    }

    /** Whether any removed server is kept. */
    boolean hasRemoved() {
        return !removed.isEmpty();
    }

    /** Forgets removed servers that nothing has referred to for a while. */
    void housekeeping(long nowMillis) {
        if (removed.isEmpty()) {
            return;
        }
        for (Iterator<Removed> all = removed.iterator(); all.hasNext(); ) {
            Removed entry = all.next();
            if (!entry.server.unused()) {
                entry.idleSinceMillis = Long.MAX_VALUE;
            } else if (entry.idleSinceMillis == Long.MAX_VALUE) {
                entry.idleSinceMillis = nowMillis;
            } else if (nowMillis - entry.idleSinceMillis >= KEEP_MILLIS) {
                all.remove();
                share.loads().release(entry.server.service(), entry.server.id());
                byNumber[entry.server.number()] = null;
                nextFree = Math.min(nextFree, entry.server.number());
                size--;
            }
        }
    }
}
