package io.weir.dataplane.service;

import org.jspecify.annotations.Nullable;

/**
 * What can be changed of a virtual service.
 *
 * @param scheduler the algorithm's name as ipvsadm takes it
 * @param schedulerFlags {@link #FLAG_1} to {@link #FLAG_3}, whose meaning is the scheduler's
 * @param persistentSeconds persistence timeout, 0 for none
 * @param netmask the client mask of persistence: the 32 bits for IPv4, the prefix length for IPv6
 * @param onePacket every datagram is scheduled for itself (UDP)
 * @param persistenceEngine the name of a persistence engine, null for none
 */
public record ServiceSettings(
        String scheduler,
        int schedulerFlags,
        int persistentSeconds,
        int netmask,
        boolean onePacket,
        @Nullable String persistenceEngine) {
    /** sh-fallback or mh-fallback. */
    public static final int FLAG_1 = 1;

    /** sh-port or mh-port. */
    public static final int FLAG_2 = 2;

    public static final int FLAG_3 = 4;

    /** The mask that keeps every bit of an IPv4 client address. */
    public static final int WHOLE_ADDRESS = -1;

    private static final int WHOLE_IPV6_ADDRESS = 128;

    /** A service with nothing but a scheduler. */
    public static ServiceSettings of(String scheduler) {
        return new ServiceSettings(scheduler, 0, 0, WHOLE_ADDRESS, false, null);
    }

    public boolean persistent() {
        return persistentSeconds != 0;
    }

    /** Whether persistence tells any two client addresses of a family apart. */
    public boolean rememberAddresses(boolean ipv6) {
        return netmask == (ipv6 ? WHOLE_IPV6_ADDRESS : WHOLE_ADDRESS);
    }
}
