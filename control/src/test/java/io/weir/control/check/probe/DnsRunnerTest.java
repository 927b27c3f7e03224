package io.weir.control.check.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.Probe;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;

/** DNS checks of servers on loopback that build their messages by hand; RFC 1035 §4.1. */
final class DnsRunnerTest {
    private static final ProbeTransport TRANSPORT = ProbeTransport.best();
    private static final Probe.Dns SOA = new Probe.Dns("example.com.", "SOA", false);
    private static final int HEADER_BYTES = 12;

    private static ProbeRunner runner(ProbeTransport transport) {
        return new DnsRunner(new TcpConnector(transport), new UdpConnector(transport));
    }

    private static ProbeResult ask(DatagramPeer.Answer answer) throws Exception {
        try (ProbeTrial trial = new ProbeTrial(TRANSPORT);
                DatagramPeer peer = DatagramPeer.start(answer)) {
            return trial.run(
                    runner(TRANSPORT), ProbeTrial.check(SOA, peer.port()), Duration.ofMillis(1500));
        }
    }

    /** A response with the query's number and question, and no records. */
    private static String response(String query, int code) {
        StringBuilder response = new StringBuilder(query);
        response.setCharAt(2, (char) 0x84);
        response.setCharAt(3, (char) code);
        return response.toString();
    }

    /** The same with one A record whose name points at the question's. */
    private static String responseWithRecord(String query) {
        StringBuilder response = new StringBuilder(response(query, 0));
        response.setCharAt(7, (char) 1);
        return response.append("\u00c0\u000c\0\1\0\1\0\0\0\7\0\4\u007f\0\0\1").toString();
    }

    @ParameterizedTest
    @EnumSource
    void aResponseWithoutErrorPasses(ProbeTransport transport) throws Exception {
        try (ProbeTrial trial = new ProbeTrial(transport);
                DatagramPeer peer =
                        DatagramPeer.start((client, query) -> responseWithRecord(query))) {
            assertThat(trial.run(runner(transport), ProbeTrial.check(SOA, peer.port())))
                    .isEqualTo(ProbeResult.passed("1 records"));
        }
        assertThat(ask((client, query) -> response(query, 0)))
                .isEqualTo(ProbeResult.passed("0 records"));
    }

    @Test
    void theQueryAsksForTheRecord() throws Exception {
        StringBuilder seen = new StringBuilder();
        ask(
                (client, query) -> {
                    seen.append(query);
                    return response(query, 0);
                });
        // RD, one question: example.com. SOA IN.
        assertThat(seen.substring(2)).isEqualTo("\1\0\0\1\0\0\0\0\0\0\7example\3com\0\0\6\0\1");
    }

    @Test
    void anErrorFails() throws Exception {
        assertThat(ask((client, query) -> response(query, 2)))
                .isEqualTo(ProbeResult.failed("response ServFail(2)"));
        assertThat(ask((client, query) -> response(query, 5)))
                .isEqualTo(ProbeResult.failed("response Refused(5)"));
        // A server that understood nothing sends the header alone.
        assertThat(
                        ask(
                                (client, query) -> {
                                    StringBuilder header = new StringBuilder(response(query, 1));
                                    header.setCharAt(5, '\0');
                                    return header.substring(0, HEADER_BYTES);
                                }))
                .isEqualTo(ProbeResult.failed("response FormErr(1)"));
    }

    @Test
    void foreignResponsesAreNotHeard() throws Exception {
        assertThat(
                        ask(
                                (client, query) ->
                                        (char) (query.charAt(0) ^ 1)
                                                + response(query, 0).substring(1)))
                .isEqualTo(ProbeResult.failed(ProbeTrial.CANCELLED));
        assertThat(ask((client, query) -> response(query.replace("example", "exampla"), 0)))
                .isEqualTo(ProbeResult.failed(ProbeTrial.CANCELLED));
        assertThat(
                        ask(
                                (client, query) -> {
                                    DatagramPeer.sendFromElsewhere(client, response(query, 2));
                                    return responseWithRecord(query);
                                }))
                .isEqualTo(ProbeResult.passed("1 records"));
    }

    @Test
    void rubbishFails() throws Exception {
        assertThat(ask((client, query) -> query).detail()).startsWith("not a DNS response: ");
        assertThat(ask((client, query) -> "x").passed()).isFalse();
    }

    @Test
    void aClosedPortFails() throws Exception {
        try (ProbeTrial trial = new ProbeTrial(TRANSPORT)) {
            assertThat(
                            trial.run(
                                    runner(TRANSPORT),
                                    ProbeTrial.check(SOA, DatagramPeer.closedPort())))
                    .isEqualTo(ProbeResult.failed("connection refused"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void tcpIsSpokenToo(ProbeTransport transport) throws Exception {
        Probe.Dns overTcp = new Probe.Dns(".", "NS", true);
        LoopbackServer.Treatment server =
                connection -> {
                    int length = connection.getInputStream().read() << 8;
                    length |= connection.getInputStream().read();
                    byte[] query = connection.getInputStream().readNBytes(length);
                    String response =
                            response(
                                    new String(query, java.nio.charset.StandardCharsets.ISO_8859_1),
                                    0);
                    LoopbackServer.send(
                            connection, "" + (char) (length >> 8) + (char) (length & 0xff));
                    LoopbackServer.send(connection, response);
                };
        try (ProbeTrial trial = new ProbeTrial(transport);
                LoopbackServer good = LoopbackServer.start(server);
                LoopbackServer cut =
                        LoopbackServer.start(
                                connection -> {
                                    connection.getInputStream().read();
                                    LoopbackServer.send(connection, "\0 half");
                                })) {
            assertThat(trial.run(runner(transport), ProbeTrial.check(overTcp, good.port())))
                    .isEqualTo(ProbeResult.passed("0 records"));
            assertThat(trial.run(runner(transport), ProbeTrial.check(overTcp, cut.port())).passed())
                    .isFalse();
        }
    }

    @Test
    void aQuestionThatNobodyCanAskFails() throws Exception {
        try (ProbeTrial trial = new ProbeTrial(TRANSPORT)) {
            for (Probe.Dns asked :
                    new Probe.Dns[] {
                        new Probe.Dns("example.com", "NONSENSE", false),
                        new Probe.Dns("a".repeat(64) + ".com", "A", false)
                    }) {
                assertThat(trial.run(runner(TRANSPORT), ProbeTrial.check(asked, 53)).detail())
                        .startsWith("no question can be made: ");
            }
        }
    }
}
