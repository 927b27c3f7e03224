package io.weir.control.address;

import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.FloatingAddress;
import io.weir.control.event.Event;
import io.weir.control.event.EventSink;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.netlink.HostAddress;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The addresses that this router is to have, and what has to be done for them at what time.
 *
 * <p>The kernel keeps each for {@link #LEASE_SECONDS} only and is told again every {@link
 * #RENEWAL_NANOS}, so that the addresses of a process that was killed or hangs disappear. One
 * thread at a time.
 */
final class HeldAddresses {
    /** Shorter, and a busy machine would lose its addresses; longer, and a dead one keeps them. */
    static final int LEASE_SECONDS = 3;

    static final long RENEWAL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /**
     * A process that slept through a lease does not take its addresses back at once: whoever
     * decides about the role has slept too, and has to hear first of a partner who has them.
     */
    static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final Logger LOG = System.getLogger("weir");
    private static final long LEASE_NANOS = TimeUnit.SECONDS.toNanos(LEASE_SECONDS);

    private final Interfaces interfaces;
    private final EventSink events;
    private final InstantSource clock;
    private final Consumer<List<String>> guard;
    private final Map<FloatingAddress, HeldAddress> held = new LinkedHashMap<>();
    private boolean announcing;

    /**
     * Holds none yet.
     *
     * @param guard is told what is on, each as ADDRESS/LENGTH@INTERFACE
     */
    HeldAddresses(
            Interfaces interfaces,
            EventSink events,
            InstantSource clock,
            Consumer<List<String>> guard) {
        this.interfaces = interfaces;
        this.events = events;
        this.clock = clock;
        this.guard = guard;
    }

    /** Takes off what a process that was killed has left behind. */
    void removeLeftovers() throws IOException {
        for (HostAddress left : interfaces.marked()) {
            interfaces.remove(left);
            LOG.log(Level.INFO, "took off " + left.address() + ", which was left behind");
        }
    }

    void hold(
            Collection<FloatingAddress> addresses,
            AnnouncementConfig announcements,
            long nowNanos) {
        for (FloatingAddress floating : addresses) {
            HeldAddress address = held.get(floating);
            if (address == null) {
                held.put(floating, new HeldAddress(floating, announcements, nowNanos));
            } else {
                address.announceAnew(announcements, nowNanos);
                address.retryNanos = nowNanos;
            }
        }
        announcing = !addresses.isEmpty();
        work(nowNanos);
    }

    void announce(
            Collection<FloatingAddress> addresses,
            AnnouncementConfig announcements,
            long nowNanos) {
        for (FloatingAddress floating : addresses) {
            HeldAddress address = held.get(floating);
            if (address != null) {
                address.announceAnew(announcements, nowNanos);
                announcing = true;
            }
        }
        work(nowNanos);
    }

    void release(Collection<FloatingAddress> addresses, long nowNanos) {
        boolean any = false;
        for (FloatingAddress floating : addresses) {
            HeldAddress address = held.remove(floating);
            if (address != null) {
                any = true;
                takeOff(address);
            }
        }
        if (any) {
            // With the first address of a network the kernel takes all others of it (the
            // secondary ones), unless promote_secondaries is set.
            renewAll(nowNanos);
            tellGuard();
        }
    }

    private void tellGuard() {
        guard.accept(
                held.values().stream()
                        .filter(address -> address.on != null)
                        .map(address -> address + "@" + address.floating.device())
                        .toList());
    }

    void releaseAll(long nowNanos) {
        release(List.copyOf(held.keySet()), nowNanos);
    }

    /** Links or addresses have changed. */
    void interfacesChanged(long nowNanos) {
        for (HeldAddress address : held.values()) {
            if (address.on == null && !address.trouble.isEmpty()) {
                address.retryNanos = nowNanos;
            }
        }
        work(nowNanos);
    }

    /** Does what is due. */
    void work(long nowNanos) {
        for (HeldAddress address : held.values()) {
            follow(address, nowNanos);
            if (address.on == null && nowNanos - address.retryNanos >= 0) {
                putOn(address, nowNanos);
            } else if (nowNanos - address.renewedNanos >= RENEWAL_NANOS) {
                renew(address, nowNanos);
            }
        }
        announceDue(nowNanos);
        tellGuard();
    }

    /** How long there will be nothing to do, if nothing happens; -1 for ever. */
    long waitNanos(long nowNanos) {
        long wait = Long.MAX_VALUE;
        for (HeldAddress address : held.values()) {
            wait =
                    Math.min(
                            wait,
                            address.on == null
                                    ? address.retryNanos - nowNanos
                                    : address.renewedNanos + RENEWAL_NANOS - nowNanos);
            if (address.isThere() && address.linkUp) {
                wait = Math.min(wait, address.schedule.waitNanos(nowNanos));
            }
        }
        return wait == Long.MAX_VALUE ? -1 : Math.max(0, wait);
    }

    // The interface may have gone, come back as another, or lost its carrier.
    private void follow(HeldAddress address, long nowNanos) {
        Link link = interfaces.link(address.floating.device());
        HostAddress on = address.on;
        if (on != null && (link == null || link.index() != on.linkIndex())) {
            address.on = null;
            address.retryNanos = nowNanos;
        } else if (on != null && nowNanos - address.renewedNanos >= LEASE_NANOS) {
            address.on = null;
            address.retryNanos = nowNanos + GRACE_NANOS;
            trouble(address, "lapsed", "weir did not run for longer than its lease");
        }
        boolean up = link != null && link.up();
        if (up && !address.linkUp && address.isThere()) {
            address.announceAnew(address.announcements, nowNanos);
        }
        address.linkUp = up;
    }

    private void putOn(HeldAddress address, long nowNanos) {
        FloatingAddress floating = address.floating;
        address.retryNanos = nowNanos + RETRY_NANOS;
        Link link = interfaces.link(floating.device());
        if (link == null) {
            address.hosts = false;
            trouble(address, "missing", "there is no interface " + floating.device());
            return;
        }
        HostAddress wanted =
                new HostAddress(
                        link.index(),
                        floating.address(),
                        floating.prefixLength(),
                        floating.label());
        try {
            boolean ours = interfaces.add(wanted, LEASE_SECONDS) || isMarked(wanted);
            if (!ours && address.hosts) {
                return;
            }
            address.hosts = !ours;
            address.on = ours ? wanted : null;
            address.renewedNanos = nowNanos;
            address.trouble = "";
            address.announceAnew(address.announcements, nowNanos);
            String detail = ours ? "" : "the host had it already, and keeps it";
            tellGuard();
            publish(floating, "on", detail);
        } catch (IOException e) {
            trouble(address, "refused", String.valueOf(e.getMessage()));
        }
    }

    private boolean isMarked(HostAddress wanted) throws IOException {
        return interfaces.marked().stream()
                .anyMatch(
                        marked ->
                                marked.linkIndex() == wanted.linkIndex()
                                        && marked.prefixLength() == wanted.prefixLength()
                                        && marked.address().equals(wanted.address()));
    }

    private void renew(HeldAddress address, long nowNanos) {
        HostAddress on = address.on;
        if (on == null) {
            return;
        }
        try {
            interfaces.renew(on, LEASE_SECONDS);
            address.renewedNanos = nowNanos;
        } catch (IOException e) {
            address.on = null;
            address.retryNanos = nowNanos + RENEWAL_NANOS;
            trouble(address, "refused", String.valueOf(e.getMessage()));
        }
    }

    private void renewAll(long nowNanos) {
        for (HeldAddress address : held.values()) {
            renew(address, nowNanos);
        }
    }

    private void takeOff(HeldAddress address) {
        HostAddress on = address.on;
        if (on == null) {
            return;
        }
        address.on = null;
        try {
            interfaces.remove(on);
            publish(address.floating, "off", "");
        } catch (IOException e) {
            // The kernel takes it off by itself when its lease is over.
            trouble(address, "refused", String.valueOf(e.getMessage()));
        }
    }

    private void announceDue(long nowNanos) {
        Map<String, List<HeldAddress>> due = new LinkedHashMap<>();
        for (HeldAddress address : held.values()) {
            if (address.isThere() && address.linkUp && address.schedule.waitNanos(nowNanos) <= 0) {
                due.computeIfAbsent(address.floating.device(), _ -> new ArrayList<>()).add(address);
            }
        }
        due.forEach((device, addresses) -> announce(interfaces.link(device), addresses, nowNanos));
        if (announcing && held.values().stream().allMatch(a -> a.schedule.isBegun())) {
            announcing = false;
            events.publish(
                    new Event(
                            clock.instant(),
                            Event.Kind.ADDRESS,
                            List.of(),
                            "announced",
                            "gratuitous lvs arps finished"));
        }
    }

    private void announce(@Nullable Link link, List<HeldAddress> addresses, long nowNanos) {
        List<IpAddress> announced =
                addresses.stream().map(address -> address.floating.address()).toList();
        try {
            if (link != null && link.ethernet()) {
                interfaces.announce(link, announced);
            }
        } catch (IOException e) {
            // The link's coming back is news, and begins the announcements anew.
            LOG.log(Level.DEBUG, e.getMessage());
        }
        addresses.forEach(address -> address.schedule.made(nowNanos));
    }

    // The operator hears of each trouble once, not with each attempt to end it. Nothing is written
    // into the log here: whoever reads it may stop to, and the lease would run out meanwhile.
    private void trouble(HeldAddress address, String state, String detail) {
        if (!address.trouble.equals(state)) {
            address.trouble = state;
            publish(address.floating, state, detail);
        }
    }

    private void publish(FloatingAddress floating, String state, String detail) {
        List<String> subject = List.of(floating.address().toString(), floating.device());
        events.publish(new Event(clock.instant(), Event.Kind.ADDRESS, subject, state, detail));
    }
}
