package io.weir.bench.replay;

import io.weir.dataplane.director.WorkerShare;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Timeouts;
import io.weir.dataplane.spi.Forwarder;
import io.weir.dataplane.worker.Worker;
import io.weir.dataplane.worker.WorkerOptions;
import io.weir.dr.BypassForwarder;
import io.weir.dr.DirectRouteForwarder;
import io.weir.dr.TunnelForwarder;
import io.weir.nat.MasqueradeForwarder;
import io.weir.nat.ftp.FtpGateway;
import io.weir.schedulers.Schedulers;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * The daemon's worker with its schedulers and forwarders, between two {@link ReplayPort}s.
 *
 * <p>Its clock is virtual: each cycle takes as long as it is told, so that a run is the same every
 * time and connections expire when the benchmark wants it.
 */
public final class ReplayedWorker implements AutoCloseable {
    static final int SYN = Tcp.SYN;

    private static final int ACK = Tcp.ACK;
    private static final int A_WEEK = 7 * 24 * 3600;
    private static final long CALM_STEP = 20_000_000;

    private final Plan plan;
    private final ReplayPort clients;
    private final ReplayPort servers;
    private final Worker worker;
    private final Map<ForwardingMethod, Forwarder> forwarders =
            new EnumMap<>(ForwardingMethod.class);
    private final byte[] serverOfFlow;
    private final List<Throwable> faults = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(5);
    private long nanos = 1_000_000_000_000L;
    private long nanosPerCycle;
    private long unseenRequests;
    private long unseenAnswers;

    /**
     * What is replayed.
     *
     * @param method how packets are forwarded
     * @param flows connections that are established before anything is measured
     * @param capacity the most connections of the table
     * @param scheduler a scheduler's name
     */
    public record Plan(ReplayedMethod method, int flows, int capacity, String scheduler) {
        /**
         * Makes a plan with a table of the daemon's usual size, or larger, that schedules by rr.
         */
        public static Plan of(ReplayedMethod method, int flows) {
            int capacity = Math.max(WorkerOptions.DEFAULT_CONNECTIONS, flows + flows / 4);
            return new Plan(method, flows, capacity, "rr");
        }
    }

    /**
     * Makes the worker and establishes the flows.
     *
     * @throws IllegalStateException if a packet gets lost on the way
     */
    public ReplayedWorker(Plan plan) {
        this(plan, WorkerShare.ALONE);
    }

    /**
     * Makes one of several workers and establishes the flows, all of which are its own.
     *
     * @param share its part of the clients
     * @throws IllegalStateException if a packet gets lost on the way
     */
    public ReplayedWorker(Plan plan, WorkerShare share) {
        this.plan = plan;
        serverOfFlow = new byte[plan.flows];
        int kindMask = plan.method.kindMask();
        clients = new ReplayPort("cli", ReplayedNetwork.CLIENT_LINK, false, kindMask);
        servers = new ReplayPort("srv", ReplayedNetwork.SERVER_LINK, true, kindMask);
        worker =
                new Worker(
                        new WorkerOptions(
                                plan.capacity,
                                8,
                                true,
                                true,
                                WorkerOptions.DEFAULT_ICMP_ERRORS,
                                new Schedulers(),
                                List.of(
                                        context -> kept(new MasqueradeForwarder()),
                                        context -> kept(new DirectRouteForwarder()),
                                        context -> kept(new BypassForwarder()),
                                        context -> kept(new TunnelForwarder(context))),
                                FtpGateway::new,
                                EndpointSteering.NONE,
                                null,
                                this::millis,
                                this::millis,
                                new SplittableRandom(1),
                                faults::add,
                                share));
        ReplayedNetwork.attach(worker.pipeline(), clients, servers);
        worker.director().setTimeouts(new Timeouts(A_WEEK, 0, 0));
        for (int kind = 0; kind <= kindMask; kind++) {
            addService(kind, plan.method.services().get(kind));
        }
        establish();
    }

    private Forwarder kept(Forwarder forwarder) {
        forwarders.put(forwarder.method(), forwarder);
        return forwarder;
    }

    private long millis() {
        nanos += nanosPerCycle;
        return nanos / 1_000_000;
    }

    private void addService(int kind, ServerSettings settings) {
        boolean nat = settings.method() == ForwardingMethod.MASQUERADE;
        int port = ReplayedNetwork.VIRTUAL_PORT + kind;
        int serverPort = nat ? ReplayedNetwork.NAT_PORT + kind : port;
        IpAddress virtual = IpAddress.v4(ReplayedNetwork.VIRTUAL_ADDRESS);
        ServiceId id = ServiceId.of(ServiceId.TCP, virtual, port);
        done(worker.director().addService(id, ServiceSettings.of(plan.scheduler)));
        for (int i = 0; i < ReplayedNetwork.SERVERS; i++) {
            IpAddress server = IpAddress.v4(ReplayedNetwork.FIRST_SERVER + i);
            done(worker.director().addServer(id, new ServerId(server, serverPort), settings));
        }
    }

    private static void done(RuleResult result) {
        if (result != RuleResult.DONE) {
            throw new IllegalStateException("a rule was refused: " + result);
        }
    }

