package io.weir.dataplane.worker;

import io.weir.dataplane.director.ServerRegistry;
import io.weir.dataplane.egress.WaysOut;
import io.weir.dataplane.net.WayChanges;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * Remembers what plain packets need of the real servers that are in their services, by their
 * numbers, for as long as neither the servers nor anything about ways out has changed. Owned by the
 * worker.
 */
final class ServerWays {
    private final ServerRegistry servers;
    private final WaysOut ways;
    private final WayChanges changes;
    private @Nullable ServerWay[] byNumber = new ServerWay[64];

    ServerWays(ServerRegistry servers, WaysOut ways, WayChanges changes) {
        this.servers = servers;
        this.ways = ways;
        this.changes = changes;
    }

    /** What all that is known of servers depends on: another number after any change. */
    int state() {
        // Both only grow, so their sum is another one after any change.
        return changes.count() + servers.changes();
    }

    /**
     * What is known of the server of a connection; the way there may not be.
     *
     * @param number the server's
     * @param address the server's that the connection has; another than the server's own has no way
     *     here, so that each server has but one
     * @param state the present {@link #state}
     * @return null if it is in no service
     */
    @Nullable ServerWay of(int number, int address, int state) {
        ServerWay[] all = byNumber;
        if (number >= 0 && number < all.length) {
            ServerWay known = all[number];
            if (known != null && known.holds(address, state)) {
                return known;
            }
        }
        return find(number, address);
    }

    /** What was last found out about the server of a number; null if nothing ever was. */
    @Nullable ServerWay known(int number) {
        return byNumber[number];
    }

    private @Nullable ServerWay find(int number, int address) {
        RealServer server = servers.get(number);
        VirtualService owner = server == null ? null : server.owner();
        if (server == null
                || owner == null
                || !server.available()
                || server.id().address().ipv6()
                || server.id().address().v4() != address) {
            return null;
        }
        if (number >= byNumber.length) {
            byNumber = Arrays.copyOf(byNumber, Math.max(number + 1, byNumber.length * 2));
        }
        ServerWay known = byNumber[number];
        if (known == null) {
            known = new ServerWay(server, owner);
            byNumber[number] = known;
        }
        known.set(address, state(), server, owner);
        ways.find(known, address);
        return known;
    }

    /** Looks again for the way to a server, where there was none. */
    boolean seek(ServerWay known, int address) {
        return ways.find(known, address);
    }
}
