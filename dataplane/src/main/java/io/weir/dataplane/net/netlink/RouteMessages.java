package io.weir.dataplane.net.netlink;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.Route;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Turns the bodies of rtnetlink messages into records (linux/rtnetlink.h, if_link.h, if_addr.h,
 * neighbour.h). What is too short, or not for us, becomes nothing.
 */
final class RouteMessages {
    static final int NEW_LINK = 16;
    static final int GET_LINK = 18;
    static final int NEW_ADDRESS = 20;
    static final int DELETE_ADDRESS = 21;
    static final int GET_ADDRESS = 22;
    static final int NEW_ROUTE = 24;
    static final int GET_ROUTE = 26;
    static final int NEW_NEIGHBOUR = 28;
    static final int DELETE_NEIGHBOUR = 29;
    static final int GET_NEIGHBOUR = 30;

    static final int AF_INET = 2;
    static final int AF_INET6 = 10;

    private static final int LINK_BYTES = 16;
    private static final int ARPHRD_ETHER = 1;
    private static final int IFF_UP = 1;
    private static final int IFF_LOOPBACK = 8;
    private static final int IFF_LOWER_UP = 0x10000;
    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;

    private static final int ADDRESS_BYTES = 8;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_FLAGS = 8;
    private static final int FLAG_OPTIMISTIC = 0x04;
    private static final int FLAG_DEPRECATED = 0x20;
    private static final int FLAG_TENTATIVE = 0x40;

    private static final int ROUTE_BYTES = 12;
    private static final int NEXT_HOP_BYTES = 8;
    private static final int TABLE_MAIN = 254;
    private static final int TABLE_LOCAL = 255;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_PRIORITY = 6;
    private static final int RTA_PREFSRC = 7;
    private static final int RTA_MULTIPATH = 9;
    private static final int RTA_TABLE = 15;
    private static final int RTA_VIA = 18;
    private static final int FLAG_DEAD = 1;
    private static final int FLAG_CLONED = 0x200;

    static final int NEIGHBOUR_BYTES = 12;
    static final int NDA_DST = 1;
    private static final int NDA_LLADDR = 2;
    private static final int NTF_PROXY = 8;
    private static final int NUD_INCOMPLETE = 1;
    private static final int NUD_REACHABLE = 2;
    private static final int NUD_STALE_DELAY_PROBE = 0x1c;
    private static final int NUD_FAILED = 0x20;
    private static final int NUD_NOARP_PERMANENT = 0xc0;

    private RouteMessages() {}

    /** The interface of a NEW_LINK message. */
    static @Nullable Link link(ByteBuffer body) {
        // Messages of family AF_BRIDGE tell of bridge ports, not of interfaces.
        if (body.limit() < LINK_BYTES || body.get(0) != 0) {
            return null;
        }
        Attributes attributes = new Attributes(body, LINK_BYTES);
        int hardware = Short.toUnsignedInt(body.getShort(2));
        int flags = body.getInt(8);
        return new Link(
                body.getInt(4),
                attributes.text(IFLA_IFNAME),
                Math.max(0, attributes.mac(IFLA_ADDRESS)),
                attributes.number(IFLA_MTU, 0),
                // The kernel sends as soon as there is a carrier; IFF_RUNNING may follow a second
                // later, when the link's operational state is worked out.
                (flags & IFF_UP) != 0 && (flags & IFF_LOWER_UP) != 0,
                hardware == ARPHRD_ETHER && (flags & IFF_LOOPBACK) == 0);
    }

    /**
     * The address of a NEW_ADDRESS message; null while it is tentative, that is, perhaps somebody
     * else's (RFC 4862 section 5.4): the kernel does not receive packets for it yet.
     */
    static @Nullable LinkAddress address(ByteBuffer body) {
        if (body.limit() < ADDRESS_BYTES) {
            return null;
        }
        Attributes attributes = new Attributes(body, ADDRESS_BYTES);
        // On a point-to-point link the other one is the peer's.
        IpAddress address = attributes.address(IFA_LOCAL);
        if (address == null) {
            address = attributes.address(IFA_ADDRESS);
        }
        int flags = attributes.number(IFA_FLAGS, Byte.toUnsignedInt(body.get(2)));
        if (address == null || (flags & (FLAG_TENTATIVE | FLAG_OPTIMISTIC)) == FLAG_TENTATIVE) {
            return null;
        }
        return new LinkAddress(
                address,
                Byte.toUnsignedInt(body.get(1)),
                body.getInt(4),
                (flags & FLAG_DEPRECATED) != 0);
    }

