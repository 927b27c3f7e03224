package io.weir.schedulers;

import io.weir.dataplane.service.RealServer;

import java.util.Arrays;

/**
 * A binary tree over the servers of a service: a leaf has a number for each server, in the order of
 * the list, a node what its two children's come to together. Owned by the worker.
 */
abstract class ServerTree {
    /** The node above all; the children of any node are at twice its number and the next. */
    static final int ROOT = 1;

    private final long nobody;
    private long[] nodes = {};
    private int leaves;

    /**
     * Makes a tree without servers.
     *
     * @param nobody what joins with any number without changing it
     */
    ServerTree(long nobody) {
        this.nobody = nobody;
    }

    /** A server's number. */
    abstract long leaf(RealServer server);

    /** The number of a node; the order of its children does not matter. */
    abstract long join(long child, long sibling);

    /** Begins anew with these servers, two at least. */
    final void build(RealServer[] servers) {
        leaves = Integer.highestOneBit(servers.length - 1) << 1;
        if (nodes.length != 2 * leaves) {
            nodes = new long[2 * leaves];
        }
        for (int i = 0; i < servers.length; i++) {
            nodes[leaves + i] = leaf(servers[i]);
        }
        Arrays.fill(nodes, leaves + servers.length, nodes.length, nobody);
        for (int at = leaves - 1; at >= ROOT; at--) {
            nodes[at] = join(nodes[2 * at], nodes[2 * at + 1]);
        }
    }

    /** The server at this place has changed. */
    final void update(int place, RealServer server) {
        int at = leaves + place;
        long value = leaf(server);
        while (nodes[at] != value) {
            nodes[at] = value;
            if (at == ROOT) {
                return;
            }
            value = join(value, nodes[at ^ 1]);
            at >>= 1;
        }
    }

    /** The number of a node. */
    final long node(int at) {
        return nodes[at];
    }

    /** The node of the first server; those of the others follow. */
    final int firstLeaf() {
        return leaves;
    }
}
