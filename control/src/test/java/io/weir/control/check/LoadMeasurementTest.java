package io.weir.control.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.check.probe.LoadAnswer;
import io.weir.control.check.probe.ProbeResult;
import io.weir.control.check.probe.ProbeTransport;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckTiming;
import io.weir.control.config.LoadConfig;
import io.weir.control.config.Probe;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;

/** When servers are asked for their load, and what programs say of weights. */
class LoadMeasurementTest {
    private final HealthLog log = new HealthLog();
    private final AtomicInteger questions = new AtomicInteger();
    private volatile ProbeResult result = ProbeResult.passed("fine");
    private volatile OptionalDouble load = OptionalDouble.of(0.5);

    private final HealthMonitor monitor =
            NettyHealthMonitor.open(
                    log,
                    ProbeTransport.best(),
                    new CheckMakers(
                            (service, server, method, check) ->
                                    (asked, loop, sink) -> {
                                        sink.ended(result);
                                        return () -> {};
                                    },
                            (asked, server, loop, sink) -> {
                                questions.incrementAndGet();
                                sink.accept(new LoadAnswer(load, "nothing"));
                                return () -> {};
                            },
                            () -> {}),
                    new CheckLimits(10, 10, 10));

    @AfterEach
    void close() {
        monitor.close();
    }

    @Test
    void aServerThatIsUpIsAskedAgainAndAgain() throws Exception {
        monitor.watch(List.of(server(1)));
        log.await("1 load 0.5");
        load = OptionalDouble.of(2);
        log.await("1 load 2.0");
    }

    @Test
    void aServerThatIsDownIsNotAsked() throws Exception {
        result = ProbeResult.failed("bad");
        monitor.watch(List.of(server(1)));
        log.await("1 DOWN");
        Thread.sleep(100);
        assertThat(questions.get()).isZero();
        result = ProbeResult.passed("good");
        log.await("1 load 0.5");
        assertThat(log.lines().get(1)).startsWith("1 UP");
    }

    @Test
    void noAnswerIsNoLoadAndTheQuestionIsRepeated() throws Exception {
        load = OptionalDouble.empty();
        monitor.watch(List.of(server(1)));
        log.await("1 UP");
        while (questions.get() < 5) {
            Thread.sleep(1);
        }
        assertThat(log.lines()).hasSize(1);
        load = OptionalDouble.of(1.5);
        log.await("1 load 1.5");
    }

    @Test
    void aServerWithoutLoadIsNotAskedAnyMore() throws Exception {
        monitor.watch(List.of(server(1)));
        log.await("1 load 0.5");
        monitor.watch(List.of(server(1, null)));
        monitor.watch(List.of(server(1, null), server(2, null)));
        log.await("2 UP");
        int before = questions.get();
        Thread.sleep(50);
        assertThat(questions.get()).isEqualTo(before);
    }

    @Test
    void theWeightThatAProgramDemandsIsToldAfterTheHealth() throws Exception {
        result = ProbeResult.passed("exit code 7", 5);
        monitor.watch(List.of(server(1, null)));
        log.await("1 weight 5");
        assertThat(log.lines().getFirst()).startsWith("1 UP");
    }

    private static MonitoredServer server(int number) {
        return server(
                number,
                new LoadConfig(
                        LoadConfig.Source.AGENT,
                        List.of(),
                        "",
                        1,
                        Duration.ofMillis(5),
                        Duration.ofSeconds(1)));
    }

    private static MonitoredServer server(int number, @Nullable LoadConfig load) {
        Duration often = Duration.ofMillis(5);
        CheckTiming timing = new CheckTiming(often, Duration.ofSeconds(5), often, 1, 1, true, 0);
        IpAddress address = IpAddress.v4(0x7f000001);
        return new MonitoredServer(
                new ServerKey(
                        ServiceId.of(ServiceId.TCP, address, 80), new ServerId(address, number)),
                ForwardingMethod.ROUTE,
                List.of(
                        new CheckConfig(
                                new Probe.TcpConnect(),
                                address,
                                number,
                                CheckConfig.Path.DIRECT,
                                timing)),
                load);
    }
}
