package io.weir.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.spi.PersistenceEngine;
import io.weir.dataplane.spi.PersistenceKey;
import io.weir.dataplane.testing.PayloadEngine;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

final class PersistenceDataTest {
    private static final int CAPACITY = 40;

    private final PersistenceEngine engine = new PayloadEngine();
    private final PersistenceEngine other = new PayloadEngine();
    private final PersistenceData data = new PersistenceData(CAPACITY, 5);
    private final NativeBlock packet = new NativeBlock(256);
    private final PersistenceKey key = new PersistenceKey();

    @AfterEach
    void close() {
        data.close();
        packet.close();
    }

    private PersistenceKey key(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        Memory.fill(packet.address(), packet.bytes(), (byte) 0);
        Memory.copyIn(bytes, 0, packet.address(), bytes.length);
        key.set(packet.address(), bytes.length);
        return key;
    }

    private record Known(int number, int references) {}

    @Test
    void agreesWithAMapOnRandomKeys() {
        data.prepare();
        Random random = Seed.ofThisRun().random();
        Map<String, Known> model = new HashMap<>();
        int refused = 0;
        for (int step = 0; step < 100_000; step++) {
            String text = "k".repeat(random.nextInt(12)) + random.nextInt(10);
            Known known = model.get(text);
            assertThat(data.find(engine, key(text)))
                    .isEqualTo(known == null ? PersistenceData.NONE : known.number());
            if (random.nextInt(20) < 11) {
                int number = data.retain(engine, key(text));
                if (number == PersistenceData.NONE) {
                    assertThat(known).isNull();
                    assertThat(model).hasSize(CAPACITY);
                    refused++;
                } else {
                    int references = known == null ? 0 : known.references();
                    model.put(text, new Known(number, references + 1));
                }
            } else if (known != null) {
                assertThat(new String(data.bytes(known.number()), StandardCharsets.US_ASCII))
                        .isEqualTo(text);
                data.release(known.number());
                model.put(text, new Known(known.number(), known.references() - 1));
                model.values().removeIf(k -> k.references() == 0);
            }
            assertThat(data.size()).isEqualTo(model.size());
        }
        assertThat(refused).isPositive();
    }

    @Test
    void tellsEnginesApart() {
        data.prepare();
        int number = data.retain(engine, key("a"));
        assertThat(data.find(other, key("a"))).isEqualTo(PersistenceData.NONE);
        assertThat(data.retain(other, key("a"))).isNotEqualTo(number);
        assertThat(data.engine(number)).isSameAs(engine);
    }

    @Test
    void takesTheLongestKey() {
        data.prepare();
        String longest = "x".repeat(PersistenceKey.MAX_BYTES);
        int number = data.retain(engine, key(longest));
        data.retain(engine, key("next"));
        assertThat(data.bytes(number)).hasSize(PersistenceKey.MAX_BYTES).containsOnly('x');
        assertThat(data.find(engine, key(longest))).isEqualTo(number);
        assertThat(data.find(engine, key(longest.substring(1)))).isEqualTo(PersistenceData.NONE);
    }

    @Test
    void aReaderThatComesTooEarlyGetsNothing() {
        assertThat(data.engine(3)).isNull();
        assertThat(data.bytes(3)).isEmpty();
    }
}
