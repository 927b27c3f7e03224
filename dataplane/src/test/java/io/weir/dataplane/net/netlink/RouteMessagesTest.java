package io.weir.dataplane.net.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NeighbourEntry.State;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.net.Route.Kind;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * Bodies of messages as Linux 6.18 sent them on a little-endian machine, for what iproute2 shows in
 * the comments.
 */
class RouteMessagesTest {
    /** {@code 3: e0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1400}, statistics cut off. */
    private static final String LINK =
            "00000100030000004310010000000000"
                    + "0700030065300000"
                    + "0500100006000000"
                    + "0800040078050000"
                    + "0a00010002000000000a0000"
                    + "0a000200ffffffffffff0000";

    private static final String LOOPBACK =
            "00000403010000004900010000000000"
                    + "070003006c6f0000"
                    + "0800040000000100"
                    + "0a000100000000000000000000";

    /** {@code inet 10.0.0.1 peer 10.0.0.2/32 scope global e0}. */
    private static final String POINT_TO_POINT_ADDRESS =
            "0220800003000000080001000a000002080002000a00000107000300653000000800080080000000"
                    + "14000600ffffffffffffffff244a0500244a0500";

    /** {@code inet6 2001:db8::1/64 scope global nodad}. */
    private static final String ADDRESS_V6 =
            "0a408200030000001400010020010db8000000000000000000000001"
                    + "14000600ffffffffffffffff254a0500254a05000800080082000000";

    /** {@code inet6 2001:db8::2/64 scope global tentative}. */
    private static final String TENTATIVE =
            "0a40c000030000001400010020010db8000000000000000000000002"
                    + "14000600ffffffffffffffff56d9090056d9090008000800c0000000";

    /** {@code inet6 2001:db8::1/64 scope global nodad deprecated}. */
    private static final String DEPRECATED =
            "0a40a200030000001400010020010db8000000000000000000000001"
                    + "1400060000000000ffffffff56d9090056d9090008000800a2000000";

    /** {@code default via 192.0.2.254 dev e0 src 192.0.2.1 metric 50}. */
    private static final String DEFAULT_ROUTE =
            "02000000fe0300010000000008000f00fe0000000800060032000000"
                    + "08000700c000020108000500c00002fe0800040003000000";

    /** {@code 100.64.0.0/10 via inet6 2001:db8::9 dev e0}. */
    private static final String ROUTE_VIA_V6 =
            "020a0000fe0300010000000008000f00fe0000000800010064400000"
                    + "160012000a0020010db800000000000000000000000900000800040003000000";

    /** {@code default via fe80::1 dev e0 metric 7}, padded by an attribute of zeros. */
    private static final String LINK_LOCAL_GATEWAY =
            "0a000000fe0300010000000008000f00fe0000000800060007000000"
                    + "14000500fe8000000000000000000000000000010800040003000000"
                    + "24000c0000000000000000000000000000000000000000000000000000000000"
                    + "00000000";

    /** {@code 6.0.0.0/8 nhid 5 via inet6 fe80::5 dev e0}. */
    private static final String NEXT_HOP_OBJECT =
            "02080000fe0300010000000008000f00fe000000080001000600000008001e0005000000"
                    + "160012000a00fe80000000000000000000000000000500000800040003000000";

    /**
     * {@code 2001:db8:5::/48 metric 1024 nexthop via fe80::7 dev e0 nexthop via fe80::8 dev e0}.
     */
    private static final String MULTIPATH_V6 =
            "0a300000fe0300010000000008000f00fe0000001400010020010db8000500000000000000000000"
                    + "0800060000040000"
                    + "3c0009001c0000000300000014000500fe800000000000000000000000000007"
                    + "1c0000000300000014000500fe800000000000000000000000000008";

    /** {@code 198.51.100.0/24 nexthop via 192.0.2.2 dev e0 nexthop via 192.0.2.3 dev e0}. */
    private static final String MULTIPATH =
            "02180000fe0300010000000008000f00fe00000008000100c6336400"
                    + "24000900100000000300000008000500c0000202100000000300000008000500c0000203";

    private static final String BLACKHOLE =
            "02180000fe0300060000000008000f00fe00000008000100cb007100";

    private static final String LOCAL_PREFIX =
            "02100000ff03fe020000000008000f00ff000000080001000a0900000800040001000000";

    private static final String BROADCAST =
            "02200000ff02fd030000000008000f00ff00000008000100c00002ff08000700c00002010800040003000000";

    /** {@code 10.8.0.0/16 dev e0 table 77}. */
    private static final String OTHER_TABLE =
            "021000004d03fd010000000008000f004d000000080001000a0800000800040003000000";

    /** {@code 2001:db8:1::/48 via 2001:db8::2 dev e0 metric 1024}. */
    private static final String ROUTE_V6 =
            "0a300000fe0300010000000008000f00fe0000001400010020010db8000100000000000000000000"
                + "08000600000400001400050020010db8000000000000000000000002080004000300000024000c00"
                + "00000000000000000000000000000000000000000000000000000000000000000500140000000000";

