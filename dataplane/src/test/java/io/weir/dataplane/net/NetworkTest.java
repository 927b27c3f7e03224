package io.weir.dataplane.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class NetworkTest {
    private final Network network = new Network();

    private static IpAddress address(String text) {
        IpAddress parsed = IpAddress.parse(text);
        assertThat(parsed).isNotNull();
        return parsed;
    }

    private static int number(String text) {
        return address(text).v4();
    }

    private static Route route(String prefix, int length, String gateway, Route.Kind kind) {
        IpAddress hop = gateway.isEmpty() ? null : address(gateway);
        return new Route(address(prefix), length, hop, 1, 0, kind, null);
    }

    @BeforeEach
    void network() {
        replace(
                route("0.0.0.0", 0, "10.1.0.254", Route.Kind.UNICAST),
                route("10.66.0.0", 16, "", Route.Kind.REFUSE),
                route("10.77.0.0", 24, "", Route.Kind.LOCAL));
    }

    private void replace(Route... more) {
        List<LinkAddress> addresses =
                List.of(
                        new LinkAddress(address("10.1.0.1"), 24, 1),
                        new LinkAddress(address("10.1.0.100"), 32, 1),
                        new LinkAddress(address("10.3.0.1"), 31, 2),
                        new LinkAddress(address("fd00::1"), 64, 1));
        List<Route> routes = new ArrayList<>(ConnectedRoutes.of(addresses));
        routes.addAll(List.of(more));
        Link link = new Link(1, "eth0", 2, 1500, true, true);
        network.replace(new NetworkSnapshot(List.of(link), addresses, routes));
    }

    @Test
    void knowsItsAddresses() {
        assertThat(network.isLocal(number("10.1.0.1"))).isTrue();
        assertThat(network.isLocal(number("10.1.0.100"))).isTrue();
        assertThat(network.isLocal(number("10.77.0.200"))).isTrue();
        assertThat(network.isLocal(number("10.1.0.2"))).isFalse();
        assertThat(network.isLocal(number("10.1.0.255"))).isFalse();
    }

    @Test
    void knowsWhatIsNoSource() {
        for (String own : List.of("10.1.0.1", "10.1.0.100", "10.1.0.255", "10.77.0.3")) {
            assertThat(network.isOwnOrBroadcast(number(own))).as(own).isTrue();
        }
        // A network of two addresses has no broadcast address (RFC 3021), nor has a host.
        for (String other : List.of("10.1.0.254", "10.3.0.0", "10.1.0.101", "192.0.2.255")) {
            assertThat(network.isOwnOrBroadcast(number(other))).as(other).isFalse();
        }
    }

    @Test
    void findsTheNextHop() {
        assertThat(network.nextHop(number("10.1.0.9")).address()).isEqualTo(number("10.1.0.9"));
        assertThat(network.nextHop(number("192.0.2.1")).address()).isEqualTo(number("10.1.0.254"));
        assertThat(network.nextHop(number("10.66.1.1"))).isNull();
        assertThat(network.nextHop(number("10.77.0.1"))).isNull();
    }

    @Test
    void changesOfRoutesTakeEffectAtOnce() {
        assertThat(network.nextHop(number("192.0.2.1"))).isNotNull();
        replace();
        assertThat(network.nextHop(number("192.0.2.1"))).isNull();
        replace(route("192.0.2.0", 24, "10.1.0.7", Route.Kind.UNICAST));
        assertThat(network.nextHop(number("192.0.2.1")).address()).isEqualTo(number("10.1.0.7"));
    }

    @Test
    void choosesASource() {
        assertThat(network.sourceFor(number("10.1.0.9"))).isEqualTo(number("10.1.0.1"));
        assertThat(network.sourceFor(number("192.0.2.1"))).isEqualTo(number("10.1.0.1"));
        replace();
        assertThat(network.sourceFor(number("192.0.2.1"))).isZero();
    }

    @Test
    void borrowsAnAddressForALinkWithoutOne() {
        IpAddress prefix = address("198.51.100.0");
        replace(new Route(prefix, 24, null, 3, 0, Route.Kind.UNICAST, null));
        assertThat(network.sourceFor(number("198.51.100.1"))).isEqualTo(number("10.1.0.1"));
    }

    @Test
    void doesNotSendToANeighbourThatWasThrownOut() {
        int server = number("10.1.0.9");
        assertThat(network.nextHop(server)).isNotNull();
        for (int i = 0; i < NeighbourTable.LIMIT; i++) {
            IpAddress silent = IpAddress.v4(number("11.0.0.0") + i);
            network.update(new NeighbourEntry(1, silent, NeighbourEntry.State.FAILED, 0));
        }
        NeighbourEntry.State usable = NeighbourEntry.State.USABLE;
        network.update(new NeighbourEntry(1, address("10.1.0.9"), usable, 0x0200_0000_0009L));
        assertThat(network.nextHop(server).usable()).isTrue();
    }

    @Test
    void strangersOnTheLinkFillNoMoreThanHalfTheTable() {
        for (int i = 0; i < NeighbourTable.LIMIT; i++) {
            network.heardOf(1, i, 0x0200_0000_0001L, true);
        }
        assertThat(network.neighbours().size()).isEqualTo(NeighbourTable.LIMIT / 2);
        assertThat(network.heardOf(1, 3, 0x0200_0000_0002L, false).mac())
                .isEqualTo(0x0200_0000_0002L);
        assertThat(network.heardOf(1, NeighbourTable.LIMIT, 2, false)).isNull();
    }

    @Test
    void leavesIpv6NeighboursOut() {
        NeighbourEntry.State usable = NeighbourEntry.State.USABLE;
        assertThat(network.update(new NeighbourEntry(1, address("fd00::9"), usable, 2))).isNull();
    }
}
