package io.weir.dataplane.director;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

final class EndpointIndexTest {
    private record Key(long high, long low, long rest) {}

    /** Against a map of queues; few keys, so that equal ones and runs of neighbours are common. */
    @Test
    void findsWhatAMapFinds() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        EndpointIndex<String> index = new EndpointIndex<>();
        Map<Key, Deque<String>> model = new HashMap<>();
        for (int i = 0; i < 100_000; i++) {
            int range = i < 50_000 ? 3000 : 40;
            Key key =
                    new Key(
                            random.nextInt(2),
                            random.nextInt(range),
                            EndpointIndex.rest(false, 6, random.nextInt(2)));
            Deque<String> values = model.computeIfAbsent(key, any -> new ArrayDeque<>());
            assertThat(index.get(key.high, key.low, key.rest))
                    .as("seed %d step %d %s", seed, i, key)
                    .isEqualTo(values.peekFirst());
            if (random.nextInt(5) < 2 || (values.size() < 3 && random.nextBoolean())) {
                index.put(key.high, key.low, key.rest, "value " + i);
                values.addLast("value " + i);
            } else {
                index.remove(key.high, key.low, key.rest);
                values.pollFirst();
            }
        }
        model.forEach(
                (key, values) ->
                        assertThat(index.get(key.high, key.low, key.rest))
                                .as("seed %d %s", seed, key)
                                .isEqualTo(values.peekFirst()));
    }
}
