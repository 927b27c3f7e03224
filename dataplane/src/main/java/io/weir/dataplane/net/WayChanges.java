package io.weir.dataplane.net;

/**
 * Counts whatever may change the way that packets leave by: news of neighbours, links, routes and
 * path MTUs. Who keeps a way keeps the count with it, and looks anew when that has moved. Owned by
 * the worker.
 */
public final class WayChanges {
    private int count;

    /** Something has changed. */
    public void note() {
        count++;
    }

    /** How often something has changed; comes again after 2^32 times. */
    public int count() {
        return count;
    }
}