    /**
     * Adds the routes of a NEW_ROUTE message: one for each next hop that lives, none if it is in
     * another table than main and local or does not concern unicast packets.
     */
    static void routes(ByteBuffer body, List<Route> to) {
        if (body.limit() < ROUTE_BYTES) {
            return;
        }
        Attributes attributes = new Attributes(body, ROUTE_BYTES);
        int table = attributes.number(RTA_TABLE, Byte.toUnsignedInt(body.get(4)));
        Route.Kind kind = kind(body.get(7));
        int flags = body.getInt(8);
        IpAddress destination = destination(body.get(0), attributes);
        if (kind == null
                || destination == null
                || (table != TABLE_MAIN && table != TABLE_LOCAL)
                || (flags & (FLAG_DEAD | FLAG_CLONED)) != 0) {
            return;
        }
        Route route =
                new Route(
                        destination,
                        Byte.toUnsignedInt(body.get(1)),
                        gateway(attributes),
                        attributes.number(RTA_OIF, 0),
                        attributes.number(RTA_PRIORITY, 0),
                        kind,
                        attributes.address(RTA_PREFSRC));
        ByteBuffer hops = attributes.bytes(RTA_MULTIPATH);
        if (hops == null) {
            to.add(route);
        } else {
            addHops(route, hops, to);
        }
    }

    private static Route.@Nullable Kind kind(int type) {
        return switch (type) {
            case 1 -> Route.Kind.UNICAST;
            case 2 -> Route.Kind.LOCAL;
            case 6, 7, 8 -> Route.Kind.REFUSE; // blackhole, unreachable, prohibit
            default -> null;
        };
    }

    private static @Nullable IpAddress destination(int family, Attributes attributes) {
        if (attributes.bytes(RTA_DST) != null) {
            return attributes.address(RTA_DST);
        }
        return switch (family) {
            case AF_INET -> IpAddress.v4(0);
            case AF_INET6 -> IpAddress.v6(0, 0);
            default -> null;
        };
    }

    private static @Nullable IpAddress gateway(Attributes attributes) {
        ByteBuffer via = attributes.bytes(RTA_VIA);
        // struct rtvia: the family of a gateway of the other family, then its address.
        return via != null && via.limit() > 2
                ? Attributes.address(via, 2)
                : attributes.address(RTA_GATEWAY);
    }

    private static void addHops(Route route, ByteBuffer hops, List<Route> to) {
        int at = 0;
        while (at + NEXT_HOP_BYTES <= hops.limit()) {
            int length = Short.toUnsignedInt(hops.getShort(at));
            if (length < NEXT_HOP_BYTES || length > hops.limit() - at) {
                return;
            }
            ByteBuffer hop = hops.slice(at, length).order(ByteOrder.nativeOrder());
            if ((hop.get(2) & FLAG_DEAD) == 0) {
                to.add(
                        new Route(
                                route.destination(),
                                route.prefixLength(),
                                gateway(new Attributes(hop, NEXT_HOP_BYTES)),
                                hop.getInt(4),
                                route.metric(),
                                route.kind(),
                                route.preferredSource()));
            }
            at += NetlinkMessage.align(length);
        }
    }

    /** A neighbour, and whether an operator fixed it so that asking for it would do harm. */
    record Neighbour(NeighbourEntry entry, boolean fixed) {}

    /** The neighbour of a NEW_NEIGHBOUR or DELETE_NEIGHBOUR message. */
    static @Nullable Neighbour neighbour(int type, ByteBuffer body) {
        if (body.limit() < NEIGHBOUR_BYTES
                || (body.get(0) != AF_INET && body.get(0) != AF_INET6)
                || (body.get(10) & NTF_PROXY) != 0) {
            return null;
        }
        Attributes attributes = new Attributes(body, NEIGHBOUR_BYTES);
        IpAddress address = attributes.address(NDA_DST);
        if (address == null) {
            return null;
        }
        int nud = Short.toUnsignedInt(body.getShort(8));
        long mac = attributes.mac(NDA_LLADDR);
        NeighbourEntry.State state =
                type == DELETE_NEIGHBOUR ? NeighbourEntry.State.GONE : state(nud, mac >= 0);
        boolean usable =
                state == NeighbourEntry.State.USABLE || state == NeighbourEntry.State.STALE;
        return new Neighbour(
                new NeighbourEntry(body.getInt(4), address, state, usable ? mac : 0),
                type != DELETE_NEIGHBOUR && (nud & NUD_NOARP_PERMANENT) != 0);
    }

    private static NeighbourEntry.State state(int nud, boolean hasMac) {
        if ((nud & NUD_INCOMPLETE) != 0) {
            return NeighbourEntry.State.INCOMPLETE;
        }
        if ((nud & NUD_FAILED) != 0) {
            return NeighbourEntry.State.FAILED;
        }
        if (hasMac && (nud & (NUD_REACHABLE | NUD_NOARP_PERMANENT)) != 0) {
            return NeighbourEntry.State.USABLE;
        }
        if (hasMac && (nud & NUD_STALE_DELAY_PROBE) != 0) {
            return NeighbourEntry.State.STALE;
        }
        return NeighbourEntry.State.GONE; // created, and nobody asked for it yet
    }
}