    private static final String PERMANENT =
            "02000000030000008000000108000100c00002020a00020002000000000200000800040000000000"
                    + "140003007c0000007c0000007c00000000000000";

    private static final String STALE =
            "02000000030000000400000108000100c00002030a00020002000000000300000800040000000000"
                    + "14000300ec1700007c0000007c00000000000000";

    private static final String INCOMPLETE =
            "02000000030000000100000108000100c000024e080004000500000014000300e917000079000000"
                    + "7900000001000000";

    private static final String REACHABLE_V6 =
            "0a00000003000000020000011400010020010db80000000000000000000000020a00020002000000"
                    + "00040000080004000000000014000300"
                    + "7e0000007e0000007e00000001000000";

    private static final List<String> ALL =
            List.of(
                    LINK,
                    LOOPBACK,
                    POINT_TO_POINT_ADDRESS,
                    ADDRESS_V6,
                    TENTATIVE,
                    DEPRECATED,
                    LINK_LOCAL_GATEWAY,
                    MULTIPATH_V6,
                    DEFAULT_ROUTE,
                    ROUTE_VIA_V6,
                    MULTIPATH,
                    BLACKHOLE,
                    ROUTE_V6,
                    PERMANENT,
                    REACHABLE_V6);

    private static ByteBuffer body(String hex) {
        return body(HexFormat.of().parseHex(hex));
    }

