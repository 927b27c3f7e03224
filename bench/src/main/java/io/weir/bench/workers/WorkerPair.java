package io.weir.bench.workers;

import io.weir.bench.replay.ReplayedMethod;
import io.weir.bench.replay.ReplayedWorker;
import io.weir.dataplane.director.WorkerShare;
import io.weir.dataplane.flow.ClientSpread;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.service.ServerLoads;
import io.weir.dataplane.sys.CpuAffinity;

import java.io.OutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Measures the nanoseconds that a packet costs a worker alone and beside another one: the whole
 * path by direct routing, without input and output, each worker with connections of its own.
 *
 * <pre>{@code WorkerPair FLOWS CPU CPU ROUNDS}</pre>
 *
 * <p>Rounds of one worker, of the other and of both follow each other, so that all meet the same
 * weather. Shown are percentiles over the slices of all rounds, for packets, for the replay that is
 * part of them, and for a loop of multiplications, which tells whether the two CPUs are one core.
 */
public final class WorkerPair {
    private static final int SLICE_CYCLES = 500;
    private static final int SLICES = 200;
    private static final int BURST = 64;

    // A real cycle takes about this long.
    private static final long CYCLE_NANOS = 5_000;

    private final List<ReplayedWorker> workers = new ArrayList<>();
    private final List<Integer> cpus;
    private volatile long sink;

    private WorkerPair(int flows, List<Integer> cpus) {
        this.cpus = cpus;
        ServerLoads loads = new ServerLoads(cpus.size());
        ClientSpread spread = new ClientSpread(cpus.size(), 1);
        for (int i = 0; i < cpus.size(); i++) {
            add(flows, new WorkerShare(i, spread, loads));
        }
    }

    private void add(int flows, WorkerShare share) {
        ReplayedWorker.Plan plan =
                new ReplayedWorker.Plan(ReplayedMethod.DIRECT, flows, 2 * flows, "wlc");
        ReplayedWorker worker = new ReplayedWorker(plan, share);
        worker.replay(/* zipf= */ false, 0, CYCLE_NANOS);
        workers.add(worker);
    }

    /** What a slice of work takes, many times over. */
    private interface Work {
        void run(int worker);
    }

    private void packets(int worker) {
        for (int i = 0; i < SLICE_CYCLES; i++) {
            workers.get(worker).cycle();
        }
    }

    private void replay(int worker) {
        PacketBurst burst = new PacketBurst();
        for (int i = 0; i < SLICE_CYCLES; i++) {
            workers.get(worker).portsAlone(burst);
        }
    }

    // Four chains that do not wait for each other keep a core's multiplier busy.
    private void multiply(int worker) {
        long a = worker;
        long b = 1;
        long c = 2;
        long d = 3;
        for (int i = 0; i < SLICE_CYCLES * BURST; i++) {
            a = a * 31 + i;
            b = b * 33 + i;
            c = c * 35 + i;
            d = d * 37 + i;
        }
        sink = a ^ b ^ c ^ d;
    }

    private double[] slices(List<Integer> running, Work work) throws Exception {
        CyclicBarrier start = new CyclicBarrier(running.size());
        List<Callable<double[]>> threads = new ArrayList<>();
        for (int worker : running) {
            threads.add(
                    () -> {
                        CpuAffinity.pin(cpus.get(worker));
                        double[] slices = new double[SLICES];
                        start.await();
                        for (int i = 0; i < SLICES; i++) {
                            long begin = System.nanoTime();
                            work.run(worker);
                            long nanos = System.nanoTime() - begin;
                            slices[i] = (double) nanos / (SLICE_CYCLES * BURST);
                        }
                        return slices;
                    });
        }
        try (ExecutorService executor = Executors.newFixedThreadPool(running.size())) {
            List<double[]> all = new ArrayList<>();
            for (Future<double[]> one : executor.invokeAll(threads)) {
                all.add(one.get());
            }
            return all.stream().flatMapToDouble(Arrays::stream).toArray();
        }
    }

    private static final class Series {
        private final List<double[]> rounds = new ArrayList<>();

        void add(double[] slices) {
            rounds.add(slices);
        }

        double percentile(double share) {
            double[] all = rounds.stream().flatMapToDouble(Arrays::stream).sorted().toArray();
            return all[(int) (share * (all.length - 1))];
        }
    }

    private void run(int rounds, PrintStream out) throws Exception {
        measure(2, new PrintStream(OutputStream.nullOutputStream()));
        out.println("objects as they were made");
        measure(rounds, out);
        // Objects of both workers may be neighbours afterwards.
        System.gc();
        out.println("after a garbage collection");
        measure(rounds, out);
        workers.forEach(ReplayedWorker::verify);
        out.println("product " + sink); // which keeps the multiplications in the program
    }

    private void measure(int rounds, PrintStream out) throws Exception {
        List<Work> works = List.of(this::packets, this::replay, this::multiply);
        List<String> names = List.of("packets", "replay", "multiplications");
        List<List<Integer>> casts = List.of(List.of(0), List.of(1), List.of(0, 1));
        Series[][] series = new Series[works.size()][casts.size()];
        for (Series[] row : series) {
            Arrays.setAll(row, i -> new Series());
        }
        for (int round = 0; round < rounds; round++) {
            for (int work = 0; work < works.size(); work++) {
                for (int cast = 0; cast < casts.size(); cast++) {
                    series[work][cast].add(slices(casts.get(cast), works.get(work)));
                }
            }
        }
        out.printf("%-20s %8s %8s %8s %8s%n", "ns", "one", "other", "both", "ratio");
        for (int work = 0; work < works.size(); work++) {
            for (double share : new double[] {0.1, 0.5}) {
                double one = series[work][0].percentile(share);
                double other = series[work][1].percentile(share);
                double both = series[work][2].percentile(share);
                out.printf(
                        "%-20s %8.1f %8.1f %8.1f %8.3f%n",
                        names.get(work) + (share < 0.5 ? " p10" : " p50"),
                        one,
                        other,
                        both,
                        2 * both / (one + other));
            }
        }
    }

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        int flows = Integer.parseInt(arguments[0]);
        List<Integer> cpus =
                List.of(Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
        new WorkerPair(flows, cpus).run(Integer.parseInt(arguments[3]), System.out);
    }
}