    // SYN, SYN+ACK where the answer passes here, ACK; then the order that is measured.
    private void establish() {
        int natKind = plan.method.natKind();
        int[] all = ReplayedFlows.inSequence(plan.flows);
        servers.noteServers(natKind >= 0 ? serverOfFlow : null);
        play(clients, all, SYN);
        servers.noteServers(null);
        if (natKind >= 0) {
            int kinds = plan.method.kindMask() + 1;
            int[] translated = ReplayedFlows.ofKind(all, kinds, natKind);
            play(servers, ReplayedFlows.withServers(translated, serverOfFlow), SYN | ACK);
        }
        play(clients, all, ACK);
        check(worker.director().connectionCount(), plan.flows, "connections");
        check(established(), plan.flows, "established connections");
        verify();
    }

    private void play(ReplayPort port, int[] order, int flags) {
        port.play(order, flags, order.length);
        for (int cycles = order.length / ReplayPort.FRAMES + 1; cycles > 0; cycles--) {
            worker.runOnce();
        }
    }

    private int established() {
        ConnectionTable table = worker.director().table();
        int count = 0;
        for (int slot = 0; slot < table.slots(); slot++) {
            if (table.used(slot) && table.state(slot) == TcpState.ESTABLISHED) {
                count++;
            }
        }
        return count;
    }

    /**
     * Lets packets of established flows come without end, and new flows among them.
     *
     * @param zipf whether few flows have most of the packets
     * @param newPercent of the clients' packets, those that begin a connection
     * @param cycleNanos how long a cycle lasts by the worker's clock
     */
    public void replay(boolean zipf, int newPercent, long cycleNanos) {
        nanosPerCycle = cycleNanos;
        int[] order =
                zipf
                        ? ReplayedFlows.zipf(plan.flows, random)
                        : ReplayedFlows.uniform(plan.flows, random);
        int natKind = plan.method.natKind();
        if (natKind >= 0) {
            int kinds = plan.method.kindMask() + 1;
            int[] translated = ReplayedFlows.ofKind(order, kinds, natKind);
            servers.limitBursts(plan.method.serverFrames());
            // Answers do not follow their requests at once, which would find everything cached.
            int[] answers = ReplayedFlows.withServers(translated, serverOfFlow);
            servers.play(ReplayedFlows.halfTurned(answers), ACK, Long.MAX_VALUE);
        }
        ReplayedFlows.addNewFlows(order, newPercent, random);
        clients.limitBursts(plan.method.clientFrames());
        clients.play(order, ACK, Long.MAX_VALUE);
    }

    /** Lets nothing but new flows come. */
    public void replayNewFlows(long cycleNanos) {
        nanosPerCycle = cycleNanos;
        clients.play(new int[] {ReplayedFlows.NEW_FLOW}, SYN, Long.MAX_VALUE);
    }

    /**
     * One cycle of the worker: what is measured.
     *
     * @return how much was done
     */
    public int cycle() {
        return worker.runOnce();
    }

    /** Runs cycles until so much time has passed by the worker's clock. */
    public void pass(long duration) {
        for (long end = nanos + duration; nanos < end; ) {
            worker.runOnce();
        }
    }

    /**
     * Lets the ports write their frames without a worker: what of {@link #cycle} is not weir's.
     *
     * @param burst where the frames go
     */
    public int portsAlone(PacketBurst burst) {
        burst.clear();
        int requests = clients.receive(burst);
        burst.clear();
        int answers = servers.receive(burst);
        unseenRequests += requests;
        unseenAnswers += answers;
        return requests + answers;
    }

    /** Lets time pass without packets until connections that are not kept alive have expired. */
    public void expireAll() {
        clients.play(new int[] {0}, 0, 0);
        servers.play(new int[] {0}, 0, 0);
        nanosPerCycle = CALM_STEP;
        for (int cycles = 0; worker.director().connectionCount() > plan.flows; cycles++) {
            if (cycles > 1_000_000) {
                throw new IllegalStateException("connections do not expire");
            }
            worker.runOnce();
        }
    }

    /**
     * Checks that whatever came was sent on to the other side.
     *
     * @throws IllegalStateException if it was not
     */
    public void verify() {
        if (!faults.isEmpty()) {
            throw new IllegalStateException("a fault in the worker", faults.getFirst());
        }
        check(servers.sent(), clients.received() - unseenRequests, "frames to servers");
        check(clients.sent(), servers.received() - unseenAnswers, "frames to clients");
        if (!worker.drops().snapshot().isEmpty()) {
            throw new IllegalStateException("drops: " + worker.drops().snapshot());
        }
    }

    private static void check(long actual, long expected, String what) {
        if (actual != expected) {
            throw new IllegalStateException(actual + " instead of " + expected + " " + what);
        }
    }

    /** The port to the clients. */
    public ReplayPort clients() {
        return clients;
    }

    /** The port to the servers. */
    public ReplayPort servers() {
        return servers;
    }

    /** The worker's forwarder of a method. */
    Forwarder forwarder(ForwardingMethod method) {
        return Objects.requireNonNull(forwarders.get(method));
    }

    /** Lets each flow send one packet, or be answered by its server through NAT. */
    void playOnce(boolean answers) {
        int[] all = ReplayedFlows.inSequence(plan.flows);
        if (answers) {
            servers.play(ReplayedFlows.withServers(all, serverOfFlow), ACK, all.length);
        } else {
            clients.play(all, ACK, all.length);
        }
    }

    public Worker worker() {
        return worker;
    }

    @Override
    public void close() {
        worker.close();
        clients.close();
        servers.close();
    }
}
