package io.weir.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.IpAddress;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

class ExpiryWheelTest {
    private static final int UNLIMITED = Integer.MAX_VALUE;

    private static int entry(ConnectionTable table, int number) {
        Endpoints ends = new Endpoints().setV4(6, number, 1).setPorts(1, 80);
        return table.insert(ends, IpAddress.v4(1), 1, 0, 0);
    }

    @Test
    void agreesWithAModelUnderRandomSchedulesAndRenewals() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        try (ConnectionTable table = new ConnectionTable(2000, seed);
                ExpiryWheel wheel = new ExpiryWheel(table)) {
            Map<Integer, Integer> dueBySlot = new HashMap<>();
            List<Integer> expired = new ArrayList<>();
            int now = random.nextInt();
            wheel.advance(now, UNLIMITED, expired::add);
            for (int step = 0; step < 20_000; step++) {
                int seconds = seconds(random);
                int due = now + seconds * 100 + ExpiryWheel.lateness(seconds * 100);
                if (dueBySlot.size() < 300) {
                    int slot = entry(table, step);
                    wheel.schedule(slot, seconds, now);
                    dueBySlot.put(slot, due);
                } else if (random.nextInt(8) == 0) {
                    int slot = pick(dueBySlot, random);
                    wheel.cancel(slot);
                    table.remove(slot);
                    dueBySlot.remove(slot);
                } else {
                    int slot = pick(dueBySlot, random);
                    wheel.renew(slot, seconds, now);
                    dueBySlot.put(slot, due);
                }
                now += random.nextInt(random.nextInt(50) == 0 ? 20_000 : 100);
                expired.clear();
                advance(wheel, now, random, expired);
                List<Integer> expected = removeDue(dueBySlot, now);
                assertThat(expired)
                        .as("seed %d step %d", seed, step)
                        .containsExactlyInAnyOrderElementsOf(expected);
                expired.forEach(table::remove);
            }
        }
    }

    private static int seconds(SplittableRandom random) {
        int most =
                switch (random.nextInt(4)) {
                    case 0 -> 5;
                    case 1 -> 120;
                    case 2 -> 3_000;
                    default -> 1_000_000;
                };
        return random.nextInt(most);
    }

    // In steps of a random budget, as a worker does it.
    private static void advance(
            ExpiryWheel wheel, int now, SplittableRandom random, List<Integer> expired) {
        int budget = 1 + random.nextInt(64);
        while (wheel.advance(now, budget, expired::add) == budget) {
            budget = 1 + random.nextInt(64);
        }
    }

    @Test
    void knowsHowLongNothingIsDue() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        try (ConnectionTable table = new ConnectionTable(2000, seed);
                ExpiryWheel wheel = new ExpiryWheel(table)) {
            assertThat(wheel.quietTicks(9)).as("an empty table").isEqualTo(9);
            int slept = 0;
            for (int now = 0, step = 0; now < 50_000; step++) {
                if (table.size() < 20) {
                    wheel.schedule(entry(table, step), 1 + random.nextInt(30), now);
                }
                int quiet = wheel.quietTicks(9);
                slept += quiet;
                List<Integer> expired = new ArrayList<>();
                wheel.advance(now + quiet, UNLIMITED, expired::add);
                assertThat(expired).as("seed %d tick %d + %d", seed, now, quiet).isEmpty();
                now += quiet + 1;
                wheel.advance(now, UNLIMITED, expired::add);
                expired.forEach(table::remove);
            }
            assertThat(slept).as("seed %d", seed).isGreaterThan(40_000);
        }
    }

    @Test
    void movesAnEntryWhoseTimeBecomesShorterOnlyIfItWouldBeLookedAtTooLate() {
        try (ConnectionTable table = new ConnectionTable(1000, 1);
                ExpiryWheel wheel = new ExpiryWheel(table)) {
            int slot = entry(table, 1);
            wheel.schedule(slot, 60, 0);
            wheel.schedule(entry(table, 2), 60, 0);
            wheel.advance(1, UNLIMITED, expired -> {});
            int place = table.place(slot);
            wheel.renew(slot, 900, 1);
            wheel.renew(slot, 120, 1);
            assertThat(table.place(slot)).isEqualTo(place);
            wheel.renew(slot, 10, 1);
            assertThat(table.place(slot)).isNotEqualTo(place);
            List<Integer> expired = new ArrayList<>();
            wheel.advance(1 + 1000 + 63, UNLIMITED, expired::add);
            assertThat(expired).isEmpty();
            wheel.advance(1 + 1000 + 64, UNLIMITED, expired::add);
            assertThat(expired).containsExactly(slot);
        }
    }

    private static int pick(Map<Integer, Integer> dueBySlot, SplittableRandom random) {
        List<Integer> slots = new ArrayList<>(new TreeMap<>(dueBySlot).keySet());
        return slots.get(random.nextInt(slots.size()));
    }

    private static List<Integer> removeDue(Map<Integer, Integer> dueBySlot, int now) {
        List<Integer> due = new ArrayList<>();
        dueBySlot.forEach(
                (slot, tick) -> {
                    if (tick - now <= 0) {
                        due.add(slot);
                    }
                });
        due.forEach(dueBySlot::remove);
        return due;
    }

    @Test
    void looksAtNoMoreEntriesThanItsBudgetAndGoesOnLater() {
        try (ConnectionTable table = new ConnectionTable(1000, 1);
                ExpiryWheel wheel = new ExpiryWheel(table)) {
            for (int i = 0; i < 1000; i++) {
                wheel.schedule(entry(table, i), 1, 0);
            }
            int[] expired = new int[1];
            int calls = 0;
            while (expired[0] < 1000 && calls < 100) {
                int work =
                        wheel.advance(
                                10_000,
                                64,
                                slot -> {
                                    table.remove(slot);
                                    expired[0]++;
                                });
                assertThat(work).isLessThanOrEqualTo(64);
                calls++;
            }
            assertThat(expired[0]).isEqualTo(1000);
            assertThat(calls).isBetween(16, 60);
        }
    }

    @Test
    void firesAsLateAsTheKernelMay() {
        // BEHAVIOUR.md: 10 s timers fire within 10 to 10.7 s, 60 s timers within 60 to 65 s.
        assertThat(ExpiryWheel.lateness(1000)).isEqualTo(64);
        assertThat(ExpiryWheel.lateness(6000)).isEqualTo(512);
        assertThat(ExpiryWheel.lateness(300)).isEqualTo(8);
        assertThat(ExpiryWheel.lateness(0)).isEqualTo(1);
    }

    @Test
    void aCancelledEntryDoesNotFire() {
        try (ConnectionTable table = new ConnectionTable(100, 1);
                ExpiryWheel wheel = new ExpiryWheel(table)) {
            int first = entry(table, 1);
            int second = entry(table, 2);
            int third = entry(table, 3);
            wheel.schedule(first, 5, 0);
            wheel.schedule(second, 5, 0);
            wheel.schedule(third, 5, 0);
            wheel.cancel(second);
            List<Integer> expired = new ArrayList<>();
            wheel.advance(1000, UNLIMITED, expired::add);
            assertThat(expired).containsExactlyInAnyOrder(first, third);
        }
    }
}
