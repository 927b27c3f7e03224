package io.weir.dataplane.masquerade;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;

import org.jspecify.annotations.Nullable;

/**
 * Hides the senders of the connections that it matches behind an address.
 *
 * @param protocol 6 or 17; 0 for both
 * @param source where the connection is opened from
 * @param sourcePort the port it is opened from, which stays as it is wherever that is possible; 0
 *     for any
 * @param destination where it goes to, of the same family
 * @param behind the source address it gets, of the same family; null for the one that the host
 *     itself would use towards the destination
 */
public record MasqueradeRule(
        int protocol,
        Prefix source,
        int sourcePort,
        Prefix destination,
        @Nullable IpAddress behind) {
    public MasqueradeRule {
        if (source.network().ipv6() != destination.network().ipv6()
                || (behind != null && behind.ipv6() != source.network().ipv6())) {
            throw new IllegalArgumentException(source + ", " + destination + " and " + behind);
        }
    }

    public boolean ipv6() {
        return source.network().ipv6();
    }
}
