package io.weir.dataplane.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.testing.Seed;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class RoutingTableTest {
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
