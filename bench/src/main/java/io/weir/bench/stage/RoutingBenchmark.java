package io.weir.bench.stage;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.net.RoutingTable;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Time to find the route to a random address by its longest prefix. Routes have random prefixes of
 * 8 to 24 bits (IPv6: 16 to 64), and there is a default route.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // set by JMH and setUp
public class RoutingBenchmark {
    static final int ADDRESSES = 4096;
    static final int BURST = 64;

    /** Routes of each family. */
    @Param({"10", "1000", "100000"})
    public int routes;

    private final List<Route> all = new ArrayList<>();
    private final int[] addresses = new int[ADDRESSES];
    private final long[] wideAddresses = new long[ADDRESSES];
    private RoutingTable table;
    private int next;

    /** Makes the routes. */
    @Setup
    public void setUp() {
        SplittableRandom random = new SplittableRandom(19);
        all.add(route(IpAddress.v4(0), 0));
        all.add(route(IpAddress.v6(0, 0), 0));
        for (int i = 1; i < routes; i++) {
            all.add(route(IpAddress.v4(random.nextInt()), 8 + random.nextInt(17)));
            all.add(route(IpAddress.v6(random.nextLong(), 0), 16 + random.nextInt(49)));
        }
        for (int i = 0; i < ADDRESSES; i++) {
            addresses[i] = random.nextInt();
            wideAddresses[i] = random.nextLong();
        }
        table = new RoutingTable(all);
    }

    private static Route route(IpAddress address, int length) {
        Prefix prefix = Prefix.of(address, length);
        return new Route(prefix.network(), length, null, 1, 0, Route.Kind.UNICAST, null);
    }

    /** Finds the routes of IPv4 addresses. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public int ipv4() {
        int found = 0;
        for (int i = 0; i < BURST; i++) {
            Route route = table.lookup(addresses[next + i]);
            found += route == null ? 0 : route.prefixLength() + 1;
        }
        next = next + BURST & ADDRESSES - 1;
        return found;
    }

    /** Finds the routes of IPv6 addresses. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public int ipv6() {
        int found = 0;
        for (int i = 0; i < BURST; i++) {
            Route route = table.lookup(wideAddresses[next + i], 1);
            found += route == null ? 0 : route.prefixLength() + 1;
        }
        next = next + BURST & ADDRESSES - 1;
        return found;
    }

    List<Route> all() {
        return all;
    }

    IpAddress address(int index) {
        return IpAddress.v4(addresses[index]);
    }

    IpAddress wideAddress(int index) {
        return IpAddress.v6(wideAddresses[index], 1);
    }
}
