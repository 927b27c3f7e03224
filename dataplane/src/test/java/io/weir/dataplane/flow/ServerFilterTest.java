package io.weir.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Compares the filter with a list of what was added: it may say yes too often, never no. */
final class ServerFilterTest {
    private final ServerFilter filter = new ServerFilter();

    @Test
    void neverDeniesAnAddressThatIsThere() {
        Random random = Seed.ofThisRun().random();
        List<Integer> there = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            if (there.isEmpty() || random.nextInt(5) < 3) {
                int address = random.nextBoolean() ? random.nextInt() : random.nextInt(64);
                there.add(address);
                filter.add(address);
            } else {
                int gone = random.nextInt(there.size());
                filter.remove(there.get(gone));
                there.remove(/* index */ gone);
            }
            for (int i = 0; i < Math.min(8, there.size()); i++) {
                int address = there.get(random.nextInt(there.size()));
                assertThat(filter.mayHave(address)).as(Seed.ofThisRun().toString()).isTrue();
            }
        }
        there.forEach(filter::remove);
        for (int address = 0; address < 100_000; address++) {
            assertThat(filter.mayHave(address * 7919)).isFalse();
        }
    }

    @Test
    void deniesMostOthers() {
        for (int server = 0; server < 100; server++) {
            filter.add(0x0a02_0000 + server);
        }
        int taken = 0;
        for (int client = 0; client < 100_000; client++) {
            taken += filter.mayHave(0x0b00_0000 + client) ? 1 : 0;
        }
        assertThat(taken).isLessThan(1_000);
    }
}
