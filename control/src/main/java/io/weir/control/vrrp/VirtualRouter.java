package io.weir.control.vrrp;

import io.weir.control.config.FloatingAddress;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * This router's part in one virtual router: its timers and what it knows of the others. What state
 * it is in is its {@link RouterGroup}'s. Owned by the thread that runs the state machine; all times
 * are nanoseconds of one clock that never goes back and started after 0.
 */
final class VirtualRouter {
    static final long NEVER = Long.MAX_VALUE;

    /** So often in an interval does an active router answer others at once. */
    private static final int ANSWERS_PER_INTERVAL = 10;

    private VrrpInstanceConfig config;
    private AdvertisementReader reader;
    private Set<IpAddress> listed;
    private List<FloatingAddress> floating;
    private @Nullable IpAddress source;
    private @Nullable String fault = "not started";

    private long activeInterval;
    private long downAt = NEVER;
    private long preemptAt = NEVER;
    private long advertiseAt = NEVER;
    private long sentAt;
    private boolean activeLeft;
    private boolean taken;

    private @Nullable IpAddress partner;
    private long heardAt;
    private boolean partnerGone;
    private boolean otherAddresses;
    private final Rivalry rivalry = new Rivalry();
    private final PacketCounts counts = new PacketCounts();

    VirtualRouter(VrrpInstanceConfig config) {
        this.config = config;
        reader = new AdvertisementReader(config);
        listed = listed(config);
        floating = floating(config);
        activeInterval = interval();
    }

    private static Set<IpAddress> listed(VrrpInstanceConfig config) {
        Set<IpAddress> listed = new HashSet<>();
        config.addresses().forEach(address -> listed.add(address.address()));
        return listed;
    }

    private static List<FloatingAddress> floating(VrrpInstanceConfig config) {
        List<FloatingAddress> all = new ArrayList<>(config.addresses());
        all.addAll(config.unlisted());
        return List.copyOf(all);
    }

    VrrpInstanceConfig config() {
        return config;
    }

    String name() {
        return config.name();
    }

    AdvertisementReader reader() {
        return reader;
    }

    /** All that its active router has, in advertisements or not. */
    List<FloatingAddress> floating() {
        return floating;
    }

    PacketCounts counts() {
        return counts;
    }

    /** Where it speaks from; null while its interface has nothing of the kind. */
    @Nullable IpAddress source() {
        return source;
    }

    void setSource(@Nullable IpAddress own) {
        source = own;
    }

    /** Why it cannot take part, null if it can. */
    @Nullable String fault() {
        return fault;
    }

    void setFault(@Nullable String why) {
        fault = why;
    }

    /** The other router that was heard last. */
    @Nullable IpAddress partner() {
        return partner;
    }

    long heardAt() {
        return heardAt;
    }

    Rivalry rivalry() {
        return rivalry;
    }

    long interval() {
        return config.interval().toNanos();
    }

    /** What it says of itself. */
    Advertisement advertisement(int priority) {
        List<IpAddress> addresses = new ArrayList<>(config.addresses().size());
        config.addresses().forEach(address -> addresses.add(address.address()));
        return new Advertisement(
                config.version(),
                config.routerId(),
                priority,
                (int) (interval() / Advertisement.NANOS_PER_CENTISECOND),
                addresses);
    }

    /** Takes another configuration of the same virtual router; whether the timers start anew. */
    boolean reconfigure(VrrpInstanceConfig changed) {
        boolean timers =
                changed.priority() != config.priority()
                        || !changed.interval().equals(config.interval());
        config = changed;
        reader = new AdvertisementReader(changed);
        listed = listed(changed);
        floating = floating(changed);
        return timers;
    }

    /** Waits for an active router, as long as one may be silent. */
    void standBy(long now) {
        activeInterval = interval();
        wait(now + Timing.down(config, activeInterval), now);
    }

    /** Waits at the start: the owner not at all, and one that starts active for an interval. */
    void start(long now) {
        standBy(now);
        if (config.priority() == Advertisement.OWNER) {
            downAt = now;
        } else if (config.startsActive()) {
            downAt = now + interval() + Timing.skew(config, interval());
        }
    }

    /** Waits after another router turned out to be the active one. */
    void standBy(Advertisement active, long now) {
        activeInterval = active.intervalNanos();
        wait(now + Timing.down(config, activeInterval), now);
    }

