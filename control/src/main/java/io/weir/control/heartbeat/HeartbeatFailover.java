package io.weir.control.heartbeat;

import io.weir.control.config.Configuration;
import io.weir.control.config.HeartbeatConfig;
import io.weir.control.event.EventSink;
import io.weir.control.failover.AddressHolder;
import io.weir.control.failover.Failover;
import io.weir.control.failover.RoleListener;
import io.weir.dataplane.net.netlink.LinkWatch;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A pair by Piranha's heartbeat, in the network namespace of the thread that opened it.
 *
 * <p>Any thread; everything is done on one of its own, which also calls the role listener.
 */
public final class HeartbeatFailover implements Failover {
    private static final Logger LOG = System.getLogger("weir");

    /** A router notices a dead link, and its own sleep, at least this exactly. */
    private static final long LONGEST_TURN_MILLIS = 100;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final HeartbeatPair.Surroundings around;
    private final LinkWatch links;
    private final Selector selector;
    private final Queue<FutureTask<?>> commands = new ConcurrentLinkedQueue<>();
    private final Thread thread;

    // The thread's own.
    private @Nullable HeartbeatPair pair;
    private boolean maintenance;
    private volatile boolean closed;

    private HeartbeatFailover(
            HeartbeatPair.Surroundings around, LinkWatch links, Selector selector) {
        this.around = around;
        this.links = links;
        this.selector = selector;
        this.thread = Thread.ofPlatform().name("weir-heartbeat").daemon().unstarted(this::run);
    }

    /**
     * Gets ready; takes no part before {@link #configure}.
     *
     * @throws IOException if links cannot be watched; one line for the operator
     */
    public static HeartbeatFailover open(
            AddressHolder holder, RoleListener listener, EventSink events) throws IOException {
        LinkWatch links = LinkWatch.open();
        try {
            HeartbeatFailover opened =
                    new HeartbeatFailover(
                            new HeartbeatPair.Surroundings(holder, listener, events),
                            links,
                            Selector.open());
            opened.thread.start();
            return opened;
        } catch (IOException e) {
            links.close();
            throw e;
        }
    }

    @Override
    public void configure(Configuration configuration) throws IOException {
        HeartbeatConfig config = configuration.heartbeat();
        byte[] secret = secret(config == null ? null : config.key());
        call(
                () -> {
                    links.refresh();
                    apply(config, secret);
                    return true;
                },
                false);
    }

    private static byte[] secret(@Nullable Path file) throws IOException {
        return file == null ? new byte[0] : HeartbeatKey.read(file);
    }

    private void apply(@Nullable HeartbeatConfig config, byte[] secret) throws IOException {
        HeartbeatPair before = pair;
        if (config == null) {
            if (before != null) {
                pair = null;
                before.stop("the configuration has no heartbeat any more");
            }
            return;
        }
        PairAddresses addresses = PairAddresses.of(config, links.addresses());
        if (before != null && before.addresses().equals(addresses)) {
            before.update(config, secret, links);
            return;
        }
        HeartbeatPair opened = HeartbeatPair.open(config, secret, addresses, selector, around);
        if (before != null) {
            before.stop("the pair's addresses have changed");
        }
        pair = opened;
        opened.setMaintenance(maintenance, links);
    }

    @Override
    public boolean handOver() {
        return ask(
                () -> {
                    HeartbeatPair now = pair;
                    return now != null && now.handOver();
                },
                false);
    }

    @Override
    public void setMaintenance(boolean on) {
        ask(
                () -> {
                    maintenance = on;
                    HeartbeatPair now = pair;
                    if (now != null) {
                        now.setMaintenance(on, links);
                    }
                    return true;
                },
                false);
    }

    @Override
    public List<Status> status() {
        return ask(
                () -> {
                    HeartbeatPair now = pair;
                    return now == null ? List.<Status>of() : List.of(now.status());
                },
                List.of());
    }

    private <T> T ask(Callable<T> work, T ifClosed) {
        try {
            return call(work, ifClosed);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Does something on the thread, and waits until it is done. */
    private <T> T call(Callable<T> work, T ifClosed) throws IOException {
        FutureTask<T> task = new FutureTask<>(work);
        if (Thread.currentThread().equals(thread)) {
            task.run();
        } else {
            commands.add(task);
            selector.wakeup();
            if (closed && commands.remove(task)) {
                return ifClosed;
            }
        }
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the heartbeat was being changed", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException refusal) {
                throw refusal;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private void run() {
        while (!closed) {
            try {
                turn();
            } catch (IOException | RuntimeException e) {
                // A listener's mistake must not make the partner believe that this router died.
                LOG.log(Level.ERROR, "the heartbeat could not be looked after", e);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        carryOut();
    }

    private void turn() throws IOException {
        HeartbeatPair now = pair;
        long waitMillis =
                now == null
                        ? LONGEST_TURN_MILLIS
                        : Math.min(
                                LONGEST_TURN_MILLIS,
                                TimeUnit.NANOSECONDS.toMillis(now.waitNanos()) + 1);
        selector.select(waitMillis);
        selector.selectedKeys().clear();
        links.refresh();
        carryOut();
        HeartbeatPair then = pair;
        if (then != null && !closed) {
            then.turn(links);
        }
    }

    private void carryOut() {
        for (FutureTask<?> task = commands.poll(); task != null; task = commands.poll()) {
            task.run();
        }
    }

    @Override
    public void close() {
        ask(
                () -> {
                    HeartbeatPair now = pair;
                    pair = null;
                    if (now != null) {
                        now.stop("stopping");
                    }
                    closed = true;
                    return true;
                },
                true);
        try {
            thread.join();
            selector.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (IOException e) {
            LOG.log(Level.DEBUG, e.getMessage());
        }
        links.close();
    }
}
