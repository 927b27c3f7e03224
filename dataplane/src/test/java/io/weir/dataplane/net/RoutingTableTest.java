package io.weir.dataplane.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.testing.Seed;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class RoutingTableTest {
    private static final Route.Kind UNICAST = Route.Kind.UNICAST;

    private static Route route(int address, int length, int metric, Route.Kind kind) {
        IpAddress prefix = ConnectedRoutes.network(IpAddress.v4(address), length);
        return new Route(prefix, length, null, 1, metric, kind, null);
    }

    /** The longest prefix, local before others, then the lowest metric. */
    private static @Nullable Route slowLookup(List<Route> routes, IpAddress destination) {
        Route best = null;
        for (Route route : routes) {
            boolean matches = route.destination().matches(destination, route.prefixLength());
            if (matches && (best == null || better(route, best))) {
                best = route;
            }
        }
        return best;
    }

    private static boolean better(Route route, Route than) {
        if (route.prefixLength() != than.prefixLength()) {
            return route.prefixLength() > than.prefixLength();
        }
        boolean local = route.kind() == Route.Kind.LOCAL;
        boolean thanLocal = than.kind() == Route.Kind.LOCAL;
        return local == thanLocal ? route.metric() < than.metric() : local;
    }

    @Test
    void agreesWithALookAtEveryRoute() {
        Random random = Seed.ofThisRun().random();
        for (int round = 0; round < 300; round++) {
            List<Route> routes = new ArrayList<>();
            for (int i = random.nextInt(40); i > 0; i--) {
                Route.Kind kind = Route.Kind.values()[random.nextInt(3)];
                routes.add(route(address(random), random.nextInt(33), random.nextInt(3), kind));
            }
            RoutingTable table = new RoutingTable(routes);
            for (int i = 0; i < 200; i++) {
                int destination = address(random);
                assertThat(table.lookup(destination))
                        .as(Seed.ofThisRun() + " round " + round)
                        .isEqualTo(slowLookup(routes, IpAddress.v4(destination)));
            }
        }
    }

    /** Few different bits, so that prefixes nest; high ones too, which are negative as ints. */
    private static int address(Random random) {
        return random.nextInt() & 0xc0c0_0303;
    }

    /** Where routes begin and end, and beside it. */
    @Test
    void agreesAtTheEdgesOfManyRoutes() {
        Random random = Seed.ofThisRun().random();
        List<Route> routes = new ArrayList<>();
        List<Route> wide = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            routes.add(route(random.nextInt() & 0xff00_ffff, random.nextInt(33), 0, UNICAST));
            long high = 0x2001_0db8_0000_0000L | random.nextInt(1 << 20);
            IpAddress address = IpAddress.v6(random.nextBoolean() ? high : -1, random.nextLong());
            int length = random.nextInt(129);
            IpAddress prefix = ConnectedRoutes.network(address, length);
            wide.add(new Route(prefix, length, null, 1, 0, UNICAST, null));
        }
        List<Route> all = new ArrayList<>(routes);
        all.addAll(wide);
        RoutingTable table = new RoutingTable(all);
        for (Route route : routes) {
            int first = route.destination().v4();
            int last = first | (route.prefixLength() == 32 ? 0 : -1 >>> route.prefixLength());
            for (int address : new int[] {first - 1, first, last, last + 1}) {
                assertThat(table.lookup(address))
                        .as(Seed.ofThisRun() + " " + IpAddress.v4(address))
                        .isEqualTo(slowLookup(all, IpAddress.v4(address)));
            }
        }
        for (Route route : wide) {
            long high = route.destination().high();
            long low = route.destination().low();
            long lastHigh = high | ~IpAddress.maskHigh(route.prefixLength());
            long lastLow = low | ~IpAddress.maskLow(route.prefixLength());
            for (IpAddress address :
                    List.of(
                            IpAddress.v6(low == 0 ? high - 1 : high, low - 1),
                            IpAddress.v6(high, low),
                            IpAddress.v6(lastHigh, lastLow),
                            IpAddress.v6(lastLow == -1 ? lastHigh + 1 : lastHigh, lastLow + 1))) {
                assertThat(table.lookup(address.high(), address.low()))
                        .as(Seed.ofThisRun() + " " + address)
                        .isEqualTo(slowLookup(all, address));
            }
        }
    }

    @Test
    void knowsWhichPrefixesAreDivided() {
        Random random = Seed.ofThisRun().random();
        for (int round = 0; round < 300; round++) {
            List<Route> routes = new ArrayList<>();
            for (int i = random.nextInt(8); i > 0; i--) {
                routes.add(route(address(random), random.nextInt(33), 0, UNICAST));
            }
            RoutingTable table = new RoutingTable(routes);
            for (int i = 0; i < 50; i++) {
                int length = 1 + random.nextInt(31);
                IpAddress network = ConnectedRoutes.network(IpAddress.v4(address(random)), length);
                boolean divided =
                        routes.stream()
                                .filter(route -> route.prefixLength() > length)
                                .anyMatch(route -> network.matches(route.destination(), length));
                assertThat(table.divides(network.v4(), length))
                        .as(Seed.ofThisRun() + " round " + round)
                        .isEqualTo(divided);
            }
        }
    }

    @Test
    void knowsNothingWithoutRoutes() {
        assertThat(new RoutingTable(List.of()).lookup(0x0a00_0001)).isNull();
    }

    @Test
    void leavesIpv6Out() {
        Route ipv6 = new Route(IpAddress.v6(0, 0), 0, null, 1, 0, Route.Kind.UNICAST, null);
        assertThat(new RoutingTable(List.of(ipv6)).lookup(0)).isNull();
    }

    @Test
    void agreesWithALookAtEveryIpv6Route() {
        Random random = Seed.ofThisRun().random();
        for (int round = 0; round < 300; round++) {
            List<Route> routes = new ArrayList<>();
            for (int i = random.nextInt(40); i > 0; i--) {
                int length = random.nextInt(129);
                IpAddress prefix = ConnectedRoutes.network(wide(random), length);
                Route.Kind kind = Route.Kind.values()[random.nextInt(3)];
                routes.add(new Route(prefix, length, null, 1, random.nextInt(3), kind, null));
            }
            RoutingTable table = new RoutingTable(routes);
            for (int i = 0; i < 200; i++) {
                IpAddress destination = wide(random);
                assertThat(table.lookup(destination.high(), destination.low()))
                        .as(Seed.ofThisRun() + " round " + round)
                        .isEqualTo(slowLookup(routes, destination));
            }
        }
    }

    // Few different bits, so that prefixes match.
    private static IpAddress wide(Random random) {
        long high = 0x2001_0db8_0000_0000L | random.nextInt(4) << 30 | random.nextInt(2);
        return IpAddress.v6(high, (long) random.nextInt(4) << 62 | random.nextInt(4));
    }
}
