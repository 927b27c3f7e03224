package io.weir.bench.workers;

import io.weir.dataplane.director.WorkerShare;
import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.flow.ClientSpread;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.net.ConnectedRoutes;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerLoads;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.sys.CpuAffinity;
import io.weir.dataplane.worker.Worker;
import io.weir.dataplane.worker.WorkerOptions;
import io.weir.dr.DirectRouteForwarder;
import io.weir.nat.ftp.FtpGateway;
import io.weir.schedulers.Schedulers;

import java.io.OutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
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
    private static final long MAC = 0x020000000001L;
    private static final long NEIGHBOUR = 0x020000000201L;
    private static final int SLICE_CYCLES = 500;
    private static final int SLICES = 200;
    private static final int BURST = 64;
    private static final int SERVERS = 20;

    private final List<Worker> workers = new ArrayList<>();
    private final List<FlowPort> ports = new ArrayList<>();
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
        Worker worker =
                new Worker(
                        new WorkerOptions(
                                2 * flows,
                                8,
                                true,
                                true,
                                0,
                                new Schedulers(),
                                List.of(context -> new DirectRouteForwarder()),
                                FtpGateway::new,
                                EndpointSteering.NONE,
                                null,
                                () -> System.nanoTime() / 1_000_000,
                                System::currentTimeMillis,
                                new SplittableRandom(share.number()),
                                Throwable::printStackTrace,
                                share));
        int first = 0x0b000000 + share.number() * 0x01000000;
        FlowPort in = new FlowPort("in", 1, flows, first, share.number());
        FlowPort out = new FlowPort("out", 2, 0, first, share.number());
        Link front = new Link(1, "in", MAC, 1500, true, true);
        Link back = new Link(2, "out", MAC + 1, 1500, true, true);
        worker.pipeline().ports().add(new LinkPort(in, front));
        worker.pipeline().ports().add(new LinkPort(out, back));
        List<LinkAddress> addresses =
                List.of(
                        LinkAddress.parse("10.1.0.1/24", 1),
                        LinkAddress.parse("10.1.0.100/32", 1),
                        LinkAddress.parse("10.2.0.1/24", 2));
        worker.pipeline()
                .networkChanged(
                        new NetworkSnapshot(
                                List.of(front, back), addresses, ConnectedRoutes.of(addresses)));
        ServiceId web = ServiceId.of(ServiceId.TCP, ip("10.1.0.100"), 80);
        worker.director().addService(web, ServiceSettings.of("wlc"));
        for (int i = 0; i < SERVERS; i++) {
            IpAddress server = ip("10.2.0." + (11 + i));
            worker.director()
                    .addServer(
                            web,
                            new ServerId(server, 80),
                            ServerSettings.of(ForwardingMethod.ROUTE, 1));
            worker.pipeline()
                    .neighbourChanged(
                            new NeighbourEntry(
                                    2, server, NeighbourEntry.State.USABLE, NEIGHBOUR + i));
        }
        in.prepare(NEIGHBOUR, MAC, ip("10.1.0.100").v4(), 80);
        open(worker, in);
        if (worker.director().connectionCount() != flows) {
            throw new IllegalStateException(
                    worker.director().connectionCount() + " connections of " + flows);
        }
        workers.add(worker);
        ports.add(in);
    }

    private static IpAddress ip(String text) {
        IpAddress address = IpAddress.parse(text);
        if (address == null) {
            throw new IllegalArgumentException(text);
        }
        return address;
    }

    private static void open(Worker worker, FlowPort port) {
        for (boolean opening : new boolean[] {true, false}) {
            port.once(opening);
            while (!port.isDone()) {
                worker.runOnce();
            }
        }
        port.forever();
    }

    /** What a slice of work takes, many times over. */
    private interface Work {
        void run(int worker);
    }

    private void packets(int worker) {
        for (int i = 0; i < SLICE_CYCLES; i++) {
            workers.get(worker).runOnce();
        }
    }

    private void replay(int worker) {
        PacketBurst burst = new PacketBurst();
        for (int i = 0; i < SLICE_CYCLES; i++) {
            burst.clear();
            ports.get(worker).receive(burst);
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
