package io.weir.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.IpAddress;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/** The connection table with addresses of both families. */
class WideConnectionsTest {
    private static final int TCP = 6;
    private static final int CAPACITY = 500;
    private static final IpAddress VIP = IpAddress.parse("fd01::100");

    private record End(IpAddress address, int port) {}

    private record Flow(End client, End virtual) {}

    /** What a line was made for; the server is behind a tunnel if its family is another. */
    private record Entry(int slot, End server) {}

    private static Endpoints ends(ConnectionTable table, End from, End to) {
        Endpoints ends = new Endpoints();
        if (from.address.ipv6()) {
            ends.setV6(
                    TCP,
                    from.address.high(),
                    from.address.low(),
                    to.address.high(),
                    to.address.low());
        } else {
            ends.setV4(TCP, from.address.v4(), to.address.v4());
        }
        ends.setPorts(from.port, to.port);
        table.identify(ends);
        return ends;
    }

    private static int digest(ConnectionTable table, IpAddress address) {
        return ends(table, new End(address, 0), new End(address, 0)).source();
    }

    /** Two addresses of a network that the table has the same digest for. */
    private static List<IpAddress> collision(ConnectionTable table) {
        Map<Integer, IpAddress> seen = new HashMap<>();
        for (int i = 0; i < 1_000_000; i++) {
            IpAddress address = IpAddress.v6(0x20010db8L << 32, i);
            IpAddress other = seen.put(digest(table, address), address);
            if (other != null) {
                return List.of(other, address);
            }
        }
        throw new AssertionError("no two of a million digests of 32 bits are the same");
    }