    /** Waits after this router gave the role away. */
    void standByAfterDeparture(long now) {
        if (!taken) {
            activeInterval = interval();
        }
        wait(now + Timing.down(config, activeInterval), now);
    }

    private void wait(long until, long now) {
        downAt = until;
        preemptAt = now + config.preemptDelay().toNanos();
        advertiseAt = NEVER;
        activeLeft = false;
        taken = false;
        rivalry.end();
    }

    /** When there is no active router any more, unless one is heard until then. */
    long downAt() {
        return downAt;
    }

    /** Why it takes over now, in words. */
    String reasonToTakeOver(long now) {
        if (config.priority() == Advertisement.OWNER) {
            return "the addresses are this router's own";
        }
        if (partner == null) {
            return "no other router has been heard";
        }
        if (activeLeft) {
            return partner + " has left";
        }
        return isPartnerSilent(now)
                ? String.format(
                        Locale.ROOT,
                        "%s has been silent for %.2f s",
                        partner,
                        (now - heardAt) / 1e9)
                : partner + " has a lower priority";
    }

    /** Remembers who was heard; true if nobody or another one was before, or it had gone. */
    boolean meet(IpAddress other, long now) {
        boolean news = partnerGone || !other.equals(partner);
        partnerGone = false;
        partner = other;
        heardAt = now;
        return news;
    }

    /** The one heard last is active no more; true if it fell silent without a word. */
    boolean missPartner(long now) {
        boolean before = partnerGone;
        partnerGone = partner != null && (activeLeft || isPartnerSilent(now));
        return partnerGone && !before && !activeLeft;
    }

    private boolean isPartnerSilent(long now) {
        return now - heardAt > Timing.down(config, activeInterval) / 2;
    }

    /** RFC 9568 §6.4.2: an advertisement is heard by a router that stands by. */
    void hearInStandby(Advertisement heard, boolean mayPreempt, long now) {
        if (heard.priority() == Advertisement.LEAVING) {
            downAt = now + Timing.skew(config, activeInterval);
            activeLeft = true;
            return;
        }
        boolean inferior = heard.priority() < config.priority();
        if (inferior && preemptAt == NEVER) {
            preemptAt = now + config.preemptDelay().toNanos();
        } else if (!inferior) {
            preemptAt = NEVER;
        }
        if (inferior && mayPreempt && config.preempt() && now >= preemptAt) {
            return;
        }
        activeInterval = heard.intervalNanos();
        downAt = now + Timing.down(config, activeInterval);
        activeLeft = false;
    }

    /** The virtual router's others hear from now on from this one. */
    void advertiseFrom(long now) {
        downAt = NEVER;
        preemptAt = NEVER;
        taken = false;
        rivalry.end();
        sent(now);
    }

    /** An advertisement has been sent. */
    void sent(long now) {
        sentAt = now;
        advertiseAt = now + interval();
    }

    /** When the next advertisement is due. */
    long advertiseAt() {
        return advertiseAt;
    }

    /** Ceases to advertise. */
    void fallSilent() {
        advertiseAt = NEVER;
        rivalry.end();
    }

    /** Whether it has been silent for so long that another router may have taken over. */
    boolean isPresumedDead(long now) {
        return now - sentAt > Timing.presumedDead(interval());
    }

    /** Whether to answer at once; a stranger must not make it send more and more. */
    boolean mayAnswer(long now) {
        return now - sentAt >= interval() / ANSWERS_PER_INTERVAL;
    }

    /** RFC 9568 §6.4.3: whether another active router is the one to stay. */
    boolean yieldsTo(Advertisement other, IpAddress otherSource) {
        if (other.priority() != config.priority()) {
            return other.priority() > config.priority();
        }
        return source != null && otherSource.compareTo(source) > 0;
    }

    /** Another router has taken the role that this one gives away. */
    void setTaken(Advertisement active) {
        taken = true;
        activeInterval = active.intervalNanos();
    }

    boolean isTaken() {
        return taken;
    }

    void beginDeparture() {
        taken = false;
    }

    /** Whether an advertisement is of another virtual router with the same number. */
    boolean isStranger(Advertisement heard) {
        return Collections.disjoint(listed, heard.addresses());
    }

    /** Whether the addresses heard are others than its own, if that is news. */
    boolean isMismatchNews(Advertisement heard) {
        boolean differs = !listed.equals(Set.copyOf(heard.addresses()));
        boolean news = differs && !otherAddresses;
        otherAddresses = differs;
        return news;
    }
}
