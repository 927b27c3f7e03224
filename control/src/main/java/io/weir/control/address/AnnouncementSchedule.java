package io.weir.control.address;

import io.weir.control.config.AnnouncementConfig;

/** When one address is announced: at once, some more times, the same again, then now and then. */
final class AnnouncementSchedule {
    private enum Phase {
        FIRST,
        AGAIN,
        REFRESH,
        DONE
    }

    private final AnnouncementConfig config;
    private Phase phase;
    private int left;
    private long dueNanos;

    /** Begins now. */
    AnnouncementSchedule(AnnouncementConfig config, long nowNanos) {
        this.config = config;
        this.dueNanos = nowNanos;
        this.left = config.count();
        this.phase = Phase.FIRST;
        if (left <= 0) {
            nextPhase(nowNanos);
        }
    }

    /** How long until an announcement is due, 0 or less if it is; a very long time if never. */
    long waitNanos(long nowNanos) {
        return phase == Phase.DONE ? Long.MAX_VALUE : dueNanos - nowNanos;
    }

    /** Tells whether the announcements of the beginning have all been made. */
    boolean isBegun() {
        return phase != Phase.FIRST;
    }

    /** One has been made. */
    void made(long nowNanos) {
        left--;
        if (left > 0) {
            dueNanos = nowNanos + config.interval().toNanos();
        } else {
            nextPhase(nowNanos);
        }
    }

    private void nextPhase(long nowNanos) {
        if (phase == Phase.FIRST && config.again().isPositive() && config.count() > 0) {
            phase = Phase.AGAIN;
            left = config.count();
            dueNanos = nowNanos + config.again().toNanos();
        } else if (config.refresh().isPositive()) {
            phase = Phase.REFRESH;
            left = 1;
            dueNanos = nowNanos + config.refresh().toNanos();
        } else {
            phase = Phase.DONE;
        }
    }
}
