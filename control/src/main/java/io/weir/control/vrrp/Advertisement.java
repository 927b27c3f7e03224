package io.weir.control.vrrp;

import io.weir.dataplane.net.IpAddress;

import java.util.List;

/**
 * What a router says of itself.
 *
 * @param version 2 or 3
 * @param routerId the VRID, 1 to 255
 * @param priority 0 from a router that leaves, 255 from the owner of the addresses
 * @param centiseconds the time to the next one: a multiple of 100 up to 25,500 in version 2, 1 to
 *     4,095 in version 3
 * @param addresses those of the virtual router
 */
record Advertisement(
        int version, int routerId, int priority, int centiseconds, List<IpAddress> addresses) {
    /** RFC 9568 §5.2.4: the sender has stopped taking part. */
    static final int LEAVING = 0;

    /** RFC 9568 §5.2.4: the addresses are the sender's own. */
    static final int OWNER = 255;

    static final int CENTISECONDS_PER_SECOND = 100;
    static final long NANOS_PER_CENTISECOND = 10_000_000L;

    Advertisement {
        addresses = List.copyOf(addresses);
    }

    long intervalNanos() {
        return centiseconds * NANOS_PER_CENTISECOND;
    }
}
