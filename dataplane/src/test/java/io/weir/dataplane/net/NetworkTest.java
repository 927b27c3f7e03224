package io.weir.dataplane.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.testing.Seed;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

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
        network.replace(new RoutedNetwork(new NetworkSnapshot(List.of(link), addresses, routes)));
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
    void gatewaysMayBeOfTheOtherFamilyOrLinkLocal() {
        replace(
                route("192.0.2.0", 24, "fe80::9", Route.Kind.UNICAST),
                route("::", 0, "fe80::9", Route.Kind.UNICAST));
        Neighbour hop = network.nextHop(number("192.0.2.1"));
        assertThat(hop.ipAddress()).isEqualTo(address("fe80::9"));
        assertThat(hop.linkIndex()).isEqualTo(1);
        IpAddress far = address("2001:db8:1::1");
        assertThat(network.nextHop(far.high(), far.low())).isSameAs(hop);
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
    void knowsIpv6Too() {
        replace(
                route("::", 0, "fd00::fe", Route.Kind.UNICAST),
                route("2001:db8:77::", 64, "", Route.Kind.LOCAL),
                route("2001:db8:66::", 48, "", Route.Kind.REFUSE));
        for (String own : List.of("fd00::1", "2001:db8:77::1234")) {
            assertThat(network.isLocal(address(own).high(), address(own).low())).as(own).isTrue();
        }
        for (String other : List.of("fd00::2", "2001:db8:78::1", "::a01:1")) {
            assertThat(network.isLocal(address(other).high(), address(other).low()))
                    .as(other)
                    .isFalse();
        }
        assertThat(hop("fd00::9")).isEqualTo(address("fd00::9"));
        assertThat(hop("2001:db8:1::1")).isEqualTo(address("fd00::fe"));
        assertThat(hop("2001:db8:1::1")).isEqualTo(address("fd00::fe"));
        assertThat(hop("2001:db8:66::1")).isNull();
        assertThat(hop("2001:db8:77::1")).isNull();
        NeighbourEntry.State usable = NeighbourEntry.State.USABLE;
        Neighbour updated = network.update(new NeighbourEntry(1, address("fd00::9"), usable, 2));
        assertThat(updated).isSameAs(network.nextHop(address("fd00::9").high(), 9));
        assertThat(updated.usable()).isTrue();
    }

    private @Nullable IpAddress hop(String destination) {
        IpAddress to = address(destination);
        Neighbour hop = network.nextHop(to.high(), to.low());
        return hop == null ? null : hop.ipAddress();
    }

    @Test
    void choosesAnIpv6SourceOfTheSameScopeAndMostBitsInCommon() {
        Link link = new Link(1, "eth0", 2, 1500, true, true);
        List<LinkAddress> addresses =
                List.of(
                        new LinkAddress(address("fe80::1"), 64, 1),
                        new LinkAddress(address("fd00::1"), 64, 1),
                        new LinkAddress(address("2001:db8::1"), 64, 1),
                        new LinkAddress(address("2001:db8:5::1"), 64, 2));
        List<Route> routes = new ArrayList<>(ConnectedRoutes.of(addresses));
        routes.add(route("::", 0, "fd00::fe", Route.Kind.UNICAST));
        network.replace(new RoutedNetwork(new NetworkSnapshot(List.of(link), addresses, routes)));
        assertThat(source("fe80::7")).isEqualTo(address("fe80::1"));
        assertThat(source("fd00::7")).isEqualTo(address("fd00::1"));
        assertThat(source("2001:db8:7::7")).isEqualTo(address("2001:db8::1"));
        assertThat(source("2001:db8:5::7")).isEqualTo(address("2001:db8:5::1"));
        List<LinkAddress> old =
                List.of(
                        new LinkAddress(address("2001:db8:7::1"), 64, 1, true),
                        new LinkAddress(address("::1"), 128, 3),
                        new LinkAddress(address("2001:db8:5::1"), 64, 2));
        network.replace(new RoutedNetwork(new NetworkSnapshot(List.of(link), old, routes)));
        assertThat(source("2001:db8:7::7"))
                .as("not deprecated")
                .isEqualTo(address("2001:db8:5::1"));
        network.replace(
                new RoutedNetwork(new NetworkSnapshot(List.of(link), old.subList(0, 2), routes)));
        assertThat(source("2001:db8:7::7")).as("no other").isEqualTo(address("2001:db8:7::1"));
        network.replace(new RoutedNetwork(new NetworkSnapshot(List.of(link), List.of(), routes)));
        assertThat(source("2001:db8:7::7")).isNull();
    }

    private @Nullable IpAddress source(String destination) {
        IpAddress to = address(destination);
        return network.sourceFor(to.high(), to.low());
    }

    @Test
    void hasCommonHopsOnlyWhereRoutingMakesNoDifference() {
        Random random = Seed.ofThisRun().random();
        for (int round = 0; round < 50; round++) {
            List<Route> routes = new ArrayList<>();
            routes.add(route("0.0.0.0", 0, "10.1.0.254", Route.Kind.UNICAST));
            for (int i = random.nextInt(12); i > 0; i--) {
                int length = 1 + random.nextInt(32);
                int prefix = random.nextInt() & -1 << (32 - length);
                Route.Kind kind = Route.Kind.values()[random.nextInt(Route.Kind.values().length)];
                String gateway = random.nextBoolean() ? "10.1.0." + (2 + random.nextInt(3)) : "";
                routes.add(route(IpAddress.v4(prefix).toString(), length, gateway, kind));
            }
            replace(routes.toArray(Route[]::new));
            for (int first = 0; first < 256; first++) {
                Neighbour common = network.commonNextHop(first << 24 | random.nextInt(1 << 24));
                for (int i = 0; common != null && i < 50; i++) {
                    int address = first << 24 | random.nextInt(1 << 24);
                    assertThat(network.nextHop(address)).as("%x", address).isSameAs(common);
                }
            }
        }
        replace(route("0.0.0.0", 0, "10.1.0.254", Route.Kind.UNICAST));
        assertThat(network.commonNextHop(number("11.0.0.1")))
                .isSameAs(network.nextHop(number("12.0.0.1")));
        assertThat(network.commonNextHop(number("10.9.0.1"))).isNull();
    }

    @Test
    void countsWhatChangesWays() {
        Neighbour hop = network.nextHop(number("11.0.0.1"));
        WayChanges changes = network.wayChanges();
        int before = changes.count();
        IpAddress gateway = address("10.1.0.254");
        network.update(new NeighbourEntry(1, gateway, NeighbourEntry.State.USABLE, 5));
        int usable = changes.count();
        assertThat(usable).isNotEqualTo(before);
        network.update(new NeighbourEntry(1, gateway, NeighbourEntry.State.USABLE, 5));
        assertThat(changes.count()).isEqualTo(usable);
        network.update(new NeighbourEntry(1, gateway, NeighbourEntry.State.USABLE, 6));
        int moved = changes.count();
        assertThat(moved).isNotEqualTo(usable);
        assertThat(hop).isNotNull();
        hop.setState(NeighbourEntry.State.STALE);
        int stale = changes.count();
        assertThat(stale).isNotEqualTo(moved);
        replace();
        assertThat(changes.count()).isNotEqualTo(stale);
    }
}
