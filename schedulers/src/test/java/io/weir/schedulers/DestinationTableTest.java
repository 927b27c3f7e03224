package io.weir.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServiceId;

import org.junit.jupiter.api.Test;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

final class DestinationTableTest {
    private final SplittableRandom random = new SplittableRandom(3);
    private final FlowKey flow = new FlowKey();
    private final RealServer[] servers = new RealServer[4];

    DestinationTableTest() {
        Farm farm = new Farm(RoundRobin.NAME, 0, random);
        for (int i = 0; i < servers.length; i++) {
            servers[i] = farm.add("10.2.0." + (i + 1), 1);
        }
    }

    @Test
    void remembersTheMostRecentlyUsedUpToItsLimit() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom choice = new SplittableRandom(seed);
        DestinationTable table = new DestinationTable(seed);
        Map<Integer, RealServer> model = new LinkedHashMap<>(16, 0.75f, true);
        for (int i = 0; i < 200_000; i++) {
            int destination = choice.nextInt(DestinationTable.LIMIT * 3 / 2);
            DestinationTable.Entry entry = table.find(to(destination), i);
            RealServer expected = model.get(destination);
            assertThat(entry == null ? null : entry.member(0)).isSameAs(expected);
            if (entry == null) {
                RealServer server = servers[choice.nextInt(servers.length)];
                table.put(flow, server, i);
                model.put(destination, server);
                if (model.size() > DestinationTable.LIMIT) {
                    model.remove(model.keySet().iterator().next());
                }
            }
            assertThat(table.size()).isEqualTo(model.size());
        }
        assertThat(table.size()).isEqualTo(DestinationTable.LIMIT);
        assertThat(table.evictions()).isPositive();
    }

    @Test
    void sweepsInBoundedSteps() {
        DestinationTable table = new DestinationTable(1);
        table.housekeeping(0, 10_000);
        for (int i = 0; i < 1000; i++) {
            table.find(to(i), i);
            table.put(flow, servers[0], i);
        }
        table.housekeeping(1_000_000, 10_000);
        assertThat(table.size()).as("no sweep before half an hour").isEqualTo(1000);
        for (int i = 900; i < 1000; i++) {
            table.find(to(i), 1_799_999);
        }
        table.housekeeping(1_800_000, 10_000);
        assertThat(table.size()).isEqualTo(1000 - DestinationTable.SWEPT_PER_CALL);
        for (int second = 1; second < 10; second++) {
            table.housekeeping(1_800_000 + 1000 * second, 10_000);
        }
        assertThat(table.size()).isEqualTo(100);
        assertThat(table.find(to(899), 1_810_000)).isNull();
        assertThat(table.find(to(900), 1_810_000)).isNotNull();
    }

    @Test
    void anEvictedEntryLeavesNoMembersBehind() {
        DestinationTable table = new DestinationTable(1);
        table.put(to(-1), servers[0], 0);
        DestinationTable.Entry first = table.find(to(-1), 0);
        assertThat(first).isNotNull();
        first.add(servers[1], 1);
        first.add(servers[2], 2);
        first.add(servers[1], 3);
        assertThat(first.memberCount()).isEqualTo(3);
        assertThat(first.lastModified()).isEqualTo(2);
        for (int i = 0; i < DestinationTable.LIMIT; i++) {
            table.put(to(i), servers[3], 5);
        }
        assertThat(table.find(to(-1), 6)).isNull();
        DestinationTable.Entry reused = table.find(to(DestinationTable.LIMIT - 1), 6);
        assertThat(reused).isSameAs(first);
        assertThat(reused.memberCount()).isEqualTo(1);
        assertThat(reused.lastModified()).isEqualTo(5);
    }

    private FlowKey to(int destination) {
        return flow.setV4(ServiceId.TCP, 1, 2, destination, 80);
    }
}
