package io.weir.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Connections that share both ends of their replies, beside a list that begins with the newest. */
class ReplyOrderTest {
    private static final int TCP = 6;
    private static final int NAT = ForwardingMethod.MASQUERADE.code();
    private static final int ROUTE = ForwardingMethod.ROUTE.code();
    private static final int VIRTUALS = 5;
    private static final int STEPS = 20_000;

    /** Both ends of the replies, small numbers each. */
    private record Ends(boolean ipv6, int client, int clientPort, int server) {}

    private static final class Entry {
        final int slot;
        final Ends ends;
        boolean found;

        Entry(int slot, Ends ends, boolean found) {
            this.slot = slot;
            this.ends = ends;
            this.found = found;
        }
    }

    private final Seed seed = Seed.ofThisRun();
    private final RandomGenerator random = seed.random();
    private final ConnectionTable table = new ConnectionTable(60, seed.value());
    private final List<Entry> newestFirst = new ArrayList<>();

    private static IpAddress address(boolean ipv6, int network, int number) {
        return ipv6
                ? IpAddress.v6(0xfd00L << 48, (long) network << 16 | number)
                : IpAddress.v4(10 << 24 | network << 16 | number);
    }

    private Endpoints packet(IpAddress from, int fromPort, IpAddress to, int toPort) {
        Endpoints packet = new Endpoints();
        if (from.ipv6()) {
            packet.setV6(TCP, from.high(), from.low(), to.high(), to.low());
        } else {
            packet.setV4(TCP, from.v4(), to.v4());
        }
        packet.setPorts(fromPort, toPort);
        table.identify(packet);
        return packet;
    }

    private int findReply(Ends of) {
        return table.findReply(
                packet(
                        address(of.ipv6, 2, of.server),
                        8080,
                        address(of.ipv6, 1, of.client),
                        of.clientPort));
    }

    private int findForward(Ends of, int virtual) {
        return table.findForward(
                packet(
                        address(of.ipv6, 1, of.client),
                        of.clientPort,
                        address(of.ipv6, 3, virtual),
                        80));
    }

    private void begin(Ends ends, int virtual, int flags) {
        IpAddress server = address(ends.ipv6, 2, ends.server);
        IpAddress client = address(ends.ipv6, 1, ends.client);
        Endpoints of = packet(client, ends.clientPort, address(ends.ipv6, 3, virtual), 80);
        int slot = table.insert(of, server, 8080, flags, 0);
        boolean found = flags == NAT;
        if (slot != ConnectionTable.NONE) {
            int before = expected(ends);
            assertThat(table.replies().hiddenBy(slot))
                    .as("%s", seed)
                    .isEqualTo(found ? before : ConnectionTable.NONE);
            newestFirst.addFirst(new Entry(slot, ends, found));
        }
    }

    private void change(Entry entry) {
        switch (random.nextInt(5)) {
            case 0 -> {
                int method = random.nextBoolean() ? NAT : ROUTE;
                int flags = table.flags(entry.slot) & ~ConnectionTable.METHOD_MASK;
                table.replies().setMethod(entry.slot, flags | method);
                entry.found = method == NAT && !table.has(entry.slot, ConnectionTable.FLAG_RETIRED);
                newestFirst.remove(entry);
                newestFirst.addFirst(entry);
            }
            case 1 -> {
                table.replies().retire(entry.slot);
                entry.found = false;
            }
            default -> {
                table.remove(entry.slot);
                newestFirst.remove(entry);
            }
        }
    }

    private int expected(Ends ends) {
        return newestFirst.stream()
                .filter(entry -> entry.found && entry.ends.equals(ends))
                .mapToInt(entry -> entry.slot)
                .findFirst()
                .orElse(ConnectionTable.NONE);
    }

    private Ends randomEnds() {
        return new Ends(
                random.nextBoolean(),
                random.nextInt(2),
                1000 + random.nextInt(2),
                random.nextInt(2));
    }

    @Test
    void theNewestHasTheRepliesAndThenTheOneBefore() {
        try (table) {
            int shared = 0;
            for (int step = 0; step < STEPS; step++) {
                Ends ends = randomEnds();
                int virtual = random.nextInt(VIRTUALS);
                if (random.nextInt(5) < 2 && !newestFirst.isEmpty()) {
                    change(newestFirst.get(random.nextInt(newestFirst.size())));
                } else if (findForward(ends, virtual) == ConnectionTable.NONE) {
                    begin(ends, virtual, random.nextInt(4) == 0 ? ROUTE : NAT);
                }
                Ends asked = randomEnds();
                assertThat(findReply(asked))
                        .as("%s, step %d", seed, step)
                        .isEqualTo(expected(asked));
                shared +=
                        newestFirst.stream().filter(e -> e.found && e.ends.equals(asked)).count()
                                        > 2
                                ? 1
                                : 0;
            }
            assertThat(shared).as("shared by three and more, %s", seed).isGreaterThan(STEPS / 100);
        }
    }

    @Test
    void moreThanCanBeRankedAreFoundAllTheSame() {
        try (table) {
            Ends ends = new Ends(false, 1, 1000, 1);
            for (int virtual = 0; virtual < 12; virtual++) {
                begin(ends, virtual, NAT);
                assertThat(findReply(ends)).isEqualTo(newestFirst.getFirst().slot);
            }
            while (!newestFirst.isEmpty()) {
                assertThat(newestFirst).anyMatch(entry -> entry.slot == findReply(ends));
                table.remove(newestFirst.remove(random.nextInt(newestFirst.size())).slot);
            }
            assertThat(findReply(ends)).isEqualTo(ConnectionTable.NONE);
        }
    }
}
