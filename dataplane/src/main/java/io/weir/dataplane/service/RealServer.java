package io.weir.dataplane.service;

import org.jspecify.annotations.Nullable;

/**
 * A real server of one virtual service, with its live connection counts.
 *
 * <p>Owned by the worker, which has an entry of its own beside those of other workers: what
 * schedulers compare is the sum. It outlives its removal from the service while connections refer
 * to it (recorded: dest-readd-1), and comes back with its counts when it is added again.
 */
public final class RealServer {
    private final ServiceId service;
    private final ServerId id;
    private final int number;
    private final @Nullable ServerLoad load;
    private final int worker;
    private ServerSettings settings;
    private int weight;
    private int lastWeight;
    private @Nullable VirtualService owner;
    private boolean available;
    private boolean overloaded;
    private boolean draining;
    private boolean expelled;
    private int activeConnections;
    private int inactiveConnections;
    private int persistentConnections;

    // Who hears of the next change; null while nobody wants to, or has not taken the last one.
    private @Nullable LoadChanges watcher;
    private int watchedPlace;

    private TrafficCounters counters = new TrafficCounters();

    /**
     * Makes a server of a worker alone that is not yet available.
     *
     * @param service the service it belongs to
     * @param number names the server in connection entries; unique among living servers
     */
    public RealServer(ServiceId service, ServerId id, int number, ServerSettings settings) {
        this(service, id, number, settings, null, 0);
    }

    /**
     * Makes a worker's entry of a server that is not yet available.
     *
     * @param service the service it belongs to
     * @param number names the server in connection entries; unique among living servers
     * @param load what all workers have of it; null for a worker alone
     * @param worker which of them this one is
     */
    public RealServer(
            ServiceId service,
            ServerId id,
            int number,
            ServerSettings settings,
            @Nullable ServerLoad load,
            int worker) {
        this.service = service;
        this.id = id;
        this.number = number;
        this.load = load;
        this.worker = worker;
        this.settings = settings;
        this.weight = settings.weight();
        this.lastWeight = weight;
    }

    public ServiceId service() {
        return service;
    }

    public ServerId id() {
        return id;
    }

    public int number() {
        return number;
    }

    public ServerSettings settings() {
        return settings;
    }

    public ForwardingMethod method() {
        return settings.method();
    }

    public int weight() {
        return weight;
    }

    /** The last weight that was not 0; what a consistent hash keeps while a server is quiesced. */
    public int lastWeight() {
        return lastWeight;
    }

    /**
     * Takes new settings, and opens the server again if the new threshold is higher than the old.
     */
    public void configure(ServerSettings changed) {
        int upper = changed.upperThreshold();
        if (upper == 0 || upper > settings.upperThreshold()) {
            setOverloaded(false);
        }
        settings = changed;
        weight = changed.weight();
        if (weight != 0) {
            lastWeight = weight;
        }
        changed();
    }

    /** Lets somebody hear of the next change of what schedulers look at, this worker's. */
    void watch(LoadChanges by, int place) {
        watcher = by;
        watchedPlace = place;
    }

    private void changed() {
        LoadChanges by = watcher;
        if (by != null) {
            watcher = null;
            by.note(watchedPlace);
        }
    }

    /** Whether other workers have connections to it, too, which change without a notice here. */
    public boolean shared() {
        return load != null;
    }

    /** The service it is or was in. */
    public @Nullable VirtualService owner() {
        return owner;
    }

    public void setOwner(VirtualService service) {
        owner = service;
    }

    /** False once it has been removed from its service. */
    public boolean available() {
        return available;
    }

    public void setAvailable(boolean available) {
        this.available = available;
    }

    /** Whether it keeps its connections but gets no more, whatever its weight and persistence. */
    public boolean draining() {
        return draining;
    }

    public void setDraining(boolean draining) {
        this.draining = draining;
    }

