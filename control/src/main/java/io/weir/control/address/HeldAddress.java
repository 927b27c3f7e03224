package io.weir.control.address;

import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.FloatingAddress;
import io.weir.dataplane.net.netlink.HostAddress;

import org.jspecify.annotations.Nullable;

/** One address that this router is to have. */
final class HeldAddress {
    final FloatingAddress floating;
    AnnouncementConfig announcements;
    AnnouncementSchedule schedule;

    /** Where weir has put it; null while it is not on, and while it is the host's own. */
    @Nullable HostAddress on;

    /** The interface has it, and weir has not put it there. */
    boolean hosts;

    /** When the kernel was last told to keep it. */
    long renewedNanos;

    /** When putting it on is tried next. */
    long retryNanos;

    /** The link was up when last seen; an announcement on a link that comes up is a new one. */
    boolean linkUp = true;

    /** The trouble that the operator has been told of, empty for none. */
    String trouble = "";

    HeldAddress(FloatingAddress floating, AnnouncementConfig announcements, long nowNanos) {
        this.floating = floating;
        this.announcements = announcements;
        this.schedule = new AnnouncementSchedule(announcements, nowNanos);
        this.retryNanos = nowNanos;
    }

    boolean isThere() {
        return on != null || hosts;
    }

    void announceAnew(AnnouncementConfig config, long nowNanos) {
        announcements = config;
        schedule = new AnnouncementSchedule(config, nowNanos);
    }

    @Override
    public String toString() {
        return floating.address() + "/" + floating.prefixLength();
    }
}
