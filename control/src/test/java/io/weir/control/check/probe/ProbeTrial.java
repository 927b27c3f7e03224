package io.weir.control.check.probe;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.weir.control.check.probe.ProbeRunner.Attempt;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckTiming;
import io.weir.control.config.Probe;
import io.weir.dataplane.net.IpAddress;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Makes single checks on an event loop, and waits for what they find. */
final class ProbeTrial implements AutoCloseable {
    static final IpAddress LOOPBACK = Objects.requireNonNull(IpAddress.parse("127.0.0.1"));

    /** What is told of a check that was still waiting when its time was up. */
    static final String CANCELLED = "cancelled";

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final MultiThreadIoEventLoopGroup group;

    ProbeTrial(ProbeTransport transport) {
        group = new MultiThreadIoEventLoopGroup(1, transport.ioHandlers());
    }

    /** A check of loopback. */
    static CheckConfig check(Probe probe, int port) {
        return check(probe, LOOPBACK, port);
    }

    static CheckConfig check(Probe probe, IpAddress address, int port) {
        CheckTiming timing = CheckTiming.nanny(Duration.ofSeconds(2), Duration.ofSeconds(2));
        return new CheckConfig(probe, address, port, CheckConfig.Path.DIRECT, timing);
    }

    EventLoop loop() {
        return group.next();
    }

    /** Makes a check that is sure to end. */
    ProbeResult run(ProbeRunner runner, CheckConfig check) throws Exception {
        return run(runner, check, PATIENCE);
    }

    /** Makes a check and cancels it when its time is up. */
    ProbeResult run(ProbeRunner runner, CheckConfig check, Duration limit) throws Exception {
        EventLoop loop = group.next();
        CompletableFuture<ProbeResult> found = new CompletableFuture<>();
        CompletableFuture<Attempt> started = new CompletableFuture<>();
        loop.execute(
                () -> {
                    try {
                        started.complete(
                                runner.start(
                                        check,
                                        loop,
                                        result -> {
                                            if (!found.complete(result)) {
                                                throw new AssertionError("told twice");
                                            }
                                        }));
                    } catch (RuntimeException | Error e) {
                        started.completeExceptionally(e);
                    }
                });
        Attempt attempt = started.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        ProbeResult result;
        try {
            result = found.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            result = ProbeResult.failed(CANCELLED);
        }
        var _ = loop.submit(attempt::cancel).sync();
        return found.getNow(result);
    }

    @Override
    public void close() {
        var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
