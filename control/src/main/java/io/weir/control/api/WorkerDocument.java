package io.weir.control.api;

import io.weir.dataplane.worker.DurationSpread;
import io.weir.dataplane.worker.DurationSums;
import io.weir.dataplane.worker.WorkerTimes;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A worker as the API shows it.
 *
 * @param cpu the CPU that it is kept on; null if the kernel chooses
 * @param priority what it is to other threads: normal, or realtime for one that goes before them
 * @param received frames received since the start
 * @param dropped packets dropped since the start, for all reasons
 * @param connections connections and templates in its part of the table
 * @param busyShare the part of its time that it worked, 0 to 1, over about ten seconds
 * @param busySeconds how long it has worked since the start
 * @param turns the times between two looks at its ports, weighted by their length
 * @param turnSeconds the time of turns since the start by their length; sums that only grow
 * @param lateWakeUps how late it woke up when it slept until a time
 */
record WorkerDocument(
        @Nullable Integer cpu,
        String priority,
        long received,
        long dropped,
        int connections,
        double busyShare,
        double busySeconds,
        Durations turns,
        List<UpTo> turnSeconds,
        Durations lateWakeUps) {
    /**
     * The time that turns up to a length took together since the start.
     *
     * @param micros the length; null for all turns
     */
    record UpTo(@Nullable Long micros, double seconds) {
        static List<UpTo> of(DurationSums sums) {
            List<UpTo> all = new ArrayList<>();
            for (int i = 0; i < sums.nanos().size(); i++) {
                long limit = DurationSums.LIMITS_NANOS.get(i);
                all.add(
                        new UpTo(
                                limit == Long.MAX_VALUE ? null : limit / 1000,
                                Math.round(sums.nanos().get(i) / 1e3) / 1e6));
            }
            return all;
        }
    }

    /** Durations of the last ten minutes and of all the time. */
    record Durations(Micros recent, Micros sinceStart) {}

    /**
     * What share of durations was how long, in microseconds; all 0 if there were none.
     *
     * @param p50 a half was no longer
     * @param p99 99 % were no longer
     * @param p999 99.9 % were no longer
     * @param p9999 99.99 % were no longer
     * @param longest none was longer
     */
    record Micros(double p50, double p99, double p999, double p9999, double longest) {
        static Micros of(DurationSpread spread) {
            return new Micros(
                    micros(spread.p50()),
                    micros(spread.p99()),
                    micros(spread.p999()),
                    micros(spread.p9999()),
                    micros(spread.longest()));
        }

        private static double micros(long nanos) {
            return Math.round(nanos / 100.0) / 10.0;
        }
    }

    static WorkerDocument of(BalancerView.WorkerView view) {
        WorkerTimes times = view.times();
        return new WorkerDocument(
                view.cpu(),
                view.priority(),
                view.received(),
                view.dropped(),
                view.connections(),
                Math.round(times.busyShare() * 1000) / 1000.0,
                Math.round(times.busyNanos() / 1e6) / 1000.0,
                new Durations(Micros.of(times.recentTurns()), Micros.of(times.turns())),
                UpTo.of(times.turnSums()),
                new Durations(Micros.of(times.recentLateness()), Micros.of(times.lateness())));
    }

    /** The same for a terminal, after its number. */
    String text() {
        StringBuilder text = new StringBuilder();
        if (cpu != null) {
            text.append(" on CPU ").append(cpu);
        }
        if (!priority.equals("normal")) {
            text.append(", ").append(priority);
        }
        text.append(": ").append(received).append(" frames, ");
        text.append(dropped).append(" dropped, ");
        text.append(connections).append(" connections and templates, ");
        text.append(Math.round(busyShare * 100)).append(" % busy\n");
        if (turns.sinceStart.longest > 0) {
            text.append("  turns of the last ten minutes").append(spread(turns.recent));
            text.append("  turns since the start").append(spread(turns.sinceStart));
        }
        return text.toString();
    }

    private static String spread(Micros micros) {
        return ": p50 "
                + duration(micros.p50)
                + ", p99 "
                + duration(micros.p99)
                + ", p99.9 "
                + duration(micros.p999)
                + ", p99.99 "
                + duration(micros.p9999)
                + ", longest "
                + duration(micros.longest)
                + '\n';
    }

    private static String duration(double micros) {
        if (micros < 10) {
            return String.format(Locale.ROOT, "%.1f us", micros);
        }
        return micros < 1000
                ? Math.round(micros) + " us"
                : String.format(Locale.ROOT, "%.1f ms", micros / 1000);
    }
}
