package io.weir.control.check.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.Probe;
import io.weir.control.config.Probe.Expectation;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;

/** UDP checks of servers on loopback. */
final class UdpRunnerTest {
    private static ProbeResult ask(ProbeTransport transport, Probe probe, String answer)
            throws Exception {
        try (ProbeTrial trial = new ProbeTrial(transport);
                DatagramPeer peer = DatagramPeer.start((peerSocket, asked) -> answer)) {
            return trial.run(
                    new UdpRunner(new UdpConnector(transport)),
                    ProbeTrial.check(probe, peer.port()));
        }
    }

    private static Probe.SendExpect expecting(Expectation expectation) {
        return new Probe.SendExpect(true, "ping\u00ff", expectation);
    }

    @ParameterizedTest
    @EnumSource
    void theAnswerCounts(ProbeTransport transport) throws Exception {
        assertThat(ask(transport, expecting(new Expectation.Exactly("pong\u00fe")), "pong\u00fe"))
                .isEqualTo(ProbeResult.passed("5 bytes"));
        assertThat(ask(transport, expecting(new Expectation.Prefix("")), "x"))
                .isEqualTo(ProbeResult.passed("1 bytes"));
        assertThat(ask(transport, expecting(new Expectation.Matching("^po+ng$")), "pang"))
                .isEqualTo(ProbeResult.failed("no match of \"^po+ng$\" in \"pang\""));
    }

    @ParameterizedTest
    @EnumSource
    void whatIsSentArrives(ProbeTransport transport) throws Exception {
        try (ProbeTrial trial = new ProbeTrial(transport);
                DatagramPeer peer =
                        DatagramPeer.start((peerSocket, asked) -> asked + asked.length())) {
            assertThat(
                            trial.run(
                                    new UdpRunner(new UdpConnector(transport)),
                                    ProbeTrial.check(
                                            expecting(new Expectation.Exactly("ping\u00ff5")),
                                            peer.port())))
                    .isEqualTo(ProbeResult.passed("6 bytes"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClosedPortObjects(ProbeTransport transport) throws Exception {
        int closed = DatagramPeer.closedPort();
        try (ProbeTrial trial = new ProbeTrial(transport)) {
            ProbeRunner runner = new UdpRunner(new UdpConnector(transport));
            for (Probe probe :
                    new Probe[] {
                        expecting(new Expectation.Anything()),
                        new Probe.Datagram("x", false, 0, 255),
                        new Probe.Datagram("x", true, 0, 255)
                    }) {
                assertThat(trial.run(runner, ProbeTrial.check(probe, closed)))
                        .isEqualTo(ProbeResult.failed("connection refused"));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void silenceIsGoodOnlyWhereItMayBe(ProbeTransport transport) throws Exception {
        try (ProbeTrial trial = new ProbeTrial(transport);
                DatagramPeer silent = DatagramPeer.silent()) {
            ProbeRunner runner = new UdpRunner(new UdpConnector(transport));
            assertThat(
                            trial.run(
                                    runner,
                                    ProbeTrial.check(
                                            new Probe.Datagram("x", false, 0, 255), silent.port())))
                    .isEqualTo(ProbeResult.passed("sent, nobody objected"));
            assertThat(
                            trial.run(
                                            runner,
                                            ProbeTrial.check(
                                                    expecting(new Expectation.Prefix("")),
                                                    silent.port()),
                                            Duration.ofMillis(100))
                                    .detail())
                    .isEqualTo(ProbeTrial.CANCELLED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theLengthOfTheAnswerCounts(ProbeTransport transport) throws Exception {
        assertThat(ask(transport, new Probe.Datagram("x", true, 3, 5), "four"))
                .isEqualTo(ProbeResult.passed("4 bytes"));
        assertThat(ask(transport, new Probe.Datagram("x", true, 5, 9), "four"))
                .isEqualTo(ProbeResult.failed("answer has 4 bytes, expected 5 to 9"));
        assertThat(ask(transport, new Probe.Datagram("x", false, 0, 3), "four"))
                .isEqualTo(ProbeResult.failed("answer has 4 bytes, expected 0 to 3"));
    }

    @ParameterizedTest
    @EnumSource
    void strangersAreNotHeard(ProbeTransport transport) throws Exception {
        DatagramPeer.Answer fromElsewhere =
                (peerSocket, asked) -> {
                    DatagramPeer.sendFromElsewhere(peerSocket, "forged");
                    return "true";
                };
        try (ProbeTrial trial = new ProbeTrial(transport);
                DatagramPeer peer = DatagramPeer.start(fromElsewhere)) {
            assertThat(
                            trial.run(
                                    new UdpRunner(new UdpConnector(transport)),
                                    ProbeTrial.check(
                                            expecting(new Expectation.Exactly("true")),
                                            peer.port())))
                    .isEqualTo(ProbeResult.passed("4 bytes"));
        }
    }
}
