package io.weir.control.vrrp;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.TimeUnit;

/**
 * Two active routers at once, seen by the one that stays: who the other one is, and when its
 * packets have ceased. Switches and hosts have followed the announcements of both; so the one that
 * stays announces itself at once, now and then as long as it lasts, and when the other has gone.
 */
final class Rivalry {
    private static final long ANNOUNCE_AGAIN = TimeUnit.SECONDS.toNanos(1);

    private @Nullable IpAddress rival;
    private long goneAt = VirtualRouter.NEVER;
    private long announceAt;

    /** The rival is heard; true if that is news. */
    boolean heard(IpAddress source, long interval, long now) {
        boolean news = !source.equals(rival);
        rival = source;
        goneAt = now + interval + interval / 2;
        return news;
    }

    /** Whether it is time to announce the addresses, which then counts as done. */
    boolean isAnnouncementDue(boolean news, long now) {
        if (!news && now < announceAt) {
            return false;
        }
        announceAt = now + ANNOUNCE_AGAIN;
        return true;
    }

    long deadline() {
        return goneAt;
    }

    /** The rival, if it has ceased by now; that is told once. */
    @Nullable IpAddress gone(long now) {
        if (now < goneAt) {
            return null;
        }
        IpAddress gone = rival;
        end();
        return gone;
    }

    /** Whether there is a rival. */
    boolean lasts() {
        return rival != null;
    }

    void end() {
        rival = null;
        goneAt = VirtualRouter.NEVER;
        announceAt = 0;
    }
}
