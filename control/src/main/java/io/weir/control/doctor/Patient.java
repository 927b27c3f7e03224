package io.weir.control.doctor;

import io.weir.control.failover.Failover;
import io.weir.control.failover.Role;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.service.ServiceListing;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/** What examinations ask about a machine. May block for a second or two. */
public interface Patient {
    /** Interfaces, addresses and routes of the network namespace. */
    NetworkSnapshot network();

    /** The names of the interfaces that weir captures. */
    Set<String> captured();

    /** How frames of a captured interface are moved, and why so, in words. */
    String io(String link);

    /** The virtual services with their servers and counters. */
    List<ServiceListing> services();

    /** The router's role; active for one without a partner. */
    Role role();

    /** What the failover protocol knows of partners, empty without one. */
    List<Failover.Status> partners();

    /** The workers by their numbers. */
    List<WorkerState> workers();

    /**
     * What is known of a worker.
     *
     * @param cpu the CPU that it is kept on; null if the kernel chooses
     * @param realTime whether it goes before all other threads there
     * @param busyShare the part of its time that it works, 0 to 1
     */
    record WorkerState(@Nullable Integer cpu, boolean realTime, double busyShare) {}

    /** The text of a file below /proc, null if there is none. */
    @Nullable String proc(String path);

    /** The text of a file below /sys, null if there is none. */
    @Nullable String sys(String path);

    /**
     * Asks by ARP who has an address.
     *
     * @return the Ethernet addresses of all that answered
     * @throws IOException if it cannot be asked there
     */
    Set<Long> whoHas(Link link, IpAddress address) throws IOException;

    /**
     * Whether an interface has an offload switched on, by ethtool's name for it.
     *
     * @return null if that cannot be found out
     */
    @Nullable Boolean offload(String link, String feature);

    /** Whether the clock is kept right by a time server, null if that cannot be found out. */
    @Nullable Boolean clockSynchronized();
}
