package io.weir.schedulers;

import io.weir.dataplane.service.LoadChanges;
import io.weir.dataplane.service.RealServer;

import java.util.Arrays;

/**
 * Keeps trees of a service's servers up to date, so that a scheduler need not look at every server
 * for each connection. Built anew, at the next connection, when servers came or went; a server
 * whose load changed is looked at once before the next connection.
 *
 * <p>Of what other workers do to a server nothing is heard. So where there are some, the first
 * connection of each millisecond renews the trees, and those after it go by what the others had
 * then. Owned by the worker.
 */
final class ServerIndex {
    /** With fewer servers, looking at all of them is quicker; as measured. */
    static final int FEWEST = 32;

    private static final RealServer[] NOBODY = {};

    private ServerTree[] trees = {};
    private RealServer[] known = NOBODY;
    private LoadChanges changes = LoadChanges.of(NOBODY);

    // When the trees were last of use.
    private long millis;

    /** Keeps one more tree; before the first connection. */
    <T extends ServerTree> T with(T tree) {
        trees = Arrays.copyOf(trees, trees.length + 1);
        trees[trees.length - 1] = tree;
        return tree;
    }

    /**
     * Brings the trees up to date.
     *
     * @param nowMillis the time of this burst of packets
     * @return false if they say nothing about these servers, because there are few
     */
    @SuppressWarnings("ReferenceEquality") // the array is replaced whenever servers come or go
    boolean covers(RealServer[] servers, long nowMillis) {
        if (servers.length < FEWEST) {
            return false;
        }
        if (servers != known) {
            known = servers;
            changes = LoadChanges.of(servers);
            build();
        } else if (nowMillis != millis && servers[0].shared()) {
            build();
        } else {
            follow();
        }
        millis = nowMillis;
        return true;
    }

    private void build() {
        for (ServerTree tree : trees) {
            tree.build(known);
        }
        while (changes.next() != LoadChanges.NONE) {
            // It is in the new trees.
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