    @Test
    void agreesWithAMapWhateverTheFamiliesAre() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        try (ConnectionTable table = new ConnectionTable(CAPACITY, seed)) {
            World world = new World(table, random);
            Map<Flow, Entry> model = new HashMap<>();
            Map<Flow, Integer> templates = new HashMap<>();
            for (int step = 0; step < 40_000; step++) {
                String where = "seed " + seed + " step " + step;
                Flow flow = world.flow();
                if (random.nextInt(4) == 0) {
                    template(world, templates, flow, where);
                } else {
                    connection(world, model, templates.size(), flow, where);
                }
                assertThat(table.size()).as(where).isEqualTo(model.size() + templates.size());
            }
            assertThat(world.mixed).isPositive();
        }
    }

    private static void connection(
            World world, Map<Flow, Entry> model, int others, Flow flow, String where) {
        Entry known = model.get(flow);
        ConnectionTable table = world.table;
        assertThat(table.findForward(ends(table, flow.client, flow.virtual)))
                .as(where)
                .isEqualTo(known == null ? ConnectionTable.NONE : known.slot);
        for (End server : world.servers(flow.virtual.port)) {
            if (server.address.ipv6() == flow.client.address.ipv6()) {
                boolean replies = known != null && known.server.equals(server);
                assertThat(table.findReply(ends(table, server, flow.client)))
                        .as(where)
                        .isEqualTo(replies ? known.slot : ConnectionTable.NONE);
            }
        }
        if (known != null && world.random.nextInt(3) == 0) {
            table.remove(known.slot);
            model.remove(flow);
        } else if (known == null) {
            End server = world.server(flow.virtual.port);
            int slot = insert(table, flow, server, 0);
            if (slot == ConnectionTable.NONE) {
                assertThat(model.size() + others).as(where).isEqualTo(CAPACITY);
            } else {
                model.put(flow, new Entry(slot, server));
                world.mixed += server.address.ipv6() != flow.client.address.ipv6() ? 1 : 0;
                assertAddresses(table, slot, flow, server);
            }
        }
    }

    private static void template(
            World world, Map<Flow, Integer> templates, Flow connection, String where) {
        ConnectionTable table = world.table;
        Flow flow = new Flow(new End(connection.client.address, 0), connection.virtual);
        Integer known = templates.get(flow);
        assertThat(table.findTemplate(ends(table, flow.client, flow.virtual)))
                .as(where)
                .isEqualTo(known == null ? ConnectionTable.NONE : known);
        if (known != null) {
            table.remove(known);
            templates.remove(flow);
        } else {
            End server = world.server(flow.virtual.port);
            int slot = insert(table, flow, server, ConnectionTable.FLAG_TEMPLATE);
            if (slot != ConnectionTable.NONE) {
                templates.put(flow, slot);
            }
        }
    }

    private static int insert(ConnectionTable table, Flow flow, End server, int flags) {
        Endpoints ends = ends(table, flow.client, flow.virtual);
        return table.insert(ends, server.address, server.port, flags, 7);
    }

    private static void assertAddresses(ConnectionTable table, int slot, Flow flow, End server) {
        assertThat(table.ipv6(slot)).isEqualTo(flow.client.address.ipv6());
        assertThat(table.serverIpv6(slot)).isEqualTo(server.address.ipv6());
        if (table.ipv6(slot)) {
            assertThat(IpAddress.v6(table.clientHigh(slot), table.clientLow(slot)))
                    .isEqualTo(flow.client.address);
            assertThat(IpAddress.v6(table.virtualHigh(slot), table.virtualLow(slot)))
                    .isEqualTo(flow.virtual.address);
        }
        if (table.serverIpv6(slot)) {
            assertThat(IpAddress.v6(table.serverHigh(slot), table.serverLow(slot)))
                    .isEqualTo(server.address);
        } else {
            assertThat(IpAddress.v4(table.server(slot))).isEqualTo(server.address);
        }
    }

    /**
     * Few addresses on few ports; among them, as clients and as servers, two that have one digest,
     * and the IPv4 address that looks like it.
     */
    private static final class World {
        private final ConnectionTable table;
        private final SplittableRandom random;
        private final List<IpAddress> twins;
        private final IpAddress alike;
        private int mixed;

        World(ConnectionTable table, SplittableRandom random) {
            this.table = table;
            this.random = random;
            this.twins = collision(table);
            this.alike = IpAddress.v4(digest(table, twins.getFirst()));
        }

        Flow flow() {
            boolean ipv6 = random.nextInt(3) > 0;
            IpAddress virtual = ipv6 ? VIP : IpAddress.v4(0x0a010064);
            return new Flow(
                    new End(client(ipv6), 1000 + random.nextInt(12)),
                    new End(virtual, 80 + random.nextInt(2)));
        }

        private IpAddress client(boolean ipv6) {
            int number = random.nextInt(20);
            if (number < 2) {
                return ipv6 ? twins.get(number) : alike;
            }
            return ipv6
                    ? IpAddress.v6(0xfd010000L << 32, number)
                    : IpAddress.v4(0xc0000200 + number);
        }

        /** Those of one service, so that a client's port on another has others. */
        List<End> servers(int virtualPort) {
            return List.of(
                    new End(twins.get(0), virtualPort),
                    new End(twins.get(1), virtualPort),
                    new End(alike, virtualPort),
                    new End(IpAddress.v4(0x0a02000b), virtualPort));
        }

        End server(int virtualPort) {
            return servers(virtualPort).get(random.nextInt(4));
        }
    }

    @Test
    void addressesOfOneDigestAreToldApart() {
        try (ConnectionTable table = new ConnectionTable(100, 1)) {
            List<IpAddress> twins = collision(table);
            End virtual = new End(VIP, 80);
            End server = new End(IpAddress.parse("fd02::b"), 8080);
            Flow[] flows = new Flow[2];
            int[] slots = new int[2];
            for (int i = 0; i < 2; i++) {
                flows[i] = new Flow(new End(twins.get(i), 4000), virtual);
                Endpoints ends = ends(table, flows[i].client, virtual);
                assertThat(table.findForward(ends)).isEqualTo(ConnectionTable.NONE);
                slots[i] = insert(table, flows[i], server, 0);
            }
            for (int i = 0; i < 2; i++) {
                assertThat(table.findForward(ends(table, flows[i].client, virtual)))
                        .isEqualTo(slots[i]);
                assertThat(table.findReply(ends(table, server, flows[i].client)))
                        .isEqualTo(slots[i]);
            }
            table.remove(slots[0]);
            assertThat(table.findForward(ends(table, flows[0].client, virtual)))
                    .isEqualTo(ConnectionTable.NONE);
            assertThat(table.findForward(ends(table, flows[1].client, virtual)))
                    .isEqualTo(slots[1]);
        }
    }

    @Test
    void anAddressLikeTheDigestOfATunnelledServerIsNotTheServer() {
        try (ConnectionTable table = new ConnectionTable(100, 1)) {
            IpAddress server = IpAddress.parse("fd02::b");
            IpAddress alike = IpAddress.v4(digest(table, server));
            End client = new End(IpAddress.v4(0xc0000201), 4000);
            End virtual = new End(IpAddress.v4(0x0a010064), 80);
            insert(table, new Flow(client, virtual), new End(server, 80), 0);
            assertThat(table.findReply(ends(table, new End(alike, 80), client)))
                    .isEqualTo(ConnectionTable.NONE);
        }
    }

    @Test
    void aReaderOnAnotherThreadNeverSeesHalfAWideEntry() throws InterruptedException {
        try (ConnectionTable table = new ConnectionTable(200, 1)) {
            int[] torn = new int[1];
            long[] read = new long[1];
            AtomicBoolean done = new AtomicBoolean();
            Thread reader =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        while (!done.get()) {
                                            ConnectionReader entries =
                                                    new ConnectionReader(
                                                            table, new PersistenceData(1, 1));
                                            while (entries.next()) {
                                                read[0]++;
                                                torn[0] += consistent(entries) ? 0 : 1;
                                            }
                                        }
                                    });
            SplittableRandom random = new SplittableRandom(1);
            int[] slots = new int[100];
            Arrays.fill(slots, -1);
            for (int step = 0; step < 300_000; step++) {
                int at = random.nextInt(slots.length);
                if (slots[at] >= 0) {
                    table.remove(slots[at]);
                }
                int key = random.nextInt(1 << 16);
                End end = new End(address(key), key);
                slots[at] = insert(table, new Flow(end, end), end, 0);
            }
            done.set(true);
            reader.join();
            assertThat(torn[0]).isZero();
            assertThat(read[0]).isPositive();
        }
    }

    /** Of either family, by the key's last bit. */
    private static IpAddress address(int key) {
        return (key & 1) == 0 ? IpAddress.v4(key) : IpAddress.v6((long) key << 40, key);
    }

    private static boolean consistent(ConnectionReader entry) {
        IpAddress expected = address(entry.clientPort());
        return entry.clientAddress().equals(expected)
                && entry.virtualAddress().equals(expected)
                && entry.serverAddress().equals(expected)
                && entry.virtualPort() == entry.clientPort()
                && entry.serverPort() == entry.clientPort();
    }
}
