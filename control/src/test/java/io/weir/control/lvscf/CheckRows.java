package io.weir.control.lvscf;

import static io.weir.control.lvscf.DirectiveRow.has;
import static io.weir.control.lvscf.DirectiveRow.refused;

import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckTiming;
import io.weir.control.config.Probe;
import io.weir.control.config.Probe.Expectation;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/** The keys of check blocks. */
final class CheckRows {
    private static final BlockKind CHECK = BlockKind.CHECK;

    private CheckRows() {}

    static List<DirectiveRow> all() {
        String digest = "0123456789abcdef0123456789ABCDEF";
        return List.of(
                view("address = 10.0.0.2", CheckConfig::address, Reads.address("10.0.0.2")),
                view("port = 99", CheckConfig::port, 99),
                view("via = service", CheckConfig::path, CheckConfig.Path.THROUGH_SERVICE),
                refused(CHECK, "via = vip", ":8: via: vip is not one of direct, service"),
                refused(CHECK, "via = service", ":8: a ping cannot be sent through")
                        .inCheck("ping"),
                refused(
                        CHECK,
                        "address = 10.0.0.2\nvia = service",
                        ":8: a check through the service goes to the virtual address"),
                refused(
                        BlockKind.SERVER,
                        "network = tunnel\ncheck tcp {\nvia = service\n}",
                        ":9: checks are not sent through tunnels"),
                timing("interval = 0.5", CheckTiming::timeout, Duration.ofMillis(500)),
                timing("interval = 5", CheckTiming::retryInterval, Duration.ofSeconds(5)),
                timing("timeout = 2.125", CheckTiming::timeout, Duration.ofMillis(2125)),
                refused(CHECK, "timeout = soon", ":8: timeout: soon is not a number of seconds"),
                timing("retry_interval = 1", CheckTiming::retryInterval, Duration.ofSeconds(1)),
                timing("rise = 3", CheckTiming::rise, 3),
                timing("fall = 3", CheckTiming::fall, 3),
                timing("first_pass = 0", CheckTiming::firstPass, false),
                timing("jitter = 10", CheckTiming::jitterPercent, 10),
                probe(
                        "send_expect",
                        "send = 'GET /\\r\\n\\x00'",
                        new Probe.SendExpect(false, "GET /\r\n\0", new Expectation.Prefix(""))),
                probe(
                        "send_expect",
                        "expect = *",
                        new Probe.SendExpect(false, "", new Expectation.Anything())),
                probe(
                        "send_expect",
                        "regex = \"(?i)ok|\\d+\"",
                        new Probe.SendExpect(false, "", new Expectation.Matching("(?i)ok|\\d+"))),
                refused(CHECK, "regex = (", ":8: regex: \"(\" is not a regular expression")
                        .inCheck("send_expect"),
                refused(
                                CHECK,
                                "regex = a\nexpect = b\npayload = x",
                                ":8: expect and regex exclude each other")
                        .inCheck("udp"),
                probe(
                        "udp",
                        "payload = \"\\xde\\xad\"",
                        new Probe.Datagram("\u00de\u00ad", true, 0, 65507)),
                probe("http", "path = /alive?a=b", http(false, "/alive?a=b", 200, 299)),
                refused(CHECK, "path = alive", ":8: path: alive is not a path").inCheck("http"),
                probe("http", "status = 204", http(false, "/", 204, 204)),
                probe("http", "status = 200-399", http(false, "/", 200, 399)),
                refused(CHECK, "status = ok", ":8: status: ok is not a status").inCheck("http"),
                probe(
                        "udp",
                        "answer_required = 0\npayload = x\nmin_length = 2\nmax_length = 9",
                        new Probe.Datagram("x", false, 2, 9)),
                probe(
                        "udp",
                        "min_length = 2\npayload = x",
                        new Probe.Datagram("x", true, 2, 65507)),
                probe("udp", "max_length = 2\npayload = x", new Probe.Datagram("x", true, 0, 2)),
                probe(
                        "udp",
                        "expect = *\npayload = x",
                        new Probe.SendExpect(true, "x", new Expectation.Anything())),
                refused(CHECK, "fall = 1", ":7: check udp needs payload").inCheck("udp"),
                refused(CHECK, "min_length = 3\nmax_length = 2\npayload = x", ":8: min_length is")
                        .inCheck("udp"),
                refused(CHECK, "min_length = 3\nexpect = a\npayload = x", ":8: min_length goes")
                        .inCheck("udp"),
                probe(
                        "send_expect",
                        "not_regex = \"[45][0-9]{2}\"",
                        new Probe.SendExpect(
                                false, "", new Expectation.NotMatching("[45][0-9]{2}"))),
                probe(
                        "http",
                        "status = 200-299 404",
                        new Probe.Http(
                                false,
                                "/",
                                null,
                                false,
                                false,
                                List.of(
                                        new Probe.StatusRange(200, 299),
                                        new Probe.StatusRange(404, 404)),
                                null,
                                null)),
                probe(
                        "https",
                        "host = www.example\nverify = 1",
                        new Probe.Http(true, "/", "www.example", true, true, 200, 299, null, null)),
                probe("https", "verify = 0", http(true, "/", 200, 299)),
                probe(
                        "https",
                        "sni = 0",
                        new Probe.Http(true, "/", null, false, false, 200, 299, null, null)),
                probe(
                        "http",
                        "digest = " + digest,
                        new Probe.Http(
                                false,
                                "/",
                                null,
                                false,
                                false,
                                200,
                                299,
                                "0123456789abcdef0123456789abcdef",
                                null)),
                refused(CHECK, "digest = 12", ":8: digest: 12 is neither MD5").inCheck("http"),
                probe(
                        "http",
                        "expect = fine.",
                        new Probe.Http(
                                false,
                                "/",
                                null,
                                false,
                                false,
                                200,
                                299,
                                null,
                                new Expectation.Matching("fine\\."))),
                probe(
                        "dns",
                        "name = www.example\ntype = aaaa",
                        new Probe.Dns("www.example", "AAAA", false)),
                probe("dns", "type = A\ntcp = 1", new Probe.Dns(".", "A", true)),
                probe("dns", "tcp = 0", new Probe.Dns(".", "SOA", false)),
                probe("smtp", "name = lb.example", new Probe.Smtp("lb.example")),
                probe(
                        "program",
                        "command = /bin/probe %h\nexpect = OK",
                        new Probe.Program(
                                List.of("/bin/probe", "%h"), new Expectation.Exactly("OK"), false)),
                probe(
                        "program",
                        "dynamic_weight = 1\ncommand = /bin/probe",
                        new Probe.Program(List.of("/bin/probe"), null, true)),
                refused(CHECK, "expect = OK", ":7: a check program needs command")
                        .inCheck("program"),
                view("fall = 1", CheckConfig::port, 0).inCheck("ping"),
                refused(CHECK, "path = /", ":8: check tcp has no path"),
                refused(CHECK, "fall = 1", ":7: there is no check htp; there are dns, http,")
                        .inCheck("htp"));
    }

    private static Probe http(boolean tls, String path, int low, int high) {
        return new Probe.Http(tls, path, null, tls, false, low, high, null, null);
    }

    private static DirectiveRow probe(String type, String lines, Probe expected) {
        return view(lines, CheckConfig::probe, expected).inCheck(type);
    }

    private static DirectiveRow timing(
            String lines, Function<CheckTiming, Object> view, Object expected) {
        return view(lines, check -> view.apply(check.timing()), expected);
    }

    private static DirectiveRow view(
            String lines, Function<CheckConfig, Object> view, Object expected) {
        return has(CHECK, lines, each -> view.apply(ServiceRows.check(each)), expected);
    }
}
