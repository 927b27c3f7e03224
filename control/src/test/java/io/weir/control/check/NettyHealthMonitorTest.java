package io.weir.control.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.weir.control.check.probe.LoadAnswer;
import io.weir.control.check.probe.ProbeResult;
import io.weir.control.check.probe.ProbeRunner;
import io.weir.control.check.probe.ProbeRunners;
import io.weir.control.check.probe.ProbeTransport;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckTiming;
import io.weir.control.config.Probe;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

class NettyHealthMonitorTest {
    private static final IpAddress LOOPBACK = IpAddress.v4(0x7f000001);
    private static final ServiceId SERVICE =
            ServiceId.of(ServiceId.TCP, IpAddress.v4(0x0a0000fe), 80);
    private static final CheckLimits LIMITS = new CheckLimits(100, 10, 3);

    private final HealthLog log = new HealthLog();
    private final Scripted scripted = new Scripted();
    private HealthMonitor monitor =
            NettyHealthMonitor.open(log, ProbeTransport.best(), scriptedMakers(), LIMITS);

    private CheckMakers scriptedMakers() {
        return new CheckMakers(
                (service, server, method, check) -> scripted,
                (load, server, loop, answer) -> {
                    answer.accept(new LoadAnswer(OptionalDouble.of(load.port()), ""));
                    return () -> {};
                },
                () -> {});
    }

    @AfterEach
    void close() {
        monitor.close();
        assertThat(log.overlapped()).as("calls at the same time").isFalse();
    }

    /** Answers as a test says, and counts. */
    private static final class Scripted implements ProbeRunner {
        private final Map<Integer, Boolean> good = new ConcurrentHashMap<>();
        private final Map<Integer, Integer> starts = new ConcurrentHashMap<>();
        private final AtomicInteger running = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();
        private volatile ProbeRunner behaviour = this::obey;

        @Override
        public Attempt start(CheckConfig check, EventLoop loop, ResultSink result) {
            starts.merge(check.port(), 1, Integer::sum);
            return behaviour.start(check, loop, result);
        }

        private Attempt obey(CheckConfig check, EventLoop loop, ResultSink result) {
            boolean passed = good.getOrDefault(check.port(), true);
            result.ended(passed ? ProbeResult.passed("fine") : ProbeResult.failed("bad"));
            return () -> {};
        }

        int starts(int port) {
            return starts.getOrDefault(port, 0);
        }
    }

    @ParameterizedTest
    @EnumSource(ProbeTransport.class)
    void aServerIsUpWhileItAcceptsConnections(ProbeTransport transport) throws Exception {
        monitor.close();
        monitor =
                NettyHealthMonitor.open(
                        log, transport, CheckMakers.of(new ProbeRunners(transport)), LIMITS);
        int port;
        try (ServerSocket server = listen(0)) {
            port = server.getLocalPort();
            monitor.watch(List.of(server(1, check(port, 20))));
            log.await("1 UP: tcp 127.0.0.1:" + port + ": connected");
        }
        log.await("1 DOWN: tcp 127.0.0.1:" + port + ": connection refused");
        try (ServerSocket server = listen(port)) {
            log.await(lines -> log.lines().size() == 3);
            assertThat(server.isClosed()).isFalse();
        }
        assertThat(log.lines().get(2)).startsWith("1 UP");
    }

