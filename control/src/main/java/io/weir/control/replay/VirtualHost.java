package io.weir.control.replay;

import io.weir.control.Balancer;
import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.io.memory.MemoryPort;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.service.FixedSysctl;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.sync.SyncNetwork;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A balancer whose links are in memory and whose time passes only when it is told to.
 *
 * <p>Single-threaded: the caller's thread is the worker's.
 */
final class VirtualHost implements AutoCloseable {
    /** Hashes and random choices repeat from run to run. */
    private static final long SEED = 1;

    /** A running worker wakes up for its timers at least this often. */
    private static final long STEP_MILLIS = 10;

    /** A silence of days is lived through in longer steps, or it would take as long to replay. */
    private static final long MAX_STEPS = 100_000;

    /** Every frame in one direction is taken out before the next one goes in. */
    private static final int QUEUED_FRAMES = 256;

    private final Balancer balancer;
    private final Map<String, MemoryLink> links = new LinkedHashMap<>();
    private final int frameBytes;
    private long nowMillis;

    /** Takes the frames that the balancer emits. */
    interface FrameSink {
        void emitted(String link, byte[] frame) throws IOException;
    }

    /**
     * A host without network.
     *
     * @param connections the capacity of the connection table
     * @param frameBytes the largest frame its links carry
     * @param routing whether it forwards what concerns no service
     * @param nowMillis its first time
     */
    VirtualHost(int connections, int frameBytes, boolean routing, MarkTable marks, long nowMillis) {
        this(connections, frameBytes, routing, marks, nowMillis, null);
    }

    /** The same with a network over which it can synchronise connections. */
    VirtualHost(
            int connections,
            int frameBytes,
            boolean routing,
            MarkTable marks,
            long nowMillis,
            @Nullable SyncNetwork synchronisation) {
        this.frameBytes = frameBytes;
        this.nowMillis = nowMillis;
        this.balancer =
                Balancer.builder()
                        .connections(connections)
                        .routing(routing)
                        .icmpErrorsPerSecond(0)
                        .marks(marks)
                        .clock(() -> this.nowMillis)
                        .seed(SEED)
                        .synchronisation(synchronisation)
                        .build();
    }

    /** Gives the host its links, addresses, routes and neighbours. */
    void connect(Topology topology) {
        for (Link link : topology.network().links()) {
            MemoryPort.End end = new MemoryPort.End(link.name(), link.index(), null);
            MemoryLink memory = MemoryLink.open(end, QUEUED_FRAMES, frameBytes);
            links.put(link.name(), memory);
            balancer.attach(memory.port(), link);
        }
        balancer.networkChanged(topology.network());
        for (NeighbourEntry neighbour : topology.neighbours()) {
            balancer.neighbourChanged(neighbour);
        }
        settle();
    }

    /** Changes a setting of net.ipv4.vs; null, or why it cannot have that value. */
    @Nullable String set(String name, String value) {
        String refusal = Sysctl.refusal(name, value);
        Sysctl sysctl = Sysctl.named(name);
        if (refusal == null && sysctl != null) {
            balancer.administration().setSysctl(sysctl, sysctl.parse(value));
        }
        return refusal;
    }

    /** A setting of net.ipv4.vs as its file in /proc/sys shows it. */
    String get(String name) {
        Sysctl sysctl = Sysctl.named(name);
        FixedSysctl fixed = FixedSysctl.named(name);
        String text =
                sysctl != null
                        ? sysctl.text(balancer.administration().sysctl(sysctl))
                        : fixed != null ? fixed.value() : "";
        return text.replace(' ', '\t');
    }

    Balancer balancer() {
        return balancer;
    }

    long nowMillis() {
        return nowMillis;
    }

    boolean hasLink(String name) {
        return links.containsKey(name);
    }

    /** Lets the worker live until a time; one that is past changes nothing. */
    void advance(long millis) {
        long step = Math.max(STEP_MILLIS, (millis - nowMillis) / MAX_STEPS);
        while (nowMillis < millis) {
            nowMillis = Math.min(millis, nowMillis + step);
            settle();
        }
    }

    /**
     * Lets a frame arrive on a link and does all that follows from it.
     *
     * @param verified whether the network card has verified its transport checksum
     * @return false if it is larger than the link's frames
     */
    boolean inject(String link, byte[] frame, boolean verified) {
        MemoryLink memory = links.get(link);
        if (memory == null) {
            throw new IllegalArgumentException("no link " + link);
        }
        boolean taken = verified ? memory.injectVerified(frame) : memory.inject(frame);
        settle();
        return taken;
    }

    /** Hands over what was emitted since the last call, link by link. */
    void drainTo(FrameSink sink) throws IOException {
        for (Map.Entry<String, MemoryLink> link : links.entrySet()) {
            byte[] frame = link.getValue().poll();
            while (frame != null) {
                sink.emitted(link.getKey(), frame);
                frame = link.getValue().poll();
            }
        }
    }

    /** Does all that there is to do at this time. */
    void settle() {
        while (balancer.runOnce() > 0) {
            // until nothing is left to do
        }
    }

    @Override
    public void close() {
        balancer.close();
        links.values().forEach(MemoryLink::close);
    }
}
