package io.weir.dataplane.service;

/**
 * The servers whose connections, weight or overload changed since somebody last took them, each
 * once, so that what a scheduler knows of all its servers can follow the few that change.
 *
 * <p>Does not hear of what other workers do to a server. Owned by the worker.
 */
public final class LoadChanges {
    /** No server has changed. */
    public static final int NONE = -1;

    private final RealServer[] servers;
    private final int[] places;
    private int count;

    private LoadChanges(RealServer[] servers) {
        this.servers = servers;
        this.places = new int[servers.length];
    }

    /** Watches these servers, in place of whoever did so before. */
    public static LoadChanges of(RealServer[] servers) {
        LoadChanges changes = new LoadChanges(servers);
        for (int place = 0; place < servers.length; place++) {
            servers[place].watch(changes, place);
        }
        return changes;
    }

    /** A server changed. It does not say so again before it has been taken, so there is room. */
    void note(int place) {
        places[count++] = place;
    }

    /** Takes the place of a server that changed, or {@link #NONE}. */
    public int next() {
        if (count == 0) {
            return NONE;
        }
        int place = places[--count];
        servers[place].watch(this, place);
        return place;
    }
}
