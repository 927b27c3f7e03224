package io.weir.control.address;

import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.FloatingAddress;
import io.weir.control.event.EventSink;
import io.weir.control.failover.AddressHolder;
import io.weir.dataplane.sys.EventDescriptor;
import io.weir.dataplane.sys.PollSet;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Holds floating addresses on the interfaces of the network namespace of the thread that opened it.
 *
 * <p>Any thread. Addresses are put on, taken off and announced the first time on the caller's
 * thread; a thread of its own renews them, announces them again and watches the links.
 */
public final class NetlinkAddressHolder implements AddressHolder {
    private static final Logger LOG = System.getLogger("weir");
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final KernelInterfaces interfaces;
    private final HeldAddresses held;
    private final AddressGuard guard;
    private final EventDescriptor wake;
    private final PollSet poll;
    private final Thread thread;
    private volatile boolean closed;

    private NetlinkAddressHolder(
            KernelInterfaces interfaces,
            EventDescriptor wake,
            EventSink events,
            SteeringLinks links) {
        this.interfaces = interfaces;
        this.guard = new AddressGuard(links);
        this.held = new HeldAddresses(interfaces, events, InstantSource.system(), guard::guard);
        this.wake = wake;
        this.poll = new PollSet(wake.number(), interfaces.descriptor());
        this.thread = Thread.ofPlatform().name("weir-addresses").daemon().unstarted(this::run);
    }

    /**
     * Gets ready to hold addresses; takes off those that a killed predecessor has left behind.
     *
     * @throws IOException without CAP_NET_ADMIN and CAP_NET_RAW; one line for the operator
     */
    public static NetlinkAddressHolder open(EventSink events) throws IOException {
        return open(events, SteeringLinks.NONE);
    }

    /**
     * The same beside a balancer.
     *
     * @param links what is to be kept from the host for some time if this process is killed
     */
    public static NetlinkAddressHolder open(EventSink events, SteeringLinks links)
            throws IOException {
        KernelInterfaces interfaces = KernelInterfaces.open();
        EventDescriptor wake = null;
        NetlinkAddressHolder holder;
        try {
            wake = new EventDescriptor("hold floating addresses");
            holder = new NetlinkAddressHolder(interfaces, wake, events, links);
            holder.held.removeLeftovers();
            holder.guard.guard(List.of());
        } catch (IOException e) {
            if (wake != null) {
                wake.close();
            }
            interfaces.close();
            throw e;
        }
        holder.thread.start();
        return holder;
    }

    @Override
    public synchronized void hold(
            Collection<FloatingAddress> addresses, AnnouncementConfig announcements) {
        if (!closed) {
            refresh();
            held.hold(addresses, announcements, System.nanoTime());
            wake.signal();
        }
    }

    @Override
    public synchronized void announce(
            Collection<FloatingAddress> addresses, AnnouncementConfig announcements) {
        if (!closed) {
            held.announce(addresses, announcements, System.nanoTime());
            wake.signal();
        }
    }

    @Override
    public synchronized void release(Collection<FloatingAddress> addresses) {
        if (!closed) {
            held.release(addresses, System.nanoTime());
            wake.signal();
        }
    }

    private void run() {
        while (!closed) {
            poll.await(waitNanos());
            wake.clear();
            if (!work()) {
                // Not to spin on a failure that stays.
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private synchronized long waitNanos() {
        return held.waitNanos(System.nanoTime());
    }

    private synchronized boolean work() {
        try {
            boolean well = refresh();
            held.work(System.nanoTime());
            return well;
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "floating addresses could not be looked after", e);
            return false;
        }
    }

    // So that an interface which has just come is known.
    private boolean refresh() {
        try {
            if (interfaces.refresh()) {
                held.interfacesChanged(System.nanoTime());
            }
            return true;
        } catch (IOException e) {
            LOG.log(Level.WARNING, e.getMessage());
            return false;
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            held.releaseAll(System.nanoTime());
            guard.close();
            closed = true;
            wake.signal();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            // The thread may still be polling what would be closed.
            Thread.currentThread().interrupt();
            return;
        }
        poll.close();
        wake.close();
        interfaces.close();
    }
}
