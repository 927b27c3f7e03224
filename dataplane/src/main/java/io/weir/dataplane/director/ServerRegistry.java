package io.weir.dataplane.director;

import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.VirtualService;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Real servers by the number that connections know them by, removed ones included for as long as
 * connections refer to them and two minutes more; one that is added again comes back as it was
 * (recorded: dest-readd). Owned by the worker.
 */
public final class ServerRegistry {
    /** The most servers at one time, removed ones included. */
    public static final int LIMIT = 1 << 20;

    private static final long KEEP_MILLIS = 120_000;

    /** Removed servers looked at in one step. */
    private static final int STEP = 256;

    private @Nullable RealServer[] byNumber = new RealServer[64];

    /** Removed servers, in any order, and where each of them is. */
    private final List<Removed> removed = new ArrayList<>();

    private final Map<Identity, Removed> byIdentity = new HashMap<>();
    private final WorkerShare share;
    private long nowMillis;
    private int toVisit;
    private boolean lingeringChanged;
    private int nextFree;
    private int changes;
    private int size;

    private record Identity(ServiceId service, ServerId server) {
        static Identity of(RealServer server) {
            return new Identity(server.service(), server.id());
        }
    }

    private static final class Removed {
        final RealServer server;
        final VirtualService owner;
        int place;
        boolean lingers = true;
        long idleSinceMillis = Long.MAX_VALUE;

        Removed(RealServer server, VirtualService owner, int place) {
            this.server = server;
            this.owner = owner;
            this.place = place;
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
        Removed former = byIdentity.get(new Identity(service.id(), id));
        if (former != null) {
            drop(former);
            if (former.owner != service) {
                former.server.resetCounters();
            }
            return revived(former.server, service, settings);
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

    /** How often a server has come, gone or come back; comes again after 2^32 times. */
    public int changes() {
        return changes;
    }

    private RealServer revived(RealServer server, VirtualService service, ServerSettings settings) {
        changes++;
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
        changes++;
        server.setAvailable(false);
        Removed entry = new Removed(server, owner, removed.size());
        removed.add(entry);
        byIdentity.put(Identity.of(server), entry);
    }

    // The last one takes its place.
    private void drop(Removed entry) {
        byIdentity.remove(Identity.of(entry.server));
        Removed last = removed.removeLast();
        if (last != entry) {
            removed.set(entry.place, last);
            last.place = entry.place;
        }
    }

    /** Removed servers that are kept, in use or not. */
    RealServer[] removed() {
        RealServer[] all = new RealServer[removed.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = removed.get(i).server;
        }
        return all;
    }

    /** Whether a removed server came into use or out of it since this was last asked. */
    boolean lingeringChanged() {
        boolean changed = lingeringChanged;
        lingeringChanged = false;
        return changed;
    }

    /** Begins a walk that forgets removed servers to which nothing has referred for a while. */
    void begin(long now) {
        nowMillis = now;
        toVisit = removed.size();
    }

    /** Does a step of the walk; returns how many servers it came to. */
    int step() {
        int steps = 0;
        while (steps < STEP && toVisit > 0) {
            toVisit = Math.min(toVisit, removed.size()) - 1;
            if (toVisit >= 0) {
                visit(removed.get(toVisit));
            }
            steps++;
        }
        return steps;
    }

    private void visit(Removed entry) {
        boolean lingers = !entry.server.unused();
        if (lingers != entry.lingers) {
            entry.lingers = lingers;
            lingeringChanged = true;
        }
        if (lingers) {
            entry.idleSinceMillis = Long.MAX_VALUE;
        } else if (entry.idleSinceMillis == Long.MAX_VALUE) {
            entry.idleSinceMillis = nowMillis;
        } else if (nowMillis - entry.idleSinceMillis >= KEEP_MILLIS) {
            forget(entry);
        }
    }

    private void forget(Removed entry) {
        changes++;
        drop(entry);
        share.loads().release(entry.server.service(), entry.server.id());
        byNumber[entry.server.number()] = null;
        nextFree = Math.min(nextFree, entry.server.number());
        size--;
    }
}
