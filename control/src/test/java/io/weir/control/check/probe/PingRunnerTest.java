package io.weir.control.check.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.weir.control.config.Probe;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.sys.SystemCallException;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Pings of loopback. */
final class PingRunnerTest {
    private static final IpAddress LOOPBACK_6 = Objects.requireNonNull(IpAddress.parse("::1"));

    private static final IpAddress BROADCAST =
            Objects.requireNonNull(IpAddress.parse("255.255.255.255"));

    @BeforeAll
    static void assumeSockets() {
        try {
            EchoSocket.open(false).close();
            EchoSocket.open(true).close();
        } catch (SystemCallException e) {
            abort("needs the right to ping, and IPv6: " + e.getMessage());
        }
    }

    @Test
    void bothFamiliesReply() throws Exception {
        try (ProbeTrial trial = new ProbeTrial(ProbeTransport.best());
                PingRunner runner = new PingRunner()) {
            for (IpAddress address : List.of(ProbeTrial.LOOPBACK, LOOPBACK_6)) {
                ProbeResult result =
                        trial.run(runner, ProbeTrial.check(new Probe.Ping(), address, 0));
                assertThat(result.passed()).as(result.detail()).isTrue();
                assertThat(result.detail()).matches("reply after \\d+\\.\\d ms");
            }
        }
    }

    @Test
    void whatCannotBeSentFailsAtOnce() throws Exception {
        try (ProbeTrial trial = new ProbeTrial(ProbeTransport.best());
                PingRunner runner = new PingRunner()) {
            assertThat(trial.run(runner, ProbeTrial.check(new Probe.Ping(), BROADCAST, 0)))
                    .isEqualTo(ProbeResult.failed("cannot send: EACCES"));
        }
    }

    @Test
    void eachOfThousandsGetsItsOwnReply() throws Exception {
        List<CompletableFuture<ProbeResult>> results = new ArrayList<>();
        try (ProbeTrial trial = new ProbeTrial(ProbeTransport.best());
                PingRunner runner = new PingRunner()) {
            for (int i = 0; i < 2000; i++) {
                CompletableFuture<ProbeResult> result = new CompletableFuture<>();
                results.add(result);
                IpAddress address = IpAddress.v4(0x7f000001 + i);
                trial.loop()
                        .execute(
                                () -> {
                                    var _ =
                                            runner.start(
                                                    ProbeTrial.check(new Probe.Ping(), address, 0),
                                                    trial.loop(),
                                                    result::complete);
                                });
                if (i % 100 == 99) {
                    // As many as fit into the socket's queue.
                    assertThat(result.get(30, TimeUnit.SECONDS).passed()).isTrue();
                }
            }
            for (CompletableFuture<ProbeResult> result : results) {
                assertThat(result.get(30, TimeUnit.SECONDS).passed()).isTrue();
            }
        }
    }
}
