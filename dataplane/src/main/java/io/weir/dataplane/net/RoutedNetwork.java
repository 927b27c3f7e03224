package io.weir.dataplane.net;

/**
 * A snapshot of the network and what look-ups in it need, derived once, on the thread that hears of
 * changes: a full Internet table takes too long for a worker. Immutable; all workers share one.
 */
public final class RoutedNetwork {
    private final NetworkSnapshot snapshot;
    private final RoutingTable routes;
    private final OwnAddresses own;

    /** Derives it; takes about a microsecond for each route. */
    public RoutedNetwork(NetworkSnapshot snapshot) {
        this.snapshot = snapshot;
        this.routes = new RoutingTable(snapshot.routes());
        this.own = new OwnAddresses(snapshot);
    }

    public NetworkSnapshot snapshot() {
        return snapshot;
    }

    RoutingTable routes() {
        return routes;
    }

    OwnAddresses own() {
        return own;
    }
}
