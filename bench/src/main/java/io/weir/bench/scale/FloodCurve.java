package io.weir.bench.scale;

import io.weir.bench.replay.ReplayPort;
import io.weir.bench.replay.ReplayedMethod;
import io.weir.bench.replay.ReplayedWorker;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.packet.DropReason;

import java.util.Map;

/**
 * What a flood of SYNs from ever new addresses does to connections that are established, in a table
 * that it fills.
 */
final class FloodCurve {
    /** About what 64 packets take, so that the flood comes at full rate by the worker's clock. */
    private static final long CYCLE_NANOS = 12_000;

    private static final int LEAST_CYCLES = 2_000;

    private final int flows;
    private final int share;
    private final ReplayedWorker worker;

    private FloodCurve(int flows, int share) {
        this.flows = flows;
        this.share = share;
        int capacity = flows + flows / 4;
        worker =
                new ReplayedWorker(
                        new ReplayedWorker.Plan(ReplayedMethod.DIRECT, flows, capacity, "rr"));
        worker.replay(false, share, CYCLE_NANOS);
    }

    /** Measures a flood of so many SYNs in a hundred packets, described in one line of Markdown. */
    static String measure(int flows, int share) {
        FloodCurve curve = new FloodCurve(flows, share);
        try (curve.worker) {
            return curve.line();
        }
    }

    private String line() {
        // Until the flood has filled what the established connections leave.
        int filling = Math.max(LEAST_CYCLES, flows / ReplayPort.FRAMES);
        for (int i = 0; i < filling * 2; i++) {
            worker.cycle();
        }
        int cycles = filling * 4;
        long longest = 0;
        long start = System.nanoTime();
        for (int i = 0; i < cycles; i++) {
            long before = System.nanoTime();
            worker.cycle();
            longest = Math.max(longest, System.nanoTime() - before);
        }
        double nanos = (double) (System.nanoTime() - start) / cycles / ReplayPort.FRAMES;
        Map<DropReason, Long> drops = worker.worker().drops().snapshot();
        checkEstablished(drops);
        return "| %,d | %d | %.0f | %.0f | %,d | %,d |"
                .formatted(
                        flows,
                        share,
                        nanos,
                        longest / 1e3,
                        drops.getOrDefault(DropReason.HALF_OPEN_EVICTED, 0L),
                        drops.getOrDefault(DropReason.CONNECTION_TABLE_FULL, 0L)
                                + drops.getOrDefault(DropReason.ADMISSION, 0L));
    }

    // A packet of an established connection is dropped for no reason at all.
    private void checkEstablished(Map<DropReason, Long> drops) {
        ConnectionTable table = worker.worker().director().table();
        int established = 0;
        for (int slot = 0; slot < table.slots(); slot++) {
            boolean counts = table.used(slot) && table.state(slot) == TcpState.ESTABLISHED;
            established += counts ? 1 : 0;
        }
        if (established != flows) {
            throw new AssertionError(established + " of " + flows + " are still established");
        }
        for (DropReason reason : drops.keySet()) {
            if (reason != DropReason.HALF_OPEN_EVICTED
                    && reason != DropReason.ADMISSION
                    && reason != DropReason.CONNECTION_TABLE_FULL) {
                throw new AssertionError("dropped beside the flood: " + drops);
            }
        }
    }
}
