package io.weir.schedulers;

import io.weir.dataplane.service.LoadChanges;
import io.weir.dataplane.service.RealServer;

import java.util.Arrays;

/**
 * Keeps trees of a service's servers up to date, so that a scheduler need not look at every server
 * for each connection. Built anew, at the next connection, when servers came or went; a server
 * whose load changed is looked at once before the next connection. Owned by the worker.
 */
final class ServerIndex {
    /** With fewer servers, looking at all of them is quicker; as measured. */
    static final int FEWEST = 32;

    private static final RealServer[] NOBODY = {};

    private ServerTree[] trees = {};
    private RealServer[] known = NOBODY;
    private LoadChanges changes = LoadChanges.of(NOBODY);

    /** Keeps one more tree; before the first connection. */
    <T extends ServerTree> T with(T tree) {
        trees = Arrays.copyOf(trees, trees.length + 1);
        trees[trees.length - 1] = tree;
        return tree;
    }

    /**
     * Brings the trees up to date.
     *
     * @return false if they say nothing about these servers, because there are few, or other
     *     workers change their loads as well
     */
    @SuppressWarnings("ReferenceEquality") // the array is replaced whenever servers come or go
    boolean covers(RealServer[] servers) {
        if (servers.length < FEWEST || servers[0].shared()) {
            return false;
        }
        if (servers != known) {
            build(servers);
        } else {
            follow();
        }
        return true;
    }

    private void build(RealServer[] servers) {
        known = servers;
        changes = LoadChanges.of(servers);
        for (ServerTree tree : trees) {
            tree.build(servers);
        }
    }

    private void follow() {
        for (int place = changes.next(); place != LoadChanges.NONE; place = changes.next()) {
            RealServer server = known[place];
            for (ServerTree tree : trees) {
                tree.update(place, server);
            }
        }
    }
}
