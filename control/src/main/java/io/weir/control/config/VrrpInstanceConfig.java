package io.weir.control.config;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;

/**
 * This router's part in one virtual router (RFC 3768, RFC 9568).
 *
 * @param name what the operator calls it
 * @param device the interface on which it speaks
 * @param routerId the VRID, 1 to 255
 * @param version 2 or 3
 * @param ipv6 speaks over IPv6 (version 3 alone)
 * @param priority 1 to 255, where 255 is the owner of the addresses
 * @param interval the time between advertisements: whole seconds in version 2, 10 ms to 40.95 s in
 *     version 3
 * @param preempt takes over from a router of lower priority
 * @param preemptDelay how long it waits with that
 * @param startsActive is active from the start unless it hears of another
 * @param addresses the virtual addresses, in the order in which advertisements list them
 * @param unlisted addresses that move with them but are not in the advertisements
 * @param source the address it speaks from, null for the interface's own
 * @param peers the other routers, if it speaks to each alone; empty for multicast
 * @param password sent along in version 2 (RFC 2338's simple password), null for none
 * @param ipv4PseudoHeader the checksum of version 3 over IPv4 covers a pseudo header, as keepalived
 *     has it and RFC 9568 has not; on arrival either is good
 * @param trackedDevices interfaces that must be up for it to take part
 * @param announcements how a new active router makes itself known
 */
public record VrrpInstanceConfig(
        String name,
        String device,
        int routerId,
        int version,
        boolean ipv6,
        int priority,
        Duration interval,
        boolean preempt,
        Duration preemptDelay,
        boolean startsActive,
        List<FloatingAddress> addresses,
        List<FloatingAddress> unlisted,
        @Nullable IpAddress source,
        List<IpAddress> peers,
        @Nullable String password,
        boolean ipv4PseudoHeader,
        List<String> trackedDevices,
        AnnouncementConfig announcements) {
    public VrrpInstanceConfig {
        addresses = List.copyOf(addresses);
        unlisted = List.copyOf(unlisted);
        peers = List.copyOf(peers);
        trackedDevices = List.copyOf(trackedDevices);
    }
}
