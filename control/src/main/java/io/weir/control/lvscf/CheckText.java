package io.weir.control.lvscf;

import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckTiming;
import io.weir.control.config.LoadConfig;
import io.weir.control.config.Probe;
import io.weir.control.config.Probe.Expectation;
import io.weir.dataplane.net.IpAddress;

import java.util.stream.Collectors;

/** Checks in words. */
final class CheckText {
    private CheckText() {}

    static String line(CheckConfig check) {
        String through = check.path() == CheckConfig.Path.DIRECT ? "" : " through the service";
        return probe(check.probe())
                + " at "
                + endpoint(check.address(), check.port())
                + through
                + ", "
                + timing(check.timing());
    }

    static String line(LoadConfig load) {
        String source =
                switch (load.source()) {
                    case COMMAND -> "by \"" + String.join(" ", load.command()) + "\"";
                    case HTTP -> "by HTTP, port " + load.port() + ", " + load.path();
                    case AGENT -> "by the agent on port " + load.port();
                };
        return "weight by its load, " + source + ", every " + seconds(load.period());
    }

    /** An address with its port, if there is one. */
    static String endpoint(IpAddress address, int port) {
        if (port == 0) {
            return address.toString();
        }
        return address.ipv6() ? "[" + address + "]:" + port : address + ":" + port;
    }

    private static String probe(Probe probe) {
        return switch (probe) {
            case Probe.TcpConnect tcp -> "tcp connection";
            case Probe.SendExpect exchange ->
                    (exchange.udp() ? "udp: " : "tcp: ")
                            + (exchange.send().isEmpty()
                                    ? ""
                                    : "send " + quoted(exchange.send()) + ", ")
                            + answer(exchange.expect());
            case Probe.Program program ->
                    "program \""
                            + String.join(" ", program.command())
                            + "\", "
                            + (program.expect() == null ? "exit code 0" : answer(program.expect()));
            case Probe.Datagram datagram ->
                    "udp "
                            + quoted(datagram.payload())
                            + (datagram.answerRequired() ? ", any answer" : ", no answer needed");
            case Probe.Http http -> http(http);
            case Probe.Dns dns ->
                    "dns " + dns.type() + " of " + dns.name() + (dns.tcp() ? " over TCP" : "");
            case Probe.Smtp smtp -> "smtp as " + smtp.heloName();
            case Probe.Ping ping -> "ping";
        };
    }

    private static String http(Probe.Http http) {
        StringBuilder text = new StringBuilder(http.tls() ? "https " : "http ");
        text.append(http.path());
        if (http.host() != null) {
            text.append(" of ").append(http.host());
        }
        text.append(", status ")
                .append(
                        http.statuses().stream()
                                .map(Probe.StatusRange::toString)
                                .collect(Collectors.joining(" or ")));
        if (http.digest() != null) {
            text.append(", digest ").append(http.digest());
        }
        if (http.body() != null) {
            text.append(", ").append(answer(http.body()));
        }
        return text.append(http.verify() ? ", certificate verified" : "").toString();
    }

    private static String answer(Expectation expect) {
        return switch (expect) {
            case Expectation.Anything anything -> "any answer";
            case Expectation.Prefix prefix ->
                    prefix.text().isEmpty()
                            ? "no answer needed"
                            : "answer begins with " + quoted(prefix.text());
            case Expectation.Exactly exactly -> "answer is " + quoted(exactly.text());
            case Expectation.Matching matching -> "answer matches " + quoted(matching.expression());
            case Expectation.NotMatching(String expression) ->
                    "answer does not match " + quoted(expression);
        };
    }

    private static String quoted(String bytes) {
        return '"' + Escapes.write(bytes) + '"';
    }

    private static String timing(CheckTiming timing) {
        return "every "
                + seconds(timing.interval())
                + ", timeout "
                + seconds(timing.timeout())
                + ", down after "
                + timing.fall()
                + ", up after "
                + timing.rise();
    }

    private static String seconds(java.time.Duration duration) {
        return LvsCfText.seconds(duration) + " s";
    }
}