    private static ByteBuffer body(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    private static IpAddress ip(String text) {
        return IpAddress.parse(text);
    }

    private static List<Route> routes(String hex) {
        List<Route> routes = new ArrayList<>();
        RouteMessages.routes(body(hex), routes);
        return routes;
    }

    @Test
    void links() {
        assertThat(RouteMessages.link(body(LINK)))
                .isEqualTo(new Link(3, "e0", 0x02000000000aL, 1400, true, true));
        assertThat(RouteMessages.link(body(LOOPBACK)))
                .isEqualTo(new Link(1, "lo", 0, 65536, true, false));
        byte[] down = HexFormat.of().parseHex(LINK);
        down[8] &= ~1;
        assertThat(RouteMessages.link(body(down)).up()).isFalse();
    }

    @Test
    void addresses() {
        assertThat(RouteMessages.address(body(POINT_TO_POINT_ADDRESS)))
                .isEqualTo(new LinkAddress(ip("10.0.0.1"), 32, 3));
        assertThat(RouteMessages.address(body(ADDRESS_V6)))
                .isEqualTo(new LinkAddress(ip("2001:db8::1"), 64, 3));
        assertThat(RouteMessages.address(body(DEPRECATED)))
                .isEqualTo(new LinkAddress(ip("2001:db8::1"), 64, 3, true));
        assertThat(RouteMessages.address(body(TENTATIVE))).isNull();
        // Optimistic addresses are used while they are being asked for (RFC 4429).
        String optimistic = TENTATIVE.replace("08000800c0", "08000800c4");
        assertThat(RouteMessages.address(body(optimistic)))
                .isEqualTo(new LinkAddress(ip("2001:db8::2"), 64, 3));
    }

    @Test
    void gatewaysThatAreGoodOnTheirLinkAlone() {
        assertThat(routes(LINK_LOCAL_GATEWAY))
                .containsExactly(new Route(ip("::"), 0, ip("fe80::1"), 3, 7, Kind.UNICAST, null));
        assertThat(routes(NEXT_HOP_OBJECT))
                .containsExactly(
                        new Route(ip("6.0.0.0"), 8, ip("fe80::5"), 3, 0, Kind.UNICAST, null));
        IpAddress destination = ip("2001:db8:5::");
        assertThat(routes(MULTIPATH_V6))
                .containsExactly(
                        new Route(destination, 48, ip("fe80::7"), 3, 1024, Kind.UNICAST, null),
                        new Route(destination, 48, ip("fe80::8"), 3, 1024, Kind.UNICAST, null));
    }

    @Test
    void routesOfTheMainAndLocalTables() {
        assertThat(routes(DEFAULT_ROUTE))
                .containsExactly(
                        new Route(
                                ip("0.0.0.0"),
                                0,
                                ip("192.0.2.254"),
                                3,
                                50,
                                Kind.UNICAST,
                                ip("192.0.2.1")));
        assertThat(routes(ROUTE_VIA_V6))
                .containsExactly(
                        new Route(
                                ip("100.64.0.0"), 10, ip("2001:db8::9"), 3, 0, Kind.UNICAST, null));
        assertThat(routes(BLACKHOLE))
                .containsExactly(new Route(ip("203.0.113.0"), 24, null, 0, 0, Kind.REFUSE, null));
        assertThat(routes(LOCAL_PREFIX))
                .containsExactly(new Route(ip("10.9.0.0"), 16, null, 1, 0, Kind.LOCAL, null));
        assertThat(routes(ROUTE_V6))
                .containsExactly(
                        new Route(
                                ip("2001:db8:1::"),
                                48,
                                ip("2001:db8::2"),
                                3,
                                1024,
                                Kind.UNICAST,
                                null));
        assertThat(routes(BROADCAST)).isEmpty();
        assertThat(routes(OTHER_TABLE)).isEmpty();
    }

    @Test
    void multipathRouteIsOneRouteForEachHopThatLives() {
        Route one = new Route(ip("198.51.100.0"), 24, ip("192.0.2.2"), 3, 0, Kind.UNICAST, null);
        Route other = new Route(ip("198.51.100.0"), 24, ip("192.0.2.3"), 3, 0, Kind.UNICAST, null);
        assertThat(routes(MULTIPATH)).containsExactly(one, other);
        assertThat(routes(MULTIPATH.replaceFirst("1000000003", "1000010003")))
                .containsExactly(other);
    }

    @Test
    void neighbours() {
        assertThat(neighbour(PERMANENT))
                .isEqualTo(known("192.0.2.2", State.USABLE, 0x020000000002L, true));
        assertThat(neighbour(STALE))
                .isEqualTo(known("192.0.2.3", State.STALE, 0x020000000003L, false));
        assertThat(neighbour(INCOMPLETE))
                .isEqualTo(known("192.0.2.78", State.INCOMPLETE, 0, false));
        assertThat(neighbour(REACHABLE_V6))
                .isEqualTo(known("2001:db8::2", State.USABLE, 0x020000000004L, false));
        assertThat(RouteMessages.neighbour(RouteMessages.DELETE_NEIGHBOUR, body(PERMANENT)))
                .isEqualTo(known("192.0.2.2", State.GONE, 0, false));
    }

    private static RouteMessages.Neighbour neighbour(String hex) {
        return RouteMessages.neighbour(RouteMessages.NEW_NEIGHBOUR, body(hex));
    }

    private static RouteMessages.Neighbour known(
            String address, State state, long mac, boolean fixed) {
        return new RouteMessages.Neighbour(new NeighbourEntry(3, ip(address), state, mac), fixed);
    }

    @Test
    void requestAsksForUseOfTheNeighbour() {
        assertThat(new NeighbourRequests.Request(3, ip("192.0.2.2")).toBytes())
                .isEqualTo(HexFormat.of().parseHex("02000000030000000000010008000100c0000202"));
        assertThat(new NeighbourRequests.Request(3, ip("fe80::9")).toBytes())
                .isEqualTo(
                        HexFormat.of()
                                .parseHex(
                                        "0a0000000300000000000100"
                                                + "14000100fe800000000000000000000000000009"));
    }

    @Test
    void shortAndLyingMessagesDoNoHarm() {
        Random random = Seed.ofThisRun().random();
        for (String hex : ALL) {
            byte[] bytes = HexFormat.of().parseHex(hex);
            for (int length = 0; length <= bytes.length; length++) {
                decodeAll(Arrays.copyOf(bytes, length));
            }
            for (int i = 0; i < 3000; i++) {
                byte[] changed = bytes.clone();
                for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                    changed[random.nextInt(changed.length)] = (byte) random.nextInt();
                }
                decodeAll(changed);
            }
        }
    }

    private static void decodeAll(byte[] bytes) {
        RouteMessages.link(body(bytes));
        RouteMessages.address(body(bytes));
        RouteMessages.routes(body(bytes), new ArrayList<>());
        RouteMessages.neighbour(RouteMessages.NEW_NEIGHBOUR, body(bytes));
        ByteBuffer received = body(bytes);
        int messages = 0;
        while (NetlinkMessage.next(received) != null) {
            messages++;
        }
        assertThat(messages).isLessThanOrEqualTo(bytes.length / NetlinkMessage.HEADER_BYTES);
    }

    @Test
    void messagesFollowEachOther() {
        ByteBuffer received =
                body(
                        "13000000180002000700000000000000aabbcc00"
                                + "10000000030000000800000000000000");
        NetlinkMessage first = NetlinkMessage.next(received);
        assertThat(first.type()).isEqualTo(RouteMessages.NEW_ROUTE);
        assertThat(first.sequence()).isEqualTo(7);
        assertThat(first.body().limit()).isEqualTo(3);
        NetlinkMessage second = NetlinkMessage.next(received);
        assertThat(second.type()).isEqualTo(NetlinkMessage.DONE);
        assertThat(second.errno()).isZero();
        assertThat(NetlinkMessage.next(received)).isNull();
        assertThat(NetlinkMessage.next(body("11000000180002000700000000000000"))).isNull();
        assertThat(NetlinkMessage.next(body("0f000000180002000700000000000000"))).isNull();
    }
}
