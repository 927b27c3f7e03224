package io.weir.control.address;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.netlink.HostAddress;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;

/** The host's interfaces, as far as floating addresses need them. */
interface Interfaces {
    /** The interface of a name as last heard, or null. */
    @Nullable Link link(String name);

    /** Puts an address on for a time; false if the interface has it already. */
    boolean add(HostAddress address, int lifetimeSeconds) throws IOException;

    /** Extends an address's time; puts it on again if it has disappeared. */
    void renew(HostAddress address, int lifetimeSeconds) throws IOException;

    /** Takes an address off; it may be gone already. */
    void remove(HostAddress address) throws IOException;

    /** The addresses that this process, or one before it, has put on. */
    List<HostAddress> marked() throws IOException;

    /** Sends one announcement for each address by an interface that is up. */
    void announce(Link link, List<IpAddress> addresses) throws IOException;
}
