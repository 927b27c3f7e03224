package io.weir.control;

import io.weir.dataplane.service.CounterSnapshot;

/** Counters in words, but for their rates, which depend on the clock. */
final class CounterWords {
    private CounterWords() {}

    static String of(Object what, CounterSnapshot counters) {
        return "%s: %d connections, in %d %d, out %d %d"
                .formatted(
                        what,
                        counters.connections(),
                        counters.inPackets(),
                        counters.inBytes(),
                        counters.outPackets(),
                        counters.outBytes());
    }
}
