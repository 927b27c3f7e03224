package io.weir.dataplane.net.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NeighbourEntry.State;
import io.weir.dataplane.net.NetworkListener;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.sys.NetworkNamespace;
import io.weir.dataplane.testing.NamespaceLab;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

class NetlinkMonitorTest {
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final IpAddress PEER = IpAddress.parse("10.0.0.2");
    private static final IpAddress NOBODY = IpAddress.parse("10.0.0.77");

    private final Picture picture = new Picture();
    private NamespaceLab lab;
    private NetworkNamespace here;
    private NetworkNamespace there;
    private NetlinkMonitor monitor;

    /** What a listener has been told. */
    private static final class Picture implements NetworkListener {
        private final Map<IpAddress, NeighbourEntry> neighbours = new ConcurrentHashMap<>();
        private volatile NetworkSnapshot network = NetworkSnapshot.EMPTY;
        private volatile CountDownLatch gate = new CountDownLatch(0);

        @Override
        public void networkChanged(NetworkSnapshot changed) {
            network = changed;
        }

        @Override
        public void neighbourChanged(NeighbourEntry neighbour) {
            try {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (neighbour.state() == State.GONE) {
                neighbours.remove(neighbour.address());
            } else {
                neighbours.put(neighbour.address(), neighbour);
            }
        }

        boolean knows(IpAddress address, State state) {
            NeighbourEntry entry = neighbours.get(address);
            return entry != null && entry.state() == state;
        }

        boolean hasAddress(String address) {
            return network.addresses().stream()
                    .anyMatch(a -> a.address().equals(IpAddress.parse(address)));
        }

        boolean hasRoute(String destination) {
            return network.routes().stream()
                    .anyMatch(r -> r.destination().equals(IpAddress.parse(destination)));
        }
    }

    @BeforeEach
    void build() throws IOException {
        lab = new NamespaceLab();
        here = lab.namespace("here");
        there = lab.namespace("there");
        lab.join(here, "h0", there, "t0");
        ip(here, "addr", "add", "10.0.0.1/24", "dev", "h0");
        ip(there, "addr", "add", "10.0.0.2/24", "dev", "t0");
        ip(there, "link", "set", "t0", "address", "02:00:00:00:00:22");
        monitor = here.call(() -> NetlinkMonitor.open(picture));
    }

    @AfterEach
    void remove() {
        if (monitor != null) {
            monitor.close();
        }
        if (lab != null) {
            lab.close();
        }
    }

    private static void ip(NetworkNamespace namespace, String... arguments) {
        String[] command = new String[arguments.length + 3];
        command[0] = "ip";
        command[1] = "-n";
        command[2] = namespace.toString();
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        NamespaceLab.run(command);
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + DEADLINE_NANOS;
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            Thread.sleep(2);
        }
        assertThat(condition.getAsBoolean()).as(what).isTrue();
    }

    private Link link() {
        return picture.network.links().stream()
                .filter(link -> link.name().equals("h0"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void networkIsKnownWhenOpenReturns() {
        assertThat(link().ethernet()).isTrue();
        assertThat(link().up()).isTrue();
        assertThat(link().mtu()).isEqualTo(1500);
        assertThat(picture.hasAddress("10.0.0.1")).isTrue();
        assertThat(picture.hasRoute("10.0.0.0")).isTrue();
        assertThat(monitor.snapshot()).isEqualTo(picture.network);
    }

    @Test
    void changesAreFollowedAnnouncedOrNot() throws Exception {
        ip(here, "addr", "add", "192.0.2.1/32", "dev", "lo");
        await("address", () -> picture.hasAddress("192.0.2.1"));
        ip(here, "route", "add", "198.51.100.0/24", "via", "10.0.0.2");
        await("route", () -> picture.hasRoute("198.51.100.0"));
        ip(here, "link", "set", "h0", "mtu", "1400");
        await("MTU", () -> link().mtu() == 1400);
        ip(here, "link", "set", "h0", "down");
        // The kernel says nothing of the routes that it takes away with the link.
        await("routes of the dead link", () -> !picture.hasRoute("198.51.100.0"));
        await("link", () -> !link().up());
        ip(here, "link", "del", "h0");
        await("link's end", () -> picture.network.links().size() == 1);
    }

    @Test
    void neighbourIsResolvedOnRequest() throws Exception {
        monitor.resolve(link().index(), PEER);
        await("peer", () -> picture.knows(PEER, State.USABLE));
        assertThat(picture.neighbours.get(PEER).mac()).isEqualTo(0x020000000022L);
        ip(here, "neigh", "del", PEER.toString(), "dev", "h0");
        await("peer's end", () -> !picture.neighbours.containsKey(PEER));
        assertThat(monitor.droppedRequests()).isZero();
    }

    @Test
    void neighbourWhoDoesNotAnswerFailsAndCanBeAskedAgain() throws Exception {
        monitor.resolve(link().index(), NOBODY);
        await("failure", () -> picture.knows(NOBODY, State.FAILED));
        ip(there, "addr", "add", NOBODY + "/24", "dev", "t0");
        monitor.resolve(link().index(), NOBODY);
        await("answer", () -> picture.knows(NOBODY, State.USABLE));
    }

    @Test
    void neighbourFixedByTheOperatorStaysFixed() throws Exception {
        ip(here, "neigh", "add", NOBODY.toString(), "lladdr", "02:00:00:00:00:77", "dev", "h0");
        await("fixed neighbour", () -> picture.knows(NOBODY, State.USABLE));
        monitor.resolve(link().index(), NOBODY);
        monitor.resolve(link().index(), PEER);
        await("peer", () -> picture.knows(PEER, State.USABLE));
        assertThat(
                        NamespaceLab.run(
                                "ip", "-n", here.toString(), "neigh", "show", "to", "10.0.0.77"))
                .contains("PERMANENT");
        assertThat(picture.knows(NOBODY, State.USABLE)).isTrue();
    }

    @Test
    void tooManyRequestsAreDroppedAndCounted() throws Exception {
        picture.gate = new CountDownLatch(1);
        monitor.resolve(link().index(), PEER);
        for (int i = 0; i < 100_000; i++) {
            monitor.resolve(link().index(), PEER);
        }
        assertThat(monitor.droppedRequests()).isPositive();
        picture.gate.countDown();
        await("peer", () -> picture.knows(PEER, State.USABLE));
    }

    @Test
    void lostNewsAreMadeUpFor() throws Exception {
        picture.gate = new CountDownLatch(1);
        int count = 12_000;
        Path batch = Files.createTempFile("weir-neighbours", ".txt");
        try {
            Files.write(batch, neighbours("add", 0, count));
            ip(here, "-batch", batch.toString());
            Files.write(batch, neighbours("del", 0, count - 5));
            ip(here, "-batch", batch.toString());
        } finally {
            Files.delete(batch);
        }
        ip(here, "addr", "add", "192.0.2.9/32", "dev", "lo");
        picture.gate.countDown();
        await("address among the lost news", () -> picture.hasAddress("192.0.2.9"));
        await("neighbours left", () -> fixedNeighbours() == 5);
    }

    private long fixedNeighbours() {
        return picture.neighbours.keySet().stream()
                .filter(address -> !address.ipv6() && address.v4() >>> 16 == 0x0a01)
                .count();
    }

    private static List<String> neighbours(String action, int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> "10.1." + i / 250 + "." + i % 250)
                .map(a -> "neigh " + action + " " + a + " lladdr 02:00:00:00:00:01 dev h0")
                .toList();
    }
}
