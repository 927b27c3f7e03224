package io.weir.control.heartbeat;

import io.weir.control.failover.Role;

/**
 * Who of two routers is active, by pulse's rules.
 *
 * <p>Pure: it is told the time, which may not run backwards, and what happened. Nothing below
 * depends on the partner's clock. One thread.
 */
final class HeartbeatMachine {
    /** How many heartbeats a backup waits for the primary to take a role that nobody has. */
    private static final int GRACE_KEEPALIVES = 2;

    private final HeartbeatActions actions;
    private HeartbeatTiming timing;

    private boolean active;
    private boolean blocked;
    private String blockReason = "";

    private boolean partnerHeard;
    private boolean partnerRunning;
    private long heardNanos;

    /** Silence until then means that the partner is dead. */
    private long deadNanos;

    private long sendNanos;
    private long steppedNanos;

    /** Both are active; this one, the primary, waits for the other to give up. */
    private boolean conflict;

    private long insistedNanos;

    /** Coming back, the primary says that it is running and waits for the backup to give up. */
    private boolean claiming;

    private boolean mayClaim = true;
    private long claimEndNanos;

    /** The role was given away, or a sleep is over: a partner's old word is not to count. */
    private boolean holding;

    private long holdEndNanos;

    /** Whoever was declared dead in its sleep yields, the primary too. */
    private boolean doubting;

    private long doubtEndNanos;

    /** A backup leaves the primary the time to take a role that nobody has. */
    private boolean granting;

    private long grantEndNanos;

    HeartbeatMachine(HeartbeatTiming timing, HeartbeatActions actions, long nowNanos) {
        this.timing = timing;
        this.actions = actions;
        this.steppedNanos = nowNanos;
        this.sendNanos = nowNanos;
        this.deadNanos = nowNanos + timing.deadtimeNanos();
        this.heardNanos = nowNanos;
    }

    /** Takes other times, and goes on. */
    void setTiming(HeartbeatTiming newTiming, long nowNanos) {
        timing = newTiming;
        sendNanos = Math.min(sendNanos, nowNanos + newTiming.keepaliveNanos());
        deadNanos = (partnerHeard ? heardNanos : nowNanos) + newTiming.deadtimeNanos();
    }

    Role role() {
        return blocked ? Role.FAULT : active ? Role.ACTIVE : Role.STANDBY;
    }

    boolean isPartnerHeard() {
        return partnerHeard;
    }

    boolean isPartnerRunning() {
        return partnerHeard && partnerRunning;
    }

    /** Says that this router is running, though it may only be about to. */
    boolean saysRunning() {
        return active || claiming;
    }

    /** When time alone will next change something; it does no harm to come earlier. */
    long dueNanos() {
        long due = sendNanos;
        if (partnerHeard || (!active && !blocked)) {
            due = Math.min(due, deadNanos);
        }
        if (granting) {
            due = Math.min(due, grantEndNanos);
        }
        return claiming ? Math.min(due, claimEndNanos) : due;
    }

    /** A heartbeat of the partner arrived by either path. */
    void heard(boolean running, long nowNanos) {
        wake(nowNanos);
        boolean wasRunning = isPartnerRunning();
        boolean news = !partnerHeard;
        partnerHeard = true;
        partnerRunning = running;
        heardNanos = nowNanos;
        deadNanos = nowNanos + timing.deadtimeNanos();
        if (news) {
            actions.partnerChanged(true);
        }
        if (running) {
            heardRunning(nowNanos);
        } else {
            heardStopped(wasRunning, nowNanos);
        }
    }

    private void heardRunning(long nowNanos) {
        holding = false;
        granting = false;
        if (!active) {
            if (timing.primary() && timing.failback() && mayClaim && !blocked && !claiming) {
                claiming = true;
                claimEndNanos = nowNanos + timing.keepaliveNanos();
                send(nowNanos);
            }
        } else if (timing.primary() && !isDoubting(nowNanos)) {
            insist(nowNanos);
        } else {
            // The primary is to hear once more who has given way. What it said before it became
            // active may still be under way, and must not bring the role back.
            send(nowNanos);
            hold(nowNanos, 1);
            deactivate("partner active: deactivating lvs", nowNanos);
        }
    }

    // Pulse answers every heartbeat of a rival; once in a keepalive is as good, and no amplifier.
    private void insist(long nowNanos) {
        if (conflict && nowNanos - insistedNanos < timing.keepaliveNanos()) {
            return;
        }
        conflict = true;
        insistedNanos = nowNanos;
        actions.announce("partner active: resending arps");
        send(nowNanos);
    }

    private void heardStopped(boolean wasRunning, long nowNanos) {
        if (active) {
            endConflict("partner inactive: resending arps");
        } else if (blocked || isHolding(nowNanos)) {
            granting = false;
        } else if (claiming || wasRunning || timing.primary()) {
            activate(
                    (timing.primary() ? "backup" : "primary") + " inactive: activating lvs",
                    nowNanos);
        } else if (!granting) {
            granting = true;
            grantEndNanos = nowNanos + GRACE_KEEPALIVES * timing.keepaliveNanos();
        }
    }

