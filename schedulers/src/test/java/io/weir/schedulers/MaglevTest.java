package io.weir.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.RealServer;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

final class MaglevTest {
    @Test
    void picksAsTheKernelDid() {
        Recording.replayAll(Maglev.NAME);
    }

    @Test
    void picksAsTheModel() {
        RandomRun.compare(Maglev.NAME, 30, random -> new Slots());
    }

    @Test
    void quiescingAServerMovesNobodyElse() {
        Farm farm = farm(5);
        Map<String, Integer> before = picks(farm);
        farm.edit(farm.server("10.2.0.3"), Farm.settings(0, 0, 0));
        before.replaceAll((client, server) -> server == 3 ? 0 : server);
        assertThat(picks(farm)).isEqualTo(before);
    }

    @Test
    void removingAServerMovesFewOthers() {
        Farm farm = farm(10);
        Map<String, Integer> before = picks(farm);
        farm.remove(farm.server("10.2.0.3"));
        Map<String, Integer> after = picks(farm);
        long moved =
                before.keySet().stream()
                        .filter(client -> before.get(client) != 3)
                        .filter(client -> !before.get(client).equals(after.get(client)))
                        .count();
        assertThat(moved).isLessThan(before.size() / 20);
    }

    private static Farm farm(int servers) {
        Farm farm = new Farm(Maglev.NAME, 0, new SplittableRandom(1));
        for (int last = 1; last <= servers; last++) {
            farm.add("10.2.0." + last, 1);
        }
        return farm;
    }

    private static Map<String, Integer> picks(Farm farm) {
        Map<String, Integer> picks = new HashMap<>();
        for (int i = 0; i < 2000; i++) {
            String client = IpAddress.v4(0xc6336400 + i * 7919).toString();
            picks.put(client, farm.pick(client, "10.1.0.100", 0));
        }
        return picks;
    }

    /** The table as a map, each slot asked for by position in a permutation written out. */
    private static final class Slots implements RandomRun.Model {
        private static final int SIZE = 4093;
        private static final long SLOT_KEY = 2654435761L;
        private static final long DISTANCE_KEY = 2654446892L;

        private Map<Integer, RealServer> slots = new HashMap<>();

        @Override
        public void changed(Farm farm, RealServer changed) {
            RealServer[] servers = farm.service.servers();
            int[] turns = turns(servers);
            int[] position = new int[servers.length];
            slots = new HashMap<>();
            while (slots.size() < SIZE && sum(turns) > 0) {
                for (int i = 0; i < servers.length; i++) {
                    for (int turn = 0; turn < turns[i] && slots.size() < SIZE; turn++) {
                        while (slots.putIfAbsent(permutation(servers[i], position[i]), servers[i])
                                != null) {
                            position[i]++;
                        }
                    }
                }
            }
        }

        private static int permutation(RealServer server, int position) {
            int value = server.id().address().v4() + server.id().port();
            long first = hash(value, SLOT_KEY) % SIZE;
            long distance = hash(value, DISTANCE_KEY) % (SIZE - 1) + 1;
            return (int) ((first + distance * position) % SIZE);
        }

        private static int[] turns(RealServer[] servers) {
            BigInteger common = BigInteger.ZERO;
            int heaviest = 0;
            for (RealServer server : servers) {
                common = common.gcd(BigInteger.valueOf(server.lastWeight()));
                heaviest = Math.max(heaviest, server.lastWeight());
            }
            int[] turns = new int[servers.length];
            if (heaviest == 0) {
                return turns;
            }
            int scale = 1;
            while (heaviest / common.intValueExact() / scale >= 64) {
                scale *= 2;
            }
            for (int i = 0; i < servers.length; i++) {
                int weight = servers[i].lastWeight() / common.intValueExact();
                turns[i] = weight == 0 ? 0 : Math.max(1, weight / scale);
            }
            return turns;
        }

        private static int sum(int[] turns) {
            int sum = 0;
            for (int turn : turns) {
                sum += turn;
            }
            return sum;
        }

        private static long hash(int value, long key) {
            return Integer.toUnsignedLong(AddressHash.sip(value, key));
        }

        @Override
        public @Nullable RealServer expect(Farm farm, FlowKey flow, long nowMillis) {
            int flags = farm.service.settings().schedulerFlags();
            int value = (int) flow.clientLow() + ((flags & 2) != 0 ? flow.clientPort() : 0);
            int first = (int) (hash(value, SLOT_KEY) % SIZE);
            RealServer server = slots.get(first);
            if (server == null || server.eligible()) {
                return server;
            }
            for (int i = 0; (flags & 1) != 0 && i < SIZE; i++) {
                int offset = (first + i) % SIZE;
                server = slots.get((int) (hash(value + offset, SLOT_KEY) % SIZE));
                if (server.eligible()) {
                    return server;
                }
            }
            return null;
        }
    }
}
