package io.weir.control.vrrp;

import io.weir.control.config.SyncGroupConfig;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.control.event.Event;
import io.weir.control.event.EventSink;
import io.weir.control.failover.Role;
import io.weir.control.failover.RoleListener;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.netlink.LinkWatch;
import io.weir.dataplane.sys.EventDescriptor;
import io.weir.dataplane.sys.SystemCallException;

import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread on which the state machine runs: it waits for packets, for news of the interfaces, for
 * what others ask of it and for the next deadline, and does nothing that takes long.
 *
 * <p>In each turn it takes in all that has arrived before it does what is due. When the process was
 * stopped for a while, what the others sent meanwhile is in the sockets' queues, and is heard
 * before a word is said.
 */
final class FailoverThread implements RouterActions {
    private static final System.Logger LOG = System.getLogger("weir");

    /** Behind the descriptor that wakes. */
    private static final int LINKS = 1;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LinkWatch links;
    private final EventDescriptor wake;
    private final VrrpSockets sockets;
    private final AddressQueue addresses;
    private final RoleListener listener;
    private final EventSink events;
    private final InstantSource clock;
    private final VirtualRouters routers;
    private final Departures departures = new Departures();
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final Thread thread =
            Thread.ofPlatform().name("weir-failover").daemon().unstarted(this::run);

    // So that its times begin a little after 0 and never wrap.
    private final long origin = System.nanoTime() - 1;
    private long retryAt = VirtualRouter.NEVER;
    private boolean ended;

    FailoverThread(
            LinkWatch links,
            EventDescriptor wake,
            AddressQueue addresses,
            RoleListener listener,
            EventSink events,
            InstantSource clock) {
        this.links = links;
        this.wake = wake;
        this.sockets = new VrrpSockets(wake.number(), links.descriptor());
        this.addresses = addresses;
        this.listener = listener;
        this.events = events;
        this.clock = clock;
        this.routers = new VirtualRouters(this, addresses);
    }

    void start() {
        thread.start();
    }

    /** Has something done on the thread; any thread may ask. */
    void execute(Runnable command) {
        commands.add(command);
        wake.signal();
    }

    /** Waits until it has ended. */
    void join() throws InterruptedException {
        thread.join();
    }

    private long now() {
        return System.nanoTime() - origin;
    }