    /** Does what is due; to be called often, and never before the datagrams that wait are read. */
    void tick(long nowNanos) {
        wake(nowNanos);
        if (timing.single()) {
            if (!active && !blocked) {
                activate("no partner: activating lvs", nowNanos);
            }
            return;
        }
        if (nowNanos - deadNanos >= 0) {
            partnerSilent(nowNanos);
        }
        if (granting && nowNanos - grantEndNanos >= 0) {
            granting = false;
            if (!active && !blocked && partnerHeard && !partnerRunning) {
                activate("primary inactive: activating lvs", nowNanos);
            }
        }
        if (claiming && nowNanos - claimEndNanos >= 0) {
            activate("taking over from the backup: activating lvs", nowNanos);
        }
        if (nowNanos - sendNanos >= 0) {
            send(nowNanos);
        }
    }

    private void partnerSilent(long nowNanos) {
        if (partnerHeard) {
            partnerHeard = false;
            actions.partnerChanged(false);
        }
        if (active) {
            endConflict("partner dead: resending arps");
        } else if (!blocked) {
            activate("partner dead: activating lvs", nowNanos);
        }
    }

    private void endConflict(String reason) {
        if (conflict) {
            conflict = false;
            actions.announce(reason);
        }
    }

    /** Notices that this router has slept, as by SIGSTOP. */
    private void wake(long nowNanos) {
        long sleptNanos = nowNanos - steppedNanos;
        steppedNanos = nowNanos;
        if (timing.single() || sleptNanos < timing.doubtNanos()) {
            return;
        }
        // What the partner says now is in datagrams not read yet.
        deadNanos = nowNanos + timing.deadtimeNanos();
        claiming = false;
        granting = false;
        doubting = true;
        doubtEndNanos = nowNanos + GRACE_KEEPALIVES * timing.keepaliveNanos();
        if (active && sleptNanos >= timing.deadtimeNanos()) {
            hold(nowNanos, 1);
            partnerRunning = false;
            mayClaim = false;
            deactivate("did not run for " + sleptNanos / 1_000_000 + " ms", nowNanos);
        }
    }

    private boolean isDoubting(long nowNanos) {
        doubting = doubting && nowNanos - doubtEndNanos < 0;
        return doubting;
    }

    private boolean isHolding(long nowNanos) {
        holding = holding && nowNanos - holdEndNanos < 0;
        return holding;
    }

    private void hold(long nowNanos, int keepalives) {
        holding = true;
        holdEndNanos = nowNanos + keepalives * timing.keepaliveNanos();
    }

    /**
     * Gives the role away, once.
     *
     * @return false if no partner is heard
     */
    boolean handOver(long nowNanos) {
        wake(nowNanos);
        if (!partnerHeard) {
            return false;
        }
        if (active) {
            mayClaim = false;
            hold(nowNanos, GRACE_KEEPALIVES);
            deactivate("handed over to the partner", nowNanos);
        }
        return true;
    }

    /** Gives the role away, and does not take it before {@link #unblock}. */
    void block(String reason, long nowNanos) {
        wake(nowNanos);
        if (blocked && reason.equals(blockReason)) {
            return;
        }
        blocked = true;
        blockReason = reason;
        active = false;
        claiming = false;
        granting = false;
        conflict = false;
        actions.become(Role.FAULT, reason);
        send(nowNanos);
    }

    /**
     * May take the role again.
     *
     * @param deaf it could not hear the partner meanwhile, so that its silence means nothing
     */
    void unblock(String reason, boolean deaf, long nowNanos) {
        wake(nowNanos);
        if (!blocked) {
            return;
        }
        blocked = false;
        blockReason = "";
        if (deaf) {
            deadNanos = nowNanos + timing.deadtimeNanos();
        }
        actions.become(Role.STANDBY, reason);
        tick(nowNanos);
    }

    /** Leaves; the partner is told so that it takes over at once. */
    void stop(String reason, long nowNanos) {
        if (active) {
            deactivate(reason, nowNanos);
        }
        // Nothing is sent after this, so that a lost datagram would cost the whole deadtime.
        send(nowNanos);
    }

    private void activate(String reason, long nowNanos) {
        active = true;
        // What was given away is back, and the next time it is lost is another matter.
        mayClaim = true;
        claiming = false;
        granting = false;
        holding = false;
        doubting = false;
        conflict = false;
        actions.become(Role.ACTIVE, reason);
        send(nowNanos);
    }

    private void deactivate(String reason, long nowNanos) {
        active = false;
        conflict = false;
        actions.become(Role.STANDBY, reason);
        send(nowNanos);
    }

    private void send(long nowNanos) {
        sendNanos = nowNanos + timing.keepaliveNanos();
        if (!timing.single()) {
            actions.send(saysRunning());
        }
    }
}
