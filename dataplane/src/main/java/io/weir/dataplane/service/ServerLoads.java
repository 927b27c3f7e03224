package io.weir.dataplane.service;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Gives the workers' entries of one real server the {@link ServerLoad} that they share. Any thread;
 * asked when servers come and go, never for a packet.
 */
public final class ServerLoads {
    /** For a worker alone, whose servers share nothing. */
    public static final ServerLoads ALONE = new ServerLoads(1);

    /** Servers in a block; blocks are never moved while workers look at them. */
    private static final int BLOCK_SERVERS = 256;

    /** Longs before and behind a block's own, so that no other object is on its lines. */
    private static final int MARGIN = 16;

    private final int workers;
    private final Map<Key, Shared> inUse = new HashMap<>();
    private final Deque<ServerLoad> free = new ArrayDeque<>();
    private long[][] blocks = new long[0][];
    private int next = BLOCK_SERVERS;

    private record Key(ServiceId service, ServerId server) {}

    private static final class Shared {
        private final ServerLoad load;
        private int users;

        Shared(ServerLoad load) {
            this.load = load;
        }
    }

    /** Makes it for so many workers. */
    public ServerLoads(int workers) {
        this.workers = workers;
    }

    /** The load of a server that a worker makes an entry for; null if the worker is alone. */
    public synchronized @Nullable ServerLoad claim(ServiceId service, ServerId server) {
        if (workers == 1) {
            return null;
        }
        Shared shared = inUse.computeIfAbsent(new Key(service, server), key -> new Shared(fresh()));
        shared.users++;
        return shared.load;
    }

    /** A worker forgets its entry of a server, which has no connection there any more. */
    public synchronized void release(ServiceId service, ServerId server) {
        Key key = new Key(service, server);
        Shared shared = inUse.get(key);
        if (shared != null && --shared.users == 0) {
            inUse.remove(key);
            shared.load.setOverloaded(false);
            free.push(shared.load);
        }
    }

    private ServerLoad fresh() {
        if (!free.isEmpty()) {
            return free.pop();
        }
        if (next == BLOCK_SERVERS) {
            blocks = new long[workers][2 * MARGIN + BLOCK_SERVERS * ServerLoad.CELLS];
            next = 0;
        }
        int at = MARGIN + next * ServerLoad.CELLS;
        next++;
        return new ServerLoad(blocks, at);
    }
}