    /** Whether its connections are to end with its removal. */
    public boolean expelled() {
        return expelled;
    }

    public void setExpelled(boolean expelled) {
        this.expelled = expelled;
    }

    /** Whether the upper threshold was reached and the lower one not yet undercut. */
    public boolean overloaded() {
        return load == null ? overloaded : load.overloaded();
    }

    private void setOverloaded(boolean now) {
        if (load != null) {
            load.setOverloaded(now);
        } else if (overloaded != now) {
            overloaded = now;
            changed();
        }
    }

    /** Active connections of all workers. */
    public int activeConnections() {
        return load == null ? activeConnections : (int) (load.connections() >>> 32);
    }

    /** Inactive connections of all workers. */
    public int inactiveConnections() {
        return load == null ? inactiveConnections : (int) load.connections();
    }

    /** This worker's persistence templates. */
    public int persistentConnections() {
        return persistentConnections;
    }

    /**
     * Connections of any state on any worker, templates included: 0 when nothing refers to the
     * server any more.
     */
    public boolean unused() {
        boolean here =
                activeConnections == 0 && inactiveConnections == 0 && persistentConnections == 0;
        return here && (load == null || (load.connections() == 0 && load.templates() == 0));
    }

    /** Tells whether a scheduler may pick it. */
    public boolean eligible() {
        return weight > 0 && !overloaded() && !draining;
    }

    /** The load that lc, wlc, lblc and lblcr compare: an active connection weighs 256 inactive. */
    public long overhead() {
        if (load == null) {
            return ((long) activeConnections << 8) + inactiveConnections;
        }
        long all = load.connections();
        return (all >>> 32 << 8) + (int) all;
    }

    private void publish() {
        if (load != null) {
            load.publish(worker, activeConnections, inactiveConnections);
        }
    }

    private void publishTemplates() {
        if (load != null) {
            load.publishTemplates(worker, persistentConnections);
        }
    }

    /** Counts a new connection, which starts out inactive. */
    public void bindConnection() {
        inactiveConnections++;
        publish();
        changed();
        markOverload();
    }

    public void bindTemplate() {
        persistentConnections++;
        publishTemplates();
        markOverload();
    }

    private void markOverload() {
        int upper = settings.upperThreshold();
        if (upper != 0 && totalConnections() >= upper) {
            setOverloaded(true);
        }
    }

    public void unbindConnection(boolean active) {
        if (active) {
            activeConnections--;
        } else {
            inactiveConnections--;
        }
        publish();
        changed();
        clearOverload();
    }

    public void unbindTemplate() {
        persistentConnections--;
        publishTemplates();
        clearOverload();
    }

    // BEHAVIOUR.md, "Thresholds": below the lower one, or below 3/4 of the upper if that is 0.
    private void clearOverload() {
        int lower = settings.lowerThreshold();
        int upper = settings.upperThreshold();
        if (lower != 0) {
            if (totalConnections() < lower) {
                setOverloaded(false);
            }
        } else if (upper == 0 || totalConnections() * 4L < upper * 3L) {
            setOverloaded(false);
        }
    }

    private int totalConnections() {
        return activeConnections() + inactiveConnections();
    }

    /** Moves one of its connections from inactive to active. */
    public void activate() {
        inactiveConnections--;
        activeConnections++;
        publish();
        changed();
    }

    /** Moves one of its connections from active to inactive. */
    public void deactivate() {
        activeConnections--;
        inactiveConnections++;
        publish();
        changed();
    }

    public TrafficCounters counters() {
        return counters;
    }

    /** Starts counting afresh, for a server that comes back under a new service. */
    public void resetCounters() {
        counters = new TrafficCounters();
    }

    /** What this worker has of it. */
    public ServerListing listing() {
        return new ServerListing(
                id,
                settings,
                activeConnections,
                inactiveConnections,
                persistentConnections,
                draining,
                counters.snapshot());
    }
}
