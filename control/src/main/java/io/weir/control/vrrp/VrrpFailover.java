package io.weir.control.vrrp;

import io.weir.control.config.Configuration;
import io.weir.control.event.EventSink;
import io.weir.control.failover.AddressHolder;
import io.weir.control.failover.Failover;
import io.weir.control.failover.RoleListener;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.netlink.LinkWatch;
import io.weir.dataplane.sys.EventDescriptor;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Takes part in virtual routers, in the network namespace of the thread that opened it. Any thread.
 */
public final class VrrpFailover implements Failover {
    /** A stop does not wait longer for another router to take over. */
    private static final long STOP_MILLIS = 3_000;

    /** Far beyond what anything takes but a departure, which has an end of its own. */
    private static final long ANSWER_MILLIS = 10_000;

    private final FailoverThread thread;
    private final AddressQueue addresses;
    private volatile boolean closed;

    private VrrpFailover(FailoverThread thread, AddressQueue addresses) {
        this.thread = thread;
        this.addresses = addresses;
    }

    /**
     * Gets ready; takes part in nothing before {@link #configure}.
     *
     * @param addresses puts addresses on; stays open when this is closed
     * @throws IOException if the machine refuses; one line for the operator
     */
    public static VrrpFailover open(
            AddressHolder addresses, RoleListener listener, EventSink events) throws IOException {
        LinkWatch links = LinkWatch.open();
        EventDescriptor wake;
        try {
            wake = new EventDescriptor("speak VRRP");
        } catch (IOException e) {
            links.close();
            throw e;
        }
        AddressQueue queue = new AddressQueue(addresses);
        FailoverThread thread =
                new FailoverThread(links, wake, queue, listener, events, InstantSource.system());
        thread.start();
        return new VrrpFailover(thread, queue);
    }

    @Override
    public void configure(Configuration configuration) throws IOException {
        String violation =
                InstanceRules.violation(configuration.vrrp(), configuration.syncGroups());
        if (violation != null) {
            throw new IOException(violation);
        }
        if (closed) {
            throw new IOException("VRRP has ended");
        }
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        thread.execute(
                () -> {
                    try {
                        thread.configure(configuration.vrrp(), configuration.syncGroups());
                        done.complete(true);
                    } catch (IOException | RuntimeException e) {
                        done.completeExceptionally(e);
                    }
                });
        try {
            if (!await(done, ANSWER_MILLIS)) {
                throw new IOException("VRRP does not answer; see the log, and restart weir");
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException refused
                    ? refused
                    : new IOException("VRRP could not be configured: " + e.getCause(), e);
        }
    }

    private static boolean await(CompletableFuture<Boolean> done, long millis)
            throws ExecutionException {
        try {
            return done.get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean outcome(CompletableFuture<Boolean> done, long millis) {
        try {
            return await(done, millis);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    @Override
    public boolean handOver() {
        if (closed) {
            return false;
        }
        CompletableFuture<Boolean> end = new CompletableFuture<>();
        thread.execute(() -> thread.handOver(end));
        return outcome(end, Timing.LONGEST_DEPARTURE_MILLIS);
    }

    @Override
    public void setMaintenance(boolean on) {
        if (closed) {
            return;
        }
        CompletableFuture<Boolean> end = new CompletableFuture<>();
        thread.execute(() -> thread.setMaintenance(on, end));
        outcome(end, Timing.LONGEST_DEPARTURE_MILLIS);
        settle();
    }

    /** Waits until addresses are as they should be. */
    private void settle() {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        addresses.add(() -> done.complete(true));
        outcome(done, ANSWER_MILLIS);
    }

    @Override
    public List<Status> status() {
        if (closed) {
            return List.of();
        }
        CompletableFuture<List<Status>> read = new CompletableFuture<>();
        thread.execute(() -> read.complete(read()));
        try {
            return read.get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private List<Status> read() {
        List<Status> all = new ArrayList<>();
        for (VirtualRouter router : thread.routers().routers()) {
            RouterGroup group = thread.routers().groupOf(router);
            IpAddress partner = router.partner();
            all.add(
                    new Status(
                            router.name(),
                            group.state().role(),
                            partner == null ? "" : partner.toString(),
                            thread.partnerAgeMillis(router),
                            detail(router, group)));
        }
        return all;
    }

    private static String detail(VirtualRouter router, RouterGroup group) {
        StringBuilder text = new StringBuilder();
        text.append("VRID ").append(router.config().routerId());
        text.append(" on ").append(router.config().device());
        text.append(", priority ").append(router.config().priority());
        if (!group.name().equals(router.name())) {
            text.append(", with group ").append(group.name());
        }
        switch (group.state()) {
            case NEW, STANDBY, ACTIVE -> {}
            case FAULT ->
                    text.append(", ").append(router.fault() != null ? router.fault() : "group");
            case MAINTENANCE, STOPPED, LEAVING ->
                    text.append(", ").append(group.state().name().toLowerCase(Locale.ROOT));
        }
        if (router.rivalry().lasts()) {
            text.append(", another router is active too");
        }
        return text.append("; ").append(router.counts()).toString();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        CompletableFuture<Boolean> end = new CompletableFuture<>();
        thread.execute(() -> thread.stop(end));
        outcome(end, STOP_MILLIS);
        thread.execute(thread::end);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        addresses.close();
    }
}
