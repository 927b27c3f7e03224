package io.weir.control.vrrp;

import io.weir.control.config.FloatingAddress;
import io.weir.control.failover.AddressHolder;
import io.weir.control.failover.Role;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Virtual routers that are active together or not at all: a sync group, or one alone. The state
 * machine of RFC 9568 §6.4, with what makes several of it one.
 *
 * <p>The group takes over when the last of its members would; it yields when the first of them has
 * to, and the others tell their networks that they leave. Owned by the thread that runs the state
 * machine; times as in {@link VirtualRouter}.
 */
final class RouterGroup {
    /** After a hand-over the other router keeps the role so long, whatever the priorities say. */
    static final long STAND_BACK_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final String name;
    private final List<VirtualRouter> members;
    private final RouterActions actions;
    private final AddressHolder addresses;
    private GroupState state = GroupState.NEW;
    private boolean started;
    private boolean maintenance;

    // Of LEAVING: what comes when nobody takes over, and when that is certain.
    private GroupState next = GroupState.STOPPED;
    private long leaveAt = VirtualRouter.NEVER;
    private long standBackUntil;

    RouterGroup(
            String name,
            List<VirtualRouter> members,
            RouterActions actions,
            AddressHolder addresses) {
        this.name = name;
        this.members = List.copyOf(members);
        this.actions = actions;
        this.addresses = addresses;
    }

    String name() {
        return name;
    }

    List<VirtualRouter> members() {
        return members;
    }

    GroupState state() {
        return state;
    }

    boolean hasAddresses() {
        return state.role() == Role.ACTIVE;
    }

    /** Goes on where the members were before they were put together, all of them active. */
    void adoptActive(Collection<VirtualRouter> joined, long now) {
        started = true;
        state = GroupState.ACTIVE;
        for (VirtualRouter router : joined) {
            router.advertiseFrom(now);
            actions.advertise(router, router.config().priority());
            addresses.hold(router.floating(), router.config().announcements());
        }
        actions.roleChanged(this, Role.ACTIVE, "reconfigured");
    }

    /** Faults or maintenance have begun or ended: looks what follows. */
    void reconsider(long now) {
        if (state == GroupState.STOPPED
                || (state == GroupState.LEAVING && next == GroupState.STOPPED)) {
            return;
        }
        String fault = faultOf();
        if (fault != null) {
            if (state != GroupState.FAULT) {
                dropOut(GroupState.FAULT);
                actions.roleChanged(this, Role.FAULT, fault);
            }
        } else if (!maintenance) {
            if (state == GroupState.LEAVING) {
                next = GroupState.STANDBY;
            } else if (state.role() == Role.FAULT) {
                begin(now);
            }
        } else if (hasAddresses()) {
            leave(GroupState.MAINTENANCE, now);
        } else if (state != GroupState.MAINTENANCE) {
            state = GroupState.MAINTENANCE;
            actions.roleChanged(this, Role.FAULT, word());
        }
    }

    private void begin(long now) {
        boolean first = !started;
        started = true;
        for (VirtualRouter router : members) {
            if (first) {
                router.start(now);
            } else {
                router.standBy(now);
            }
        }
        state = GroupState.STANDBY;
        actions.roleChanged(this, Role.STANDBY, first ? "started" : "able to take over again");
        takeOverIfDue(now);
    }

    private @Nullable String faultOf() {
        for (VirtualRouter router : members) {
            if (router.fault() != null) {
                return router.fault();
            }
        }
        return null;
    }

    // Says that it leaves where it still can, and has nothing more to do with it.
    private void dropOut(GroupState blocked) {
        boolean had = hasAddresses();
        GroupState before = state;
        state = blocked;
        if (had) {
            for (VirtualRouter router : members) {
                if (before == GroupState.ACTIVE) {
                    actions.advertise(router, Advertisement.LEAVING);
                }
                router.fallSilent();
            }
            release();
        }
        if (before == GroupState.LEAVING) {
            leaveAt = VirtualRouter.NEVER;
            actions.left(this, false);
        }
    }

