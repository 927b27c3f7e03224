package io.weir.dataplane.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;

final class EventRingTest {
    private final NativeBlock memory = new NativeBlock(EventRing.BYTES);
    private final EventRing ring = new EventRing(memory.address());

    @AfterEach
    void close() {
        memory.close();
    }

    private record Told(int place, int flags, int ports) {}

    private void isNext(Told told) {
        long event = ring.take();
        assertThat(EventRing.place(event)).isEqualTo(told.place);
        assertThat(EventRing.tcpFlags(event)).isEqualTo(told.flags);
        assertThat(EventRing.isOf(event, told.ports)).isTrue();
        assertThat(EventRing.isOf(event, told.ports ^ 0x0100_0000)).isFalse();
        assertThat(EventRing.isOf(event, told.ports ^ 1)).isFalse();
    }

    @Test
    void eventsComeOutInOrderAndNoneIsLostRoundAfterRound() {
        Random random = Seed.ofThisRun().random();
        Deque<Told> waiting = new ArrayDeque<>();
        int refused = 0;
        for (int step = 0; step < 12 * EventRing.CAPACITY; step++) {
            if (random.nextInt(100) < (step / EventRing.CAPACITY % 2 == 0 ? 90 : 10)) {
                Told told =
                        new Told(random.nextInt(1 << 22), random.nextInt(256), random.nextInt());
                if (ring.put(told.place, told.flags, told.ports)) {
                    waiting.add(told);
                } else {
                    assertThat(waiting).hasSizeGreaterThanOrEqualTo(EventRing.MOST_WAITING);
                    refused++;
                }
            } else if (waiting.isEmpty()) {
                assertThat(ring.take()).isEqualTo(EventRing.NONE);
            } else {
                isNext(waiting.remove());
                ring.makeRoom();
            }
        }
        assertThat(refused).isGreaterThan(EventRing.CAPACITY / 20);
        while (!waiting.isEmpty()) {
            isNext(waiting.remove());
        }
        assertThat(ring.take()).isEqualTo(EventRing.NONE);
    }

    @Test
    void roomIsMadeOnlyWhenItIsSaid() {
        int room = 0;
        while (ring.put(1, 2, 3)) {
            room++;
        }
        assertThat(room).isEqualTo(EventRing.MOST_WAITING + 1);
        ring.take();
        assertThat(ring.put(1, 2, 3)).isFalse();
        ring.makeRoom();
        assertThat(ring.put(1, 2, 3)).isTrue();
        assertThat(ring.put(1, 2, 3)).isFalse();
    }
}
