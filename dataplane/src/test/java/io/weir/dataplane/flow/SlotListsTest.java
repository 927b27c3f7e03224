package io.weir.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.IpAddress;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

class SlotListsTest {
    private static final int ENTRIES = 500;
    private static final int LISTS = 7;

    private static int[] entries(ConnectionTable table) {
        int[] slots = new int[ENTRIES];
        Endpoints ends = new Endpoints();
        for (int i = 0; i < ENTRIES; i++) {
            ends.setV4(6, i, 1).setPorts(1, 80);
            slots[i] = table.insert(ends, IpAddress.v4(1), 1, 0, 0);
        }
        return slots;
    }

    @Test
    void agreeWithSetsUnderRandomChangesAndNeedNoMoreChunksThanPromised() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        try (ConnectionTable table = new ConnectionTable(ENTRIES, seed);
                SlotLists lists = new SlotLists(table, LISTS)) {
            int[] slots = entries(table);
            List<Set<Integer>> model = new ArrayList<>();
            for (int i = 0; i < LISTS; i++) {
                model.add(new HashSet<>());
            }
            for (int step = 0; step < 100_000; step++) {
                int slot = slots[random.nextInt(ENTRIES)];
                int list = random.nextInt(random.nextInt(LISTS) + 1);
                Set<Integer> holder =
                        model.stream().filter(set -> set.contains(slot)).findAny().orElse(null);
                if (holder == null) {
                    lists.push(list, slot);
                    model.get(list).add(slot);
                } else if (random.nextInt(3) > 0) {
                    lists.remove(slot);
                    holder.remove(slot);
                } else if (!lists.isEmpty(list)) {
                    int popped = lists.pop(list);
                    assertThat(model.get(list).remove(popped)).as("seed %d", seed).isTrue();
                }
                assertThat(lists.isEmpty(list))
                        .as("seed %d step %d", seed, step)
                        .isEqualTo(model.get(list).isEmpty());
            }
            for (int list = 0; list < LISTS; list++) {
                while (!lists.isEmpty(list)) {
                    assertThat(lists.touchNewest(list)).isBetween(1, model.get(list).size());
                    assertThat(model.get(list).remove(lists.pop(list))).isTrue();
                }
                assertThat(model.get(list)).as("seed %d", seed).isEmpty();
            }
            assertThat(lists.chunksMade()).isLessThanOrEqualTo(ENTRIES / 14 + LISTS);
        }
    }

    @Test
    void theNewestComesFirst() {
        try (ConnectionTable table = new ConnectionTable(ENTRIES, 1);
                SlotLists lists = new SlotLists(table, 1)) {
            int[] slots = entries(table);
            for (int slot : slots) {
                lists.push(0, slot);
            }
            for (int i = ENTRIES - 1; i >= 0; i--) {
                assertThat(lists.pop(0)).isEqualTo(slots[i]);
            }
            assertThat(lists.isEmpty(0)).isTrue();
        }
    }
}