    private void release() {
        members.forEach(router -> addresses.release(router.floating()));
    }

    /** A member has heard a good advertisement. */
    void receive(VirtualRouter member, Advertisement heard, IpAddress source, long now) {
        switch (state) {
            case STANDBY -> {
                member.hearInStandby(heard, now >= standBackUntil, now);
                takeOverIfDue(now);
            }
            case ACTIVE -> hearAsActive(member, heard, source, now);
            case LEAVING -> {
                if (heard.priority() != Advertisement.LEAVING) {
                    member.setTaken(heard);
                    if (members.stream().allMatch(VirtualRouter::isTaken)) {
                        concludeLeaving(now);
                    }
                }
            }
            case NEW, FAULT, MAINTENANCE, STOPPED -> {}
        }
    }

    private void hearAsActive(
            VirtualRouter member, Advertisement heard, IpAddress source, long now) {
        if (heard.priority() == Advertisement.LEAVING) {
            answer(member, now);
            // Who leaves was active, and hosts may have followed its announcements.
            if (member.rivalry().isAnnouncementDue(false, now)) {
                addresses.announce(member.floating(), member.config().announcements());
            }
        } else if (member.isPresumedDead(now)) {
            giveWay(member, heard, now, source + " took over while this router was held up");
        } else if (member.yieldsTo(heard, source)) {
            String order = heard.priority() == member.config().priority() ? "address" : "priority";
            // The last word: by it the other one knows that there were two, and announces itself
            // again to those who followed this one.
            advertise(member, now);
            giveWay(member, heard, now, source + " is active with a higher " + order);
        } else {
            Rivalry rivalry = member.rivalry();
            boolean news = rivalry.heard(source, heard.intervalNanos(), now);
            answer(member, now);
            if (rivalry.isAnnouncementDue(news, now)) {
                addresses.announce(member.floating(), member.config().announcements());
            }
            if (news) {
                String priority = "with priority " + heard.priority();
                actions.report(member, "conflict", source + " is active too, " + priority);
            }
        }
    }

    private void answer(VirtualRouter member, long now) {
        if (member.mayAnswer(now)) {
            advertise(member, now);
        }
    }

    private void advertise(VirtualRouter member, long now) {
        member.sent(now);
        actions.advertise(member, member.config().priority());
    }

    private void giveWay(VirtualRouter member, Advertisement heard, long now, String reason) {
        for (VirtualRouter router : members) {
            if (router == member) {
                router.standBy(heard, now);
            } else {
                actions.advertise(router, Advertisement.LEAVING);
                router.standBy(now);
            }
        }
        state = GroupState.STANDBY;
        release();
        actions.roleChanged(this, Role.STANDBY, reason);
    }

    /** Does what is due. What has arrived until now must have been given to {@link #receive}. */
    void expire(long now) {
        if (state == GroupState.STANDBY) {
            takeOverIfDue(now);
        } else if (state == GroupState.ACTIVE) {
            members.forEach(router -> expireActive(router, now));
        } else if (state == GroupState.LEAVING && now >= leaveAt) {
            concludeLeaving(now);
        }
    }

    private void expireActive(VirtualRouter router, long now) {
        if (now >= router.advertiseAt()) {
            if (router.isPresumedDead(now)) {
                // Nobody was heard who took over; but switches may have forgotten us.
                actions.report(router, "held-up", "this router was held up, and goes on");
                addresses.announce(router.floating(), router.config().announcements());
            }
            advertise(router, now);
        }
        IpAddress gone = router.rivalry().gone(now);
        if (gone != null) {
            addresses.announce(router.floating(), router.config().announcements());
            actions.report(
                    router, "resolved", gone + " is active no more; the addresses are announced");
        }
    }