    private void run() {
        while (!ended) {
            sockets.await(waitNanos());
            try {
                turn();
            } catch (RuntimeException e) {
                // A mistake in one turn must not end failover for the rest of the process' life.
                LOG.log(Level.ERROR, "VRRP could not do what it should", e);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        departures.end(null);
        sockets.close();
        links.close();
        wake.close();
    }

    private long waitNanos() {
        if (!commands.isEmpty()) {
            return 0;
        }
        long deadline = Math.min(routers.deadline(), retryAt);
        return deadline == VirtualRouter.NEVER ? -1 : Math.max(0, deadline - now());
    }

    private void turn() {
        wake.clear();
        sockets.receive((device, datagram) -> routers.receive(device, datagram, now()));
        if (sockets.isReadable(LINKS) || now() >= retryAt) {
            watchLinks();
        }
        routers.expire(now());
        for (Runnable next = commands.poll(); next != null; next = commands.poll()) {
            next.run();
        }
    }

    private void watchLinks() {
        boolean again = retryAt != VirtualRouter.NEVER;
        retryAt = VirtualRouter.NEVER;
        try {
            if (links.refresh() || again) {
                sockets.reconcile(instances(), links);
                judge();
            }
        } catch (SystemCallException e) {
            // As when an interface goes while its socket is opened; there is more news to come.
            LOG.log(Level.WARNING, e.getMessage());
            judge();
            retryAt = now() + RETRY_NANOS;
        }
    }

    private List<VrrpInstanceConfig> instances() {
        return routers.routers().stream().map(VirtualRouter::config).toList();
    }

    private void judge() {
        new Suitability(links.links(), links.addresses()).tell(routers.routers(), sockets);
        routers.reconsider(now());
    }

    /** Takes another configuration; on the thread. */
    void configure(List<VrrpInstanceConfig> instances, List<SyncGroupConfig> groups)
            throws SystemCallException {
        links.refresh();
        // Farewells of what is removed go out by the sockets as they are.
        List<VrrpInstanceConfig> both = new ArrayList<>(instances());
        both.addAll(instances);
        sockets.reconcile(both, links);
        routers.configure(instances, groups, now());
        retryAt = now();
        watchLinks();
    }

    /** Gives away what roles it has; on the thread. */
    void handOver(CompletableFuture<Boolean> end) {
        Set<RouterGroup> leaving = new HashSet<>();
        for (RouterGroup group : routers.groups()) {
            if (group.handOver(now())) {
                leaving.add(group);
            }
        }
        departures.await(leaving, end);
    }

    /** Begins or ends maintenance; on the thread. */
    void setMaintenance(boolean on, CompletableFuture<Boolean> end) {
        routers.setMaintenance(on, now());
        awaitLeaving(end);
    }

    private void awaitLeaving(CompletableFuture<Boolean> end) {
        Set<RouterGroup> leaving = new HashSet<>();
        for (RouterGroup group : routers.groups()) {
            if (group.state() == GroupState.LEAVING) {
                leaving.add(group);
            }
        }
        departures.await(leaving, end);
    }

    /** Leaves all virtual routers, keeping the addresses until others have them; on the thread. */
    void stop(CompletableFuture<Boolean> end) {
        routers.groups().forEach(group -> group.stop(now()));
        awaitLeaving(end);
    }

    /** Leaves what is not left yet, and ends; on the thread. */
    void end() {
        routers.groups().forEach(RouterGroup::stopAtOnce);
        ended = true;
    }

    /** The virtual routers; on the thread. */
    VirtualRouters routers() {
        return routers;
    }

    /** How long ago a virtual router's partner was heard, -1 if never; on the thread. */
    long partnerAgeMillis(VirtualRouter router) {
        return router.partner() == null
                ? -1
                : TimeUnit.NANOSECONDS.toMillis(now() - router.heardAt());
    }

    @Override
    public void advertise(VirtualRouter router, int priority) {
        VrrpInstanceConfig config = router.config();
        IpAddress source = router.source();
        if (source == null) {
            router.counts().countSent(false);
            return;
        }
        Advertisement advertisement = router.advertisement(priority);
        if (config.peers().isEmpty()) {
            send(router, advertisement, source, MessageFormat.group(config.ipv6()));
        } else {
            for (IpAddress peer : config.peers()) {
                send(router, advertisement, source, peer);
            }
        }
    }

    private void send(
            VirtualRouter router, Advertisement advertisement, IpAddress source, IpAddress to) {
        VrrpInstanceConfig config = router.config();
        byte[] message =
                AdvertisementWriter.write(
                        advertisement, config.password(), config.ipv4PseudoHeader(), source, to);
        router.counts().countSent(sockets.send(config, source, to, message));
    }

    @Override
    public void roleChanged(RouterGroup group, Role role, String reason) {
        String word = role.name().toLowerCase(Locale.ROOT);
        Event event =
                new Event(clock.instant(), Event.Kind.VRRP, List.of(group.name()), word, reason);
        addresses.add(
                () -> {
                    events.publish(event);
                    listener.roleChanged(group.name(), role, reason);
                });
    }

    @Override
    public void report(VirtualRouter router, String state, String detail) {
        boolean partner = state.equals("heard") || state.equals("silent");
        Event.Kind kind = partner ? Event.Kind.PARTNER : Event.Kind.VRRP;
        events.publish(new Event(clock.instant(), kind, List.of(router.name()), state, detail));
    }

    @Override
    public void left(RouterGroup group, boolean taken) {
        departures.left(group, taken);
    }
}