    private static ServerSocket listen(int port) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return server;
    }

    @Test
    void aReloadLeavesUnchangedChecksAlone() throws Exception {
        monitor.watch(List.of(server(1, check(10, 60_000)), server(2, check(20, 60_000))));
        log.await("1 UP");
        log.await("2 UP");
        monitor.watch(
                List.of(
                        server(2, check(20, 60_000)),
                        server(1, check(10, 60_000), check(11, 60_000)),
                        server(3, check(30, 60_000))));
        log.await("3 UP");
        awaitStarts(11, 1);
        assertThat(scripted.starts(10)).isEqualTo(1);
        assertThat(scripted.starts(20)).isEqualTo(1);
        assertThat(log.lines()).hasSize(3);
        assertThat(keys()).containsExactly(2, 1, 3);
        assertThat(monitor.snapshot()).allMatch(server -> server.health() == Health.UP);
    }

    @Test
    void aChangedCheckIsMadeAtOnceAndDecides() throws Exception {
        monitor.watch(List.of(server(1, check(10, 60_000))));
        log.await("1 UP");
        scripted.good.put(11, false);
        monitor.watch(List.of(server(1, check(11, 60_000))));
        log.await("1 DOWN: tcp 127.0.0.1:11: bad");
        monitor.watch(List.of(server(1, check(12, 60_000))));
        log.await(line -> line.startsWith("1 UP: tcp 127.0.0.1:12"));
    }

    @Test
    void aServerThatIsNotWatchedAnyMoreIsLeftInPeace() throws Exception {
        monitor.watch(List.of(server(1, check(10, 1)), server(2, check(20, 1))));
        log.await("1 UP");
        log.await("2 UP");
        monitor.watch(List.of(server(2, check(20, 1))));
        awaitStarts(20, scripted.starts(20) + 5);
        int starts = scripted.starts(10);
        scripted.good.put(10, false);
        awaitStarts(20, scripted.starts(20) + 20);
        assertThat(scripted.starts(10)).isEqualTo(starts);
        assertThat(log.lines()).hasSize(2);
        assertThat(keys()).containsExactly(2);
    }

    @Test
    void runnersThatMisbehaveFailTheirOwnCheck() throws Exception {
        AtomicInteger cancelled = new AtomicInteger();
        scripted.behaviour =
                (check, loop, result) ->
                        switch (check.port()) {
                            case 1 -> throw new IllegalStateException("broken");
                            case 2 -> cancelled::incrementAndGet;
                            case 3 -> {
                                result.ended(ProbeResult.passed("once"));
                                result.ended(ProbeResult.failed("twice"));
                                yield () -> {
                                    throw new IllegalStateException("cannot end");
                                };
                            }
                            default -> {
                                Thread.ofVirtual()
                                        .start(() -> result.ended(ProbeResult.passed("elsewhere")));
                                yield () -> {};
                            }
                        };
        monitor.watch(
                List.of(
                        server(1, check(1, 5)),
                        server(2, check(2, 5)),
                        server(3, check(3, 5)),
                        server(4, check(4, 5))));
        log.await("1 DOWN: tcp 127.0.0.1:1: the check broke: java.lang.IllegalStateException");
        log.await("2 DOWN: tcp 127.0.0.1:2: no answer within 1 s");
        log.await("3 UP: tcp 127.0.0.1:3: once");
        log.await("4 UP: tcp 127.0.0.1:4: elsewhere");
        awaitStarts(3, 10);
        assertThat(cancelled.get()).isPositive();
        assertThat(log.lines()).hasSize(4);
    }

    @Test
    void noMoreThanTheLimitRunAtOnceAndAllGetTheirTurn() throws Exception {
        scripted.behaviour =
                (check, loop, result) -> {
                    scripted.most.accumulateAndGet(scripted.running.incrementAndGet(), Math::max);
                    var _ =
                            loop.schedule(
                                    () -> result.ended(ProbeResult.passed("slow")),
                                    5,
                                    TimeUnit.MILLISECONDS);
                    return scripted.running::decrementAndGet;
                };
        List<MonitoredServer> servers = new ArrayList<>();
        for (int port = 1; port <= 1000; port++) {
            servers.add(server(port, check(port, 60_000)));
        }
        monitor.watch(servers);
        for (int port = 1; port <= 1000; port++) {
            log.await(port + " UP");
        }
        assertThat(scripted.most.get()).isBetween(2, LIMITS.probes());
    }

    @Test
    void programsHaveALimitOfTheirOwnAndHoldUpNoOthers() throws Exception {
        scripted.behaviour =
                (check, loop, result) -> {
                    if (check.probe() instanceof Probe.TcpConnect) {
                        result.ended(ProbeResult.passed("fine"));
                        return () -> {};
                    }
                    scripted.most.accumulateAndGet(scripted.running.incrementAndGet(), Math::max);
                    return scripted.running::decrementAndGet;
                };
        List<MonitoredServer> servers = new ArrayList<>();
        for (int port = 1; port <= 50; port++) {
            servers.add(server(port, program(port)));
        }
        servers.add(server(100, check(100, 60_000)));
        monitor.watch(servers);
        log.await("100 UP");
        for (int port = 1; port <= 50; port++) {
            log.await(port + " DOWN: program check 127.0.0.1:" + port + ": no answer");
        }
        assertThat(scripted.most.get()).isEqualTo(LIMITS.programs());
    }

    @Test
    void whatWasKnownIsTakenOverAndTold() throws Exception {
        scripted.behaviour = (check, loop, result) -> () -> {};
        Instant since = Instant.parse("2026-01-02T03:04:05Z");
        monitor.restore(
                List.of(
                        new ServerHealth(key(1), Health.UP, since, List.of()),
                        new ServerHealth(key(2), Health.DOWN, since, List.of())));
        monitor.watch(List.of(server(1, check(10, 5)), server(2, check(20, 5))));
        log.await("1 UP: by its configuration");
        log.await("2 DOWN: by its configuration");
        assertThat(monitor.snapshot().getFirst().since()).isEqualTo(since);
        log.await("1 DOWN: tcp 127.0.0.1:10: no answer within 1 s");
        assertThat(monitor.snapshot().getFirst().since()).isAfter(since);
    }

    @Test
    void aCheckThatThisMachineCannotMakeSaysNothingOfTheServer() throws Exception {
        monitor.watch(List.of(server(1, check(10, 5))));
        log.await("1 UP");
        scripted.behaviour =
                (check, loop, result) -> {
                    result.ended(ProbeResult.notMade("Too many open files"));
                    return () -> {};
                };
        monitor.watch(List.of(server(1, check(10, 5)), server(2, check(20, 5))));
        awaitStarts(20, 10);
        awaitStarts(10, scripted.starts(10) + 10);
        assertThat(monitor.snapshot().getFirst().checks().getFirst().detail())
                .isEqualTo("Too many open files");
        assertThat(monitor.snapshot().getLast().health()).isEqualTo(Health.UNKNOWN);
        scripted.behaviour = scripted::obey;
        log.await("2 UP");
        assertThat(log.lines()).hasSize(2);
    }

    @Test
    void aStoppedProcessTakesNoServerDown() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        scripted.behaviour =
                (check, loop, result) -> {
                    if (calls.incrementAndGet() == 2) {
                        // The answer comes in time, but nobody reads it.
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1300));
                        result.ended(ProbeResult.failed("closed by the server meanwhile"));
                    } else if (calls.get() == 3) {
                        result.ended(ProbeResult.failed("really down"));
                    } else {
                        result.ended(ProbeResult.passed("fine"));
                    }
                    return () -> {};
                };
        monitor.watch(List.of(server(1, check(10, 5))));
        log.await("1 DOWN");
        assertThat(log.lines().get(1)).isEqualTo("1 DOWN: tcp 127.0.0.1:10: really down");
    }

    /** Reload after reload, each with some servers less, some more, and some changed checks. */
    @Test
    void tenThousandReloadsTakeNoServerDownAndLoseNone() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        monitor.watch(List.of(server(1, check(1, 20))));
        log.await("1 UP");
        for (int round = 0; round < 10_000; round++) {
            List<MonitoredServer> servers = new ArrayList<>();
            servers.add(server(1, check(1 + random.nextInt(3), 20)));
            for (int number = 2; number < 30; number++) {
                if (random.nextBoolean()) {
                    servers.add(server(number, check(10 + random.nextInt(3), 20)));
                }
            }
            monitor.watch(servers);
        }
        scripted.good.put(99, false);
        monitor.watch(List.of(server(1, check(1, 20)), server(99, check(99, 20))));
        log.await("99 DOWN");
        assertThat(keys()).containsExactly(1, 99);
        assertThat(log.lines().stream().filter(line -> line.startsWith("1 ")))
                .as("seed %d", seed)
                .hasSize(1);
        assertThat(log.lines().stream().filter(line -> line.contains("DOWN")))
                .as("seed %d", seed)
                .hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(ProbeTransport.class)
    void serversWithIpv6AddressesAreChecked(ProbeTransport transport) throws Exception {
        monitor.close();
        monitor =
                NettyHealthMonitor.open(
                        log, transport, CheckMakers.of(new ProbeRunners(transport)), LIMITS);
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.ofLiteral("::1"))) {
            CheckConfig check = check(1, 20);
            int port = server.getLocalPort();
            monitor.watch(
                    List.of(
                            server(
                                    1,
                                    new CheckConfig(
                                            check.probe(),
                                            IpAddress.v6(0, 1),
                                            port,
                                            check.path(),
                                            check.timing()))));
            log.await("1 UP: tcp [::1]:" + port + ": connected");
        }
    }

    @Test
    void aMachineThatStandsStillAllTheTimeExcusesNothing() throws Exception {
        scripted.behaviour =
                (check, loop, result) -> {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1100));
                    result.ended(ProbeResult.failed("bad"));
                    return () -> {};
                };
        monitor.watch(List.of(server(1, check(10, 5))));
        log.await("1 DOWN: tcp 127.0.0.1:10: bad");
        assertThat(scripted.starts(10)).isEqualTo(2);
    }

    @Test
    void aCheckThatWasTakenAwayIsNotMadeAnyMore() throws Exception {
        monitor.watch(List.of(server(1, check(10, 1), check(11, 1))));
        log.await("1 UP");
        monitor.watch(List.of(server(1, check(11, 1))));
        awaitStarts(11, scripted.starts(11) + 5);
        int starts = scripted.starts(10);
        awaitStarts(11, scripted.starts(11) + 20);
        assertThat(scripted.starts(10)).isEqualTo(starts);
        assertThat(monitor.snapshot().getFirst().checks()).hasSize(1);
    }

    @Test
    void checkNowDoesNotWaitForTheInterval() throws Exception {
        monitor.watch(List.of(server(1, check(10, 600_000))));
        log.await("1 UP");
        scripted.good.put(10, false);
        monitor.checkNow();
        log.await("1 DOWN");
        ServerHealth.CheckHealth check = monitor.snapshot().getFirst().checks().getFirst();
        assertThat(check.failures()).isEqualTo(1);
        assertThat(check.passes()).isZero();
        assertThat(check.detail()).isEqualTo("bad");
        assertThat(check.name()).isEqualTo("tcp 127.0.0.1:10");
    }

    @Test
    void aServerWithoutChecksIsUp() throws Exception {
        monitor.watch(List.of(server(1)));
        log.await("1 UP: it has no checks");
    }

    @Test
    void aListenerThatThrowsIsCalledAgain() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        HealthListener angry =
                new HealthListener() {
                    @Override
                    public void healthChanged(ServerKey server, Health health, String detail) {
                        calls.incrementAndGet();
                        throw new IllegalStateException("expected in this test");
                    }

                    @Override
                    public void loadMeasured(ServerKey server, double load) {}

                    @Override
                    public void weightDemanded(ServerKey server, int weight) {}
                };
        monitor.close();
        monitor = NettyHealthMonitor.open(angry, ProbeTransport.best(), scriptedMakers(), LIMITS);
        monitor.watch(List.of(server(1, check(1, 5)), server(2, check(2, 5))));
        awaitStarts(1, 5);
        awaitStarts(2, 5);
        assertThat(calls.get()).isEqualTo(2);
    }

    @Test
    void afterItsEndItDoesNothingAndMindsNothing() {
        monitor.close();
        monitor.watch(List.of(server(1, check(1, 5))));
        monitor.checkNow();
        monitor.close();
        assertThat(scripted.starts(1)).isZero();
    }

    private void awaitStarts(int port, int count) throws InterruptedException {
        await(starts -> starts.starts(port) >= count);
    }

    private void await(Predicate<Scripted> wanted) throws InterruptedException {
        for (int i = 0; i < 20_000 && !wanted.test(scripted); i++) {
            Thread.sleep(1);
        }
        assertThat(wanted.test(scripted)).as("%s", log.lines()).isTrue();
    }

    private List<Integer> keys() {
        return monitor.snapshot().stream().map(server -> server.key().server().port()).toList();
    }

    private static ServerKey key(int number) {
        return new ServerKey(SERVICE, new ServerId(LOOPBACK, number));
    }

    private static MonitoredServer server(int number, CheckConfig... checks) {
        return new MonitoredServer(
                key(number), ForwardingMethod.ROUTE, Arrays.asList(checks), null);
    }

    private static CheckConfig check(int port, int intervalMillis) {
        return check(new Probe.TcpConnect(), port, intervalMillis);
    }

    private static CheckConfig program(int port) {
        return check(new Probe.Program(List.of("check"), null, false), port, 60_000);
    }

    private static CheckConfig check(Probe probe, int port, int intervalMillis) {
        CheckTiming timing =
                new CheckTiming(
                        Duration.ofMillis(intervalMillis),
                        Duration.ofSeconds(1),
                        Duration.ofMillis(intervalMillis),
                        1,
                        1,
                        true,
                        0);
        return new CheckConfig(probe, LOOPBACK, port, CheckConfig.Path.DIRECT, timing);
    }
}