    private void takeOverIfDue(long now) {
        VirtualRouter last = members.getFirst();
        for (VirtualRouter router : members) {
            if (now < router.downAt()) {
                return;
            }
            last = router.downAt() > last.downAt() ? router : last;
        }
        String reason = last.reasonToTakeOver(now);
        for (VirtualRouter router : members) {
            if (router.missPartner(now)) {
                actions.report(router, "silent", router.partner() + " is silent");
            }
        }
        becomeActive(now, reason);
    }

    private void becomeActive(long now, String reason) {
        state = GroupState.ACTIVE;
        for (VirtualRouter router : members) {
            router.advertiseFrom(now);
            actions.advertise(router, router.config().priority());
        }
        for (VirtualRouter router : members) {
            addresses.hold(router.floating(), router.config().announcements());
        }
        actions.roleChanged(this, Role.ACTIVE, reason);
    }

    /**
     * Gives the role to another router, and takes it back if there is none; false if it has none to
     * give. {@link RouterActions#left} tells the end.
     */
    boolean handOver(long now) {
        if (state != GroupState.ACTIVE) {
            return false;
        }
        leave(GroupState.STANDBY, now);
        return true;
    }

    /** Gives the role away and takes it no more until this is ended. */
    void setMaintenance(boolean on, long now) {
        maintenance = on;
        reconsider(now);
    }

    /** Leaves for good; true if it is done already, else {@link RouterActions#left} tells. */
    boolean stop(long now) {
        if (hasAddresses()) {
            leave(GroupState.STOPPED, now);
            return false;
        }
        state = GroupState.STOPPED;
        return true;
    }

    /** Leaves for good without waiting for another router. */
    void stopAtOnce() {
        dropOut(GroupState.STOPPED);
    }

    private void leave(GroupState then, long now) {
        next = then;
        if (state == GroupState.LEAVING) {
            return;
        }
        state = GroupState.LEAVING;
        leaveAt = now;
        for (VirtualRouter router : members) {
            actions.advertise(router, Advertisement.LEAVING);
            router.fallSilent();
            router.beginDeparture();
            leaveAt = Math.max(leaveAt, now + Timing.departure(router.config()));
        }
    }

    private void concludeLeaving(long now) {
        leaveAt = VirtualRouter.NEVER;
        boolean taken = members.stream().anyMatch(VirtualRouter::isTaken);
        if (next == GroupState.STANDBY && !taken) {
            becomeActive(now, "nobody took over");
        } else {
            state = next;
            if (next == GroupState.STANDBY) {
                standBackUntil = now + STAND_BACK_NANOS;
                members.forEach(router -> router.standByAfterDeparture(now));
            }
            release();
            actions.roleChanged(
                    this, next.role(), next == GroupState.STANDBY ? "handed over" : word());
        }
        actions.left(this, taken);
    }

    private String word() {
        return state.name().toLowerCase(Locale.ROOT);
    }

    /** When {@link #expire} has something to do. */
    long deadline() {
        return switch (state) {
            case NEW, FAULT, MAINTENANCE, STOPPED -> VirtualRouter.NEVER;
            case LEAVING -> leaveAt;
            case STANDBY -> members.stream().mapToLong(VirtualRouter::downAt).max().orElseThrow();
            case ACTIVE ->
                    members.stream()
                            .mapToLong(
                                    router ->
                                            Math.min(
                                                    router.advertiseAt(),
                                                    router.rivalry().deadline()))
                            .min()
                            .orElseThrow();
        };
    }

    /** A member's configuration has changed; the addresses it has no more are taken off. */
    void changed(VirtualRouter member, Collection<FloatingAddress> gone, boolean timers, long now) {
        if (hasAddresses() && !gone.isEmpty()) {
            addresses.release(gone);
        }
        if (state == GroupState.ACTIVE) {
            advertise(member, now);
        } else if (state == GroupState.STANDBY && timers) {
            member.standBy(now);
        }
    }

    /** Puts addresses on that a member has got newly. */
    void added(VirtualRouter member, Collection<FloatingAddress> come) {
        if (hasAddresses() && !come.isEmpty()) {
            addresses.hold(come, member.config().announcements());
        }
    }
}
