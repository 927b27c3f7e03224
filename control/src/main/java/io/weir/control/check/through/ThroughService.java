package io.weir.control.check.through;

import io.netty.channel.EventLoop;
import io.weir.control.check.probe.ProbeResult;
import io.weir.control.check.probe.ProbeRunner;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckConfig.Path;
import io.weir.control.config.Probe;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** Makes checks through the service. Opens what it needs for the first of them. */
public final class ThroughService implements AutoCloseable {
    private @Nullable CompletableFuture<ServicePath> path;
    private boolean closed;

    /**
     * Why a check cannot be made through the service.
     *
     * @return one line, null if it can
     */
    public static @Nullable String refusal(
            ServiceId service, ForwardingMethod method, CheckConfig check) {
        if (check.probe() instanceof Probe.Ping) {
            return "a ping cannot be sent through the service; check a port of it";
        }
        return switch (method) {
            case MASQUERADE -> null;
            case ROUTE ->
                    service.isMark()
                            ? "a service by firewall mark has no one address to check;"
                                    + " check the real server directly"
                            : null;
            case TUNNEL -> "checks are not sent through tunnels; check the real server directly";
            case LOCAL, BYPASS ->
                    "nothing is sent to a server on the router itself; check it directly";
        };
    }

    /**
     * Who makes a check through the service.
     *
     * @param direct makes the same check by the host's own routes
     */
    public ProbeRunner runner(
            ServiceId service, ServerId server, ForwardingMethod method, ProbeRunner direct) {
        return (check, loop, result) -> {
            String refusal = refusal(service, method, check);
            if (refusal != null) {
                result.ended(ProbeResult.notMade(refusal));
                return () -> {};
            }
            if (method == ForwardingMethod.MASQUERADE) {
                // What arrives at the server is the same, to the last address.
                return direct.start(to(check, server.address(), server.address()), loop, result);
            }
            Detour detour =
                    new Detour(
                            direct,
                            check,
                            new Target(service.address(), server.address()),
                            loop,
                            result);
            var _ = open().whenCompleteAsync(detour::begin, loop);
            return detour;
        };
    }

    private synchronized CompletableFuture<ServicePath> open() {
        CompletableFuture<ServicePath> known = path;
        if (known != null
                && !known.isCompletedExceptionally()
                && !(known.isDone() && known.join().isBroken())) {
            return known;
        }
        CompletableFuture<ServicePath> opening = new CompletableFuture<>();
        path = opening;
        Thread.ofPlatform()
                .daemon()
                .name("weir-check-open")
                .start(
                        () -> {
                            try {
                                ServicePath opened = ServicePath.open();
                                opening.complete(opened);
                                synchronized (this) {
                                    if (closed) {
                                        opened.close();
                                    }
                                }
                            } catch (IOException | RuntimeException e) {
                                opening.completeExceptionally(e);
                            }
                        });
        return opening;
    }

    /**
     * The same check, made to an address.
     *
     * @param named the address that an HTTP server is to see as the host's name
     */
    private static CheckConfig to(CheckConfig check, IpAddress address, IpAddress named) {
        Probe probe = check.probe();
        if (probe instanceof Probe.Http page && page.host() == null) {
            probe =
                    new Probe.Http(
                            page.tls(),
                            page.path(),
                            host(named, check.port(), page.tls()),
                            page.serverName(),
                            page.verify(),
                            page.statuses(),
                            page.digest(),
                            page.body());
        }
        return new CheckConfig(probe, address, check.port(), Path.DIRECT, check.timing());
    }

    private static String host(IpAddress address, int port, boolean tls) {
        String text = address.ipv6() ? "[" + address + "]" : address.toString();
        return port == (tls ? 443 : 80) ? text : text + ":" + port;
    }

    /** A check that may have to wait for the way to be open. On its event loop. */
    private static final class Detour implements ProbeRunner.Attempt {
        private final ProbeRunner direct;
        private final CheckConfig check;
        private final Target target;
        private final EventLoop loop;
        private final ProbeRunner.ResultSink result;
        private ProbeRunner.@Nullable Attempt attempt;
        private boolean cancelled;

        Detour(
                ProbeRunner direct,
                CheckConfig check,
                Target target,
                EventLoop loop,
                ProbeRunner.ResultSink result) {
            this.direct = direct;
            this.check = check;
            this.target = target;
            this.loop = loop;
            this.result = result;
        }

        void begin(@Nullable ServicePath path, @Nullable Throwable fault) {
            if (cancelled) {
                return;
            }
            try {
                if (path == null) {
                    throw new IOException(fault == null ? "closed" : fault.getMessage());
                }
                CheckConfig redirected = to(check, path.alias(target), target.virtual());
                attempt = direct.start(redirected, loop, result);
            } catch (IOException e) {
                result.ended(ProbeResult.notMade("no way through the service: " + e.getMessage()));
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            if (attempt != null) {
                attempt.cancel();
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        CompletableFuture<ServicePath> opened = path;
        if (opened != null && opened.isDone() && !opened.isCompletedExceptionally()) {
            opened.join().close();
        }
    }
}
