package io.weir.control.check;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.weir.control.check.probe.ProbeRunners;
import io.weir.control.check.probe.ProbeTransport;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Checks real servers from two event loops: one decides and calls the listener, one probes.
 *
 * <p>{@link #watch}, {@link #restore} and {@link #checkNow} return before they have taken effect,
 * and take it in the order in which they were called; none of them waits for anything, so that a
 * caller may hold locks that the listener needs.
 */
public final class NettyHealthMonitor implements HealthMonitor {
    private static final long SPREAD_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long STOP_LIMIT_MILLIS = 2000;

    private final EventLoopGroup deciding;
    private final EventLoopGroup probing;
    private final EventLoop decisions;
    private final CheckEngine engine;
    private final Map<ServerKey, ServerHealth> restored = new HashMap<>();
    private Map<ServerKey, WatchedServer> servers = new LinkedHashMap<>();
    private volatile List<WatchedServer> published = List.of();

    private NettyHealthMonitor(
            HealthListener listener,
            ProbeTransport transport,
            CheckMakers makers,
            CheckLimits limits) {
        deciding = group("weir-health", transport);
        probing = group("weir-probe", transport);
        decisions = deciding.next();
        engine =
                new CheckEngine(
                        decisions,
                        probing.next(),
                        listener,
                        makers,
                        limits,
                        InstantSource.system(),
                        () -> ThreadLocalRandom.current().nextDouble());
    }

    private static EventLoopGroup group(String name, ProbeTransport transport) {
        return new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory(name, true), transport.ioHandlers());
    }

    /**
     * Starts the threads, with nothing to watch yet.
     *
     * @param listener is called on one thread of this monitor's
     */
    public static NettyHealthMonitor open(HealthListener listener) {
        ProbeTransport transport = ProbeTransport.best();
        return open(
                listener,
                transport,
                CheckMakers.of(new ProbeRunners(transport)),
                CheckLimits.ofThisProcess());
    }

    /** As {@link #open(HealthListener)}, with others to make the checks. */
    static NettyHealthMonitor open(
            HealthListener listener,
            ProbeTransport transport,
            CheckMakers makers,
            CheckLimits limits) {
        return new NettyHealthMonitor(listener, transport, makers, limits);
    }

    @Override
    public void watch(Collection<MonitoredServer> wanted) {
        Map<ServerKey, MonitoredServer> byKey = new LinkedHashMap<>();
        wanted.forEach(server -> byKey.put(server.key(), server));
        engine.decide(() -> adopt(byKey.values()));
    }

    private void adopt(Collection<MonitoredServer> wanted) {
        Map<ServerKey, WatchedServer> had = servers;
        servers = new LinkedHashMap<>();
        List<Start> starts = new ArrayList<>();
        List<Runnable> adoptions = new ArrayList<>();
        for (MonitoredServer server : wanted) {
            WatchedServer kept = had.remove(server.key());
            WatchedServer watched = kept != null ? kept : newServer(server);
            servers.put(server.key(), watched);
            adoptions.add(
                    () ->
                            watched.adopt(server)
                                    .forEach(run -> starts.add(new Start(watched, run))));
        }
        had.values().forEach(WatchedServer::stop);
        restored.clear();
        // The listener may ask for a snapshot, which is to have the new servers.
        published = List.copyOf(servers.values());
        adoptions.forEach(Runnable::run);
        begin(starts);
    }

    private WatchedServer newServer(MonitoredServer server) {
        ServerHealth known = restored.get(server.key());
        if (known == null) {
            return new WatchedServer(
                    engine, server.key(), new ServerState(), engine.clock().instant());
        }
        ServerState state = new ServerState(known, server.checks(), System.nanoTime());
        return new WatchedServer(engine, server.key(), state, known.since());
    }

    // A millisecond apart, and the last one no later than a second from now.
    private static void begin(List<Start> starts) {
        long now = System.nanoTime();
        long step = Math.min(STEP_NANOS, SPREAD_NANOS / Math.max(1, starts.size()));
        for (int i = 0; i < starts.size(); i++) {
            starts.get(i).server.begin(starts.get(i).run, now + i * step);
        }
    }

    private record Start(WatchedServer server, CheckRun run) {}

    @Override
    public void restore(Collection<ServerHealth> known) {
        List<ServerHealth> copy = List.copyOf(known);
        engine.decide(() -> copy.forEach(server -> restored.put(server.key(), server)));
    }

    @Override
    public void checkNow() {
        engine.decide(
                () -> {
                    List<Start> all = new ArrayList<>();
                    for (WatchedServer server : servers.values()) {
                        server.runs().forEach(run -> all.add(new Start(server, run)));
                    }
                    begin(all);
                });
    }

    @Override
    public List<ServerHealth> snapshot() {
        return published.stream().map(WatchedServer::health).toList();
    }

    /** Ends all checks and the threads; the listener is not called any more when it returns. */
    @Override
    public void close() {
        engine.decide(
                () -> {
                    servers.values().forEach(WatchedServer::stop);
                    servers.clear();
                    engine.close();
                });
        var decided = deciding.shutdownGracefully(0, STOP_LIMIT_MILLIS, TimeUnit.MILLISECONDS);
        if (!decisions.inEventLoop()) {
            decided.awaitUninterruptibly(STOP_LIMIT_MILLIS);
        }
        var ended = probing.shutdownGracefully(0, STOP_LIMIT_MILLIS, TimeUnit.MILLISECONDS);
        ended.awaitUninterruptibly(STOP_LIMIT_MILLIS);
        engine.makers().close().run();
    }
}
