package io.weir.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.IpAddress;

import org.junit.jupiter.api.Test;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;

class ConnectionTableTest {
    private static final int TCP = 6;
    private static final int VIP = 0x0a010064;

    private record Flow(int protocol, int client, int clientPort, int virtual, int virtualPort) {}

    private record Reply(int protocol, int server, int serverPort, int client, int clientPort) {}

    @Test
    void agreesWithAMapUnderRandomInsertionsAndRemovals() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        try (ConnectionTable table = new ConnectionTable(500, seed)) {
            Map<Flow, Integer> model = new HashMap<>();
            Map<Reply, Integer> replies = new HashMap<>();
            for (int step = 0; step < 50_000; step++) {
                Flow flow = randomFlow(random);
                Reply reply = replyOf(flow);
                Integer known = model.get(flow);
                assertThat(find(table, flow))
                        .as("seed %d step %d", seed, step)
                        .isEqualTo(known == null ? -1 : known);
                if (known != null && random.nextInt(3) == 0) {
                    table.remove(known);
                    model.remove(flow);
                    replies.remove(reply);
                } else if (known == null) {
                    int slot = insert(table, flow);
                    if (slot >= 0) {
                        model.put(flow, slot);
                        replies.put(reply, slot);
                    } else {
                        assertThat(model.size()).as("seed %d", seed).isEqualTo(500);
                    }
                }
                assertThat(find(table, reply))
                        .as("seed %d step %d", seed, step)
                        .isEqualTo(replies.getOrDefault(reply, -1));
                assertThat(table.size()).as("seed %d", seed).isEqualTo(model.size());
            }
        }
    }

    @Test
    void anEntryMayBeWhereASearchForItComesTo() {
        try (ConnectionTable table = new ConnectionTable(300, 7)) {
            SplittableRandom random = new SplittableRandom(7);
            int beyond = 0;
            for (int i = 0; i < 300; i++) {
                Flow flow = new Flow(TCP, random.nextInt(), 1000 + i, VIP, 80);

                insert(table, flow);
                long hash = table.hash(flow.client, flow.clientPort, flow.protocol);
                int others = 0;
                while (ConnectionLine.client(table.searchedLine(hash, others)) != flow.client) {
                    long passed = table.searchedLine(hash, others);
                    assertThat(ConnectionLine.flags(passed)).as("flags").isNotZero();
                    others++;
                }
                beyond += others > 0 ? 1 : 0;
                assertThat(others).isLessThan(ConnectionTable.MAX_PROBES);
            }
            assertThat(beyond).as("entries not where their search begins").isBetween(40, 150);
        }
    }

    // 40 clients on 20 ports: collisions, and connections of one client endpoint to two services.
    private static Flow randomFlow(SplittableRandom random) {
        return new Flow(
                TCP,
                0xc0000200 + random.nextInt(40),
                1000 + random.nextInt(20),
                VIP + random.nextInt(2),
                80);
    }

    private static Reply replyOf(Flow flow) {
        return new Reply(
                flow.protocol,
                0x0a02000b + (flow.virtual - VIP),
                8080,
                flow.client,
                flow.clientPort);
    }

    private static int insert(ConnectionTable table, Flow flow) {
        Reply reply = replyOf(flow);
        return table.insert(ends(flow), IpAddress.v4(reply.server), reply.serverPort, 0, 7);
    }

    private static Endpoints ends(Flow flow) {
        return new Endpoints()
                .setV4(flow.protocol, flow.client, flow.virtual)
                .setPorts(flow.clientPort, flow.virtualPort);
    }

    private static int find(ConnectionTable table, Flow flow) {
        int slot = table.findForward(ends(flow));
        long hash = table.hash(flow.client, flow.clientPort, flow.protocol);
        long line =
                table.forwardLine(
                        table.searchedLine(hash, 0),
                        hash,
                        (long) flow.virtual << 32 | (flow.client & 0xffff_ffffL),
                        flow.clientPort << 16 | flow.virtualPort,
                        flow.protocol);
        assertSame(table, line, slot);
        return slot;
    }

    // By its line an entry is found, or none, as by its ends.
    private static void assertSame(ConnectionTable table, long line, int slot) {
        assertThat(line).isEqualTo(slot == ConnectionTable.NONE ? 0 : table.line(slot));
        if (line != 0) {
            assertThat(table.slotAt(line)).isEqualTo(slot);
        }
    }

    private static int find(ConnectionTable table, Reply reply) {
        int slot =
                table.findReply(
                        new Endpoints()
                                .setV4(reply.protocol, reply.server, reply.client)
                                .setPorts(reply.serverPort, reply.clientPort));
        long hash = table.hash(reply.client, reply.clientPort, reply.protocol);
        long line =
                table.replyLine(
                        table.searchedLine(hash, 0),
                        hash,
                        reply.client,
                        reply.server,
                        reply.serverPort << 16 | reply.clientPort,
                        reply.protocol);
        assertSame(table, line, slot);
        return slot;
    }

    @Test
    void refusesWhatExceedsItsCapacityAndTakesItAgainAfterARemoval() {
        try (ConnectionTable table = new ConnectionTable(10, 1)) {
            List<Integer> slots = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                slots.add(insert(table, new Flow(TCP, i, 1, VIP, 80)));
            }
            assertThat(slots).doesNotContain(ConnectionTable.NONE).doesNotHaveDuplicates();
            Flow eleventh = new Flow(TCP, 99, 1, VIP, 80);
            assertThat(insert(table, eleventh)).isEqualTo(ConnectionTable.NONE);
            table.remove(slots.get(3));
            assertThat(insert(table, eleventh)).isNotEqualTo(ConnectionTable.NONE);
        }
    }

    @Test
    void oneClientEndpointCannotTakeMoreThanItsProbeSequence() {
        try (ConnectionTable table = new ConnectionTable(10_000, 1)) {
            int accepted = 0;
            for (int port = 1; port <= 1000; port++) {
                if (insert(table, new Flow(TCP, 1, 1, VIP, port)) != ConnectionTable.NONE) {
                    accepted++;
                }
            }
            assertThat(accepted).isEqualTo(ConnectionTable.MAX_PROBES);
            assertThat(insert(table, new Flow(TCP, 2, 1, VIP, 1)))
                    .isNotEqualTo(ConnectionTable.NONE);
            assertThat(find(table, new Flow(TCP, 1, 1, VIP, ConnectionTable.MAX_PROBES)))
                    .isNotEqualTo(ConnectionTable.NONE);
        }
    }

    @Test
    void findsTemplatesByServiceAndConnectionsNever() {
        try (ConnectionTable table = new ConnectionTable(100, 1)) {
            Endpoints service = ends(new Flow(TCP, 0xc0000200, 0, VIP, 80));
            Endpoints other = ends(new Flow(TCP, 0xc0000200, 0, VIP, 81));
            int template =
                    table.insert(service, IpAddress.v4(1), 8080, ConnectionTable.FLAG_TEMPLATE, 1);
            assertThat(table.findTemplate(service)).isEqualTo(template);
            assertThat(table.findTemplate(other)).isEqualTo(-1);
            assertThat(table.findForward(service)).isEqualTo(-1);
            table.replies().retire(template);
            assertThat(table.findTemplate(service)).isEqualTo(-1);
            table.remove(template);
            assertThat(table.size()).isZero();
        }
    }

    @Test
    void aReaderOnAnotherThreadNeverSeesHalfAnEntry() throws InterruptedException {
        try (ConnectionTable table = new ConnectionTable(200, 1)) {
            int[] torn = new int[1];
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
                                                torn[0] += consistent(entries) ? 0 : 1;
                                            }
                                        }
                                    });
            SplittableRandom random = new SplittableRandom(1);
            int[] slots = new int[100];
            java.util.Arrays.fill(slots, -1);
            for (int step = 0; step < 500_000; step++) {
                int at = random.nextInt(slots.length);
                if (slots[at] >= 0) {
                    table.remove(slots[at]);
                }
                int key = random.nextInt(1 << 16);
                slots[at] =
                        table.insert(
                                ends(new Flow(TCP, key, key, key, key)),
                                IpAddress.v4(key),
                                key,
                                0,
                                key);
            }
            done.set(true);
            reader.join();
            assertThat(torn[0]).isZero();
        }
    }

    private static boolean consistent(ConnectionReader entry) {
        int key = entry.client();
        return entry.clientPort() == key
                && entry.virtual() == key
                && entry.virtualPort() == key
                && entry.server() == key
                && entry.serverPort() == key
                && entry.serverNumber() == key;
    }

    @Test
    void everyFlagHasABitOfItsOwn() throws IllegalAccessException {
        int taken = ConnectionTable.METHOD_MASK;
        int flags = 0;
        for (Field field : ConnectionLines.class.getDeclaredFields()) {
            if (field.getName().startsWith("FLAG_")) {
                int flag = field.getInt(null);
                assertThat(taken & flag).as(field.getName()).isZero();
                assertThat(Integer.bitCount(flag)).as(field.getName()).isEqualTo(1);
                taken |= flag;
                flags++;
            }
        }
        assertThat(flags).isGreaterThan(10);
    }
}
