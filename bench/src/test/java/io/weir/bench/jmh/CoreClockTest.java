package io.weir.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.stream.DoubleStream;

class CoreClockTest {
    // Wide limits: what a compiler folded away, or an interpreter ran, would be far outside.
    @Test
    void clockAndLoopArePlausible() {
        double clock = DoubleStream.generate(CoreClock::gigahertz).limit(200).max().orElseThrow();
        double step = DoubleStream.generate(CoreClock::stepNanos).limit(200).min().orElseThrow();
        assertThat(clock).isBetween(0.8, 8.0);
        // Twelve shifts at two in a cycle, or four where there are more units.
        assertThat(step * clock).isBetween(2.5, 20.0);
    }
}
