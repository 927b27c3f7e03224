package io.weir.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is measured really happens: every curve counts what it found, listed and ended. */
final class ScaleTest {
    @Test
    void measuresSmallSizes() {
        assertThat(Scale.report(true))
                .filteredOn(line -> line.startsWith("| 1") && !line.contains("NaN"))
                .hasSize(8);
    }
}
