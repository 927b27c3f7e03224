package io.weir.control.vrrp;

import io.weir.control.config.FloatingAddress;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether virtual routers can take part as this machine's interfaces are, and from which address
 * they speak. Pure.
 *
 * @param links all interfaces
 * @param addresses all addresses that can be used
 */
record Suitability(List<Link> links, List<LinkAddress> addresses) {
    private static final long LINK_LOCAL_MASK = 0xffc0_0000_0000_0000L;
    private static final long LINK_LOCAL = 0xfe80_0000_0000_0000L;

    /** Tells every virtual router what it can do. */
    void tell(Collection<VirtualRouter> routers, VrrpSockets sockets) {
        Set<IpAddress> floating = new HashSet<>();
        for (VirtualRouter router : routers) {
            for (FloatingAddress address : router.floating()) {
                floating.add(address.address());
            }
        }
        for (VirtualRouter router : routers) {
            VrrpInstanceConfig config = router.config();
            IpAddress source = source(config, floating);
            String fault = fault(config, source);
            if (fault == null && !sockets.isOpen(config)) {
                fault = "cannot speak on " + config.device();
            }
            // Without its source the farewell could not be said; so it stays as long as it can.
            if (source != null) {
                router.setSource(source);
            }
            router.setFault(fault);
        }
    }

    /** Why an instance cannot take part, or null. */
    @Nullable String fault(VrrpInstanceConfig config, @Nullable IpAddress source) {
        String fault = faultOf(config.device());
        for (String tracked : config.trackedDevices()) {
            fault = fault != null ? fault : faultOf(tracked);
        }
        if (fault == null && source == null) {
            IpAddress own = config.source();
            fault =
                    own != null
                            ? "this machine has no address " + own
                            : config.device()
                                    + (config.ipv6()
                                            ? " has no link-local address"
                                            : " has no IPv4 address of its own");
        }
        return fault;
    }

    private @Nullable String faultOf(String device) {
        Link link = link(device);
        if (link == null) {
            return device + " does not exist";
        }
        return link.up() ? null : device + " is down";
    }

    private @Nullable Link link(String name) {
        for (Link link : links) {
            if (link.name().equals(name)) {
                return link;
            }
        }
        return null;
    }

    /** The address that an instance speaks from, null if there is none. */
    @Nullable IpAddress source(VrrpInstanceConfig config, Set<IpAddress> floating) {
        Link link = link(config.device());
        boolean owner = config.priority() == Advertisement.OWNER;
        for (LinkAddress candidate : addresses) {
            IpAddress address = candidate.address();
            boolean right =
                    config.source() != null
                            ? address.equals(config.source())
                            : link != null
                                    && candidate.linkIndex() == link.index()
                                    && address.ipv6() == config.ipv6()
                                    && (!config.ipv6() || isLinkLocal(address))
                                    && (owner || !floating.contains(address));
            if (right) {
                return address;
            }
        }
        return null;
    }

    private static boolean isLinkLocal(IpAddress address) {
        return (address.high() & LINK_LOCAL_MASK) == LINK_LOCAL;
    }
}
