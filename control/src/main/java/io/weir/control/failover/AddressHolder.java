package io.weir.control.failover;

import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.FloatingAddress;

import java.util.Collection;

/**
 * Puts floating addresses on interfaces and takes them off. Only what it has put on itself does it
 * ever take off: an address that was there before stays the host's. Methods may be called from any
 * thread and never block for long.
 */
public interface AddressHolder extends AutoCloseable {
    /** Puts addresses on and announces them; those that are on already are announced alone. */
    void hold(Collection<FloatingAddress> addresses, AnnouncementConfig announcements);

    /** Announces addresses again, as after a rival disappeared. */
    void announce(Collection<FloatingAddress> addresses, AnnouncementConfig announcements);

    /** Takes addresses off. */
    void release(Collection<FloatingAddress> addresses);

    /** Takes off all that are on. */
    @Override
    void close();
}
