package io.weir.control.lvscf;

import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckTiming;
import io.weir.control.config.LoadConfig;
import io.weir.control.config.Probe;
import io.weir.control.config.Probe.Expectation;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** Writes checks as check blocks that say everything. */
final class CheckWriter {
    private CheckWriter() {}

    /** Writes the checks of a server into its block. */
    static void write(List<CheckConfig> checks, Lines server) {
        if (checks.isEmpty()) {
            server.flag("unchecked", true);
        }
        for (CheckConfig check : checks) {
            server.block(
                    BlockKind.CHECK, "check", type(check.probe()), lines -> write(check, lines));
        }
    }

    private static String type(Probe probe) {
        return switch (probe) {
            case Probe.TcpConnect tcp -> "tcp";
            case Probe.SendExpect exchange -> exchange.udp() ? "udp" : "send_expect";
            case Probe.Datagram datagram -> "udp";
            case Probe.Program program -> "program";
            case Probe.Http http -> http.tls() ? "https" : "http";
            case Probe.Dns dns -> "dns";
            case Probe.Smtp smtp -> "smtp";
            case Probe.Ping ping -> "ping";
        };
    }

    private static void write(CheckConfig check, Lines lines) {
        if (check.path() == CheckConfig.Path.DIRECT) {
            lines.set("address", check.address());
        }
        if (!(check.probe() instanceof Probe.Ping)) {
            lines.set("port", check.port());
        }
        if (check.path() == CheckConfig.Path.THROUGH_SERVICE) {
            lines.set("via", "service");
        }
        CheckTiming timing = check.timing();
        lines.set("interval", timing.interval());
        lines.set("timeout", timing.timeout());
        lines.set("retry_interval", timing.retryInterval());
        lines.set("fall", timing.fall());
        lines.set("rise", timing.rise());
        if (!timing.firstPass()) {
            lines.flag("first_pass", false);
        }
        lines.unless(0, "jitter", timing.jitterPercent());
        switch (check.probe()) {
            case Probe.TcpConnect tcp -> {}
            case Probe.Ping ping -> {}
            case Probe.SendExpect exchange -> exchange(exchange, lines);
            case Probe.Datagram datagram -> datagram(datagram, lines);
            case Probe.Program program -> {
                lines.set("command", program.command());
                answer(program.expect(), true, lines);
                if (program.dynamicWeight()) {
                    lines.flag("dynamic_weight", true);
                }
            }
            case Probe.Http http -> http(http, lines);
            case Probe.Dns dns -> {
                lines.set("name", dns.name());
                lines.set("type", dns.type());
                if (dns.tcp()) {
                    lines.flag("tcp", true);
                }
            }
            case Probe.Smtp smtp -> lines.set("name", smtp.heloName());
        }
    }

    private static void exchange(Probe.SendExpect exchange, Lines lines) {
        lines.unless("", exchange.udp() ? "payload" : "send", Escapes.write(exchange.send()));
        // With an expectation a datagram is nanny's, whatever that is.
        if (exchange.udp() || !exchange.expect().equals(new Expectation.Prefix(""))) {
            answer(exchange.expect(), false, lines);
        }
    }

    private static void datagram(Probe.Datagram datagram, Lines lines) {
        lines.set("payload", Escapes.write(datagram.payload()));
        lines.flag("answer_required", datagram.answerRequired());
        lines.set("min_length", datagram.minAnswerBytes());
        lines.set("max_length", datagram.maxAnswerBytes());
    }

    private static void http(Probe.Http http, Lines lines) {
        lines.set("path", http.path());
        if (http.host() != null) {
            lines.set("host", http.host());
        }
        if (http.tls()) {
            lines.flag("sni", http.serverName());
            lines.flag("verify", http.verify());
        }
        lines.set(
                "status",
                http.statuses().stream().map(each -> each.low() + "-" + each.high()).toList());
        if (http.digest() != null) {
            lines.set("digest", http.digest());
        }
        answer(
                http.body() instanceof Expectation.Prefix prefix
                        ? new Expectation.Matching("\\A" + Escapes.regex(prefix.text()))
                        : http.body(),
                false,
                lines);
    }

    /**
     * Writes what is expected.
     *
     * @param exactly expect means the whole answer, and not its beginning
     */
    private static void answer(@Nullable Expectation expect, boolean exactly, Lines lines) {
        switch (expect) {
            case null -> {}
            case Expectation.Anything anything -> lines.set("expect", "*");
            case Expectation.Matching matching ->
                    lines.set("regex", Escapes.text(matching.expression()));
            case Expectation.NotMatching(String expression) ->
                    lines.set("not_regex", Escapes.text(expression));
            case Expectation.Prefix prefix -> {
                if (exactly) {
                    lines.set("regex", "\\A" + Escapes.regex(prefix.text()));
                } else {
                    lines.set("expect", text(prefix.text()));
                }
            }
            case Expectation.Exactly all -> {
                if (exactly) {
                    lines.set("expect", text(all.text()));
                } else {
                    lines.set("regex", "\\A" + Escapes.regex(all.text()) + "\\z");
                }
            }
        }
    }

    private static String text(String bytes) {
        return bytes.equals("*") ? "\\x2a" : Escapes.write(bytes);
    }

    /** Writes where the load of a server comes from. */
    static void write(LoadConfig load, Lines server) {
        switch (load.source()) {
            case COMMAND -> server.set("load_monitor", load.command());
            case HTTP -> {
                server.set("load_monitor", "http");
                server.set("load_port", load.port());
                server.set("load_path", load.path());
            }
            case AGENT -> {
                server.set("load_monitor", "agent");
                server.set("load_port", load.port());
            }
        }
        server.set("load_interval", load.period());
        server.set("load_timeout", load.timeout());
    }
}
