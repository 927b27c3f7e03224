package io.weir.control.lvscf;

import static io.weir.control.lvscf.DirectiveRow.has;
import static io.weir.control.lvscf.DirectiveRow.refused;

import io.weir.control.config.CheckConfig;
import io.weir.control.config.Configuration;
import io.weir.control.config.FailureAction;
import io.weir.control.config.FloatingAddress;
import io.weir.control.config.LoadConfig;
import io.weir.control.config.Probe;
import io.weir.control.config.Probe.Expectation;
import io.weir.control.ipvsadm.RuleLines;
import io.weir.control.mark.MarkText;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** The keys of virtual, server and failover blocks. */
final class ServiceRows {
    private static final BlockKind VIRTUAL = BlockKind.VIRTUAL;
    private static final BlockKind SERVER = BlockKind.SERVER;
    private static final BlockKind FAILOVER = BlockKind.FAILOVER;
    private static final String UDP = "\nprotocol = udp\nsend = x";

    private ServiceRows() {}

    static List<DirectiveRow> virtual() {
        return List.of(
                has(VIRTUAL, "active = 0", each -> each.services().size(), 0),
                rule("address = 192.0.2.5 eth0:1", "-A -t 192.0.2.5:80 -s wlc"),
                refused(VIRTUAL, "address = 0.0.0.0 eth0:1", ":3: 0.0.0.0 is not the address of"),
                refused(VIRTUAL, "address = 192.0.2.5 eth0:1 x", ":3: \"x\" is too much; address"),
                refused(VIRTUAL, "address = 192.0.2.5 eth/0", ":3: address: eth/0 is not an int"),
                rule("port = domain\nprotocol = udp\nsend = x", "-A -u 192.0.2.1:53 -s wlc"),
                rule(
                        "port = 0\npersistent = 60\nfwmark = 3\nunchecked = 1",
                        "-A -f 3 -s wlc -p 60"),
                refused(VIRTUAL, "port = 0", ":4: a service on every port (port = 0) has to be p"),
                refused(VIRTUAL, "port = wbe", ":4: port: wbe is neither a port, 0 to 65535, nor"),
                rule("protocol = sctp", "-A --sctp-service 192.0.2.1:80 -s wlc"),
                refused(VIRTUAL, "protocol = udp", ":5: nothing answers over UDP unless it is a"),
                has(VIRTUAL, "vip_nmask = 255.255.255.0\nunchecked = 1", ServiceRows::noPair, true),
                refused(VIRTUAL, "vip_nmask = 255", ":4: vip_nmask: 255 is not a netmask"),
                rule("fwmark = 0xffffffff", "-A -f 4294967295 -s wlc"),
                rule("scheduler = mh", "-A -t 192.0.2.1:80 -s mh"),
                refused(VIRTUAL, "scheduler = wcl", ":4: scheduler: wcl is not one of rr, lc, wl"),
                rule(
                        "scheduler_flags = sh-port,sh-fallback\nscheduler = sh",
                        "-A -t 192.0.2.1:80 -s sh -b sh-fallback,sh-port"),
                refused(VIRTUAL, "scheduler_flags = sh-port", ":4: scheduler_flags: sh-port is "),
                rule("persistent = 300", "-A -t 192.0.2.1:80 -s wlc -p 300"),
                rule(
                        "pmask = 255.255.255.0\npersistent = 300",
                        "-A -t 192.0.2.1:80 -s wlc -p 300 -M 255.255.255.0"),
                rule("pmask = 255.255.255.255\npersistent = 3", "-A -t 192.0.2.1:80 -s wlc -p 3"),
                rule("pmask = 255.255.255.0", "-A -t 192.0.2.1:80 -s wlc"),
                refused(VIRTUAL, "pmask = 255.255.256.0", ":4: pmask: 255.255.256.0 is not a net"),
                rule(
                        "persistence_engine = sip\npersistent = 3" + UDP,
                        "-A -u 192.0.2.1:80 -s wlc -p 3 --pe sip"),
                refused(VIRTUAL, "persistence_engine = sip", ":4: a persistence engine needs pe"),
                rule("one_packet = 1" + UDP, "-A -u 192.0.2.1:80 -s wlc -o"),
                refused(VIRTUAL, "one_packet = 1", ":4: one_packet is for protocol = udp alone"),
                has(
                        VIRTUAL,
                        "mark_ports = 443 10000:20000\nfwmark = 21\nport = 21",
                        each -> each.marks().stream().map(MarkText::line).toList(),
                        List.of(
                                "tcp to 192.0.2.1 port 21 mark 21",
                                "tcp to 192.0.2.1 port 443 mark 21",
                                "tcp to 192.0.2.1 port 10000-20000 mark 21")),
                has(VIRTUAL, "mark_ports = none\nfwmark = 21", each -> each.marks().size(), 0),
                refused(VIRTUAL, "mark_ports = 9:8\nfwmark = 1", ":4: mark_ports: the ports of 9"),
                has(
                        VIRTUAL,
                        "sorry_server = 10.0.0.9",
                        ServiceRows::sorry,
                        "-a -t 192.0.2.1:80 -r 10.0.0.9:80 -m -w 1"),
                has(
                        VIRTUAL,
                        "sorry_port = 8080\nsorry_server = 10.0.0.9",
                        ServiceRows::sorry,
                        "-a -t 192.0.2.1:80 -r 10.0.0.9:8080 -m -w 1"),
                has(
                        VIRTUAL,
                        "sorry_network = direct\nsorry_server = 10.0.0.9",
                        ServiceRows::sorry,
                        "-a -t 192.0.2.1:80 -r 10.0.0.9:80 -g -w 1"),
                refused(VIRTUAL, "sorry_port = 8080", ":4: sorry_port needs a sorry_server"),
                has(VIRTUAL, "quorum = 2", each -> Reads.onlyService(each).quorum(), 2),
                refused(VIRTUAL, "vrrp = one", ":4: there is no vrrp block one"),
                has(VIRTUAL, "client_monitor = /usr/sbin/nanny", each -> each.marks().size(), 0),
                has(VIRTUAL, "master = web.example", each -> each.marks().size(), 0),
                has(VIRTUAL, "dirs = [ /a /b ]", each -> each.marks().size(), 0));
    }

    static List<DirectiveRow> server() {
        return List.of(
                has(SERVER, "active = 0", each -> Reads.onlyService(each).servers().size(), 0),
                has(
                        SERVER,
                        "address = web.example",
                        each -> Reads.onlyServer(each).id(),
                        new ServerId(Reads.address("192.0.2.77"), 80)),
                refused(SERVER, "address = fd00::1", ":6: fd00::1 and 192.0.2.1 are not of the "),
                has(SERVER, "port = 8080", each -> Reads.onlyServer(each).id().port(), 8080),
                has(
                        SERVER,
                        "port = 8080\nnetwork = direct",
                        each -> Reads.onlyServer(each).id().port(),
                        80),
                serverRule("weight = 5", "-m -w 5"),
                refused(SERVER, "weight = -1", ":7: weight: -1 is not a number from 0 to 214748"));
    }

    /** What may stand in a virtual block for all of its servers, or in one server's. */
    static List<DirectiveRow> eitherOf(BlockKind kind) {
        int line = kind == VIRTUAL ? 4 : 7;
        return List.of(
                probe(
                        kind,
                        "send = \"a\\r\\n\\.\"",
                        new Probe.SendExpect(false, "a\r\n\\.", new Expectation.Prefix(""))),
                probe(kind, "send = \"\"", new Probe.TcpConnect()),
                probe(
                        kind,
                        "expect = 'say \"hi\"'",
                        new Probe.SendExpect(false, "", new Expectation.Prefix("say \"hi\""))),
                probe(
                        kind,
                        "expect = *",
                        new Probe.SendExpect(false, "", new Expectation.Anything())),
                probe(
                        kind,
                        "use_regex = 1\nexpect = 2[0-9]{2}",
                        new Probe.SendExpect(false, "", new Expectation.Matching("2[0-9]{2}"))),
                refused(
                        kind,
                        "expect = a(\nuse_regex = 1",
                        ":" + line + ": expect: \"a(\" is not "),
                probe(
                        kind,
                        "send_program = \"/bin/probe %h\"\nexpect = OK\nuse_regex = 1",
                        new Probe.Program(
                                List.of("/bin/probe", "%h"),
                                new Expectation.Matching("OK"),
                                false)),
                probe(
                        kind,
                        "send_program = /bin/probe %h %p",
                        new Probe.Program(List.of("/bin/probe", "%h", "%p"), null, false)),
                has(
                        kind,
                        "timeout = 6",
                        each -> check(each).timing().interval(),
                        Duration.ofSeconds(6)),
                refused(kind, "timeout = 0", ":" + line + ": timeout: 0 is not a number from 1"),
                has(kind, "reentry = 15\ntimeout = 6", each -> check(each).timing().rise(), 2),
                has(kind, "reentry = 0", each -> check(each).timing().rise(), 18),
                has(
                        kind,
                        "quiesce_server = 1",
                        each -> Reads.onlyServer(each).onFailure(),
                        FailureAction.QUIESCE),
                has(kind, "unchecked = 1", each -> Reads.onlyServer(each).checks(), List.of()),
                load(kind, "load_monitor = rup", List.of("rup", "%h")),
                load(kind, "load_monitor = ruptime", List.of("ruptime", "%h")),
                load(kind, "load_monitor = uptime", List.of("rsh", "%h", "uptime")),
                load(kind, "load_monitor = /bin/load -x", List.of("/bin/load", "-x", "%h")),
                load(kind, "load_monitor = /bin/load %h -x", List.of("/bin/load", "%h", "-x")),
                has(
                        kind,
                        "load_monitor = none",
                        each -> Reads.onlyServer(each).load() == null,
                        true),
                has(
                        kind,
                        "load_path = /load\nload_monitor = http",
                        ServiceRows::load,
                        new LoadConfig(
                                LoadConfig.Source.HTTP,
                                List.of(),
                                "/load",
                                80,
                                Duration.ofSeconds(20),
                                Duration.ofSeconds(10))),
                has(
                        kind,
                        "load_port = 99\nload_monitor = agent\nload_interval = 5\n"
                                + "load_timeout = 0.5",
                        ServiceRows::load,
                        new LoadConfig(
                                LoadConfig.Source.AGENT,
                                List.of(),
                                "",
                                99,
                                Duration.ofSeconds(5),
                                Duration.ofMillis(500))),
                has(
                        kind,
                        "load_interval = 7\nload_monitor = rup",
                        each -> load(each).period(),
                        Duration.ofSeconds(7)),
                has(
                        kind,
                        "load_timeout = 7\nload_monitor = rup",
                        each -> load(each).timeout(),
                        Duration.ofSeconds(7)),
                refused(kind, "load_monitor = agent", ":" + line + ": the port of the agent is m"),
                has(
                        kind,
                        "network = tunnel",
                        each -> Reads.onlyServer(each).settings().method(),
                        ForwardingMethod.TUNNEL),
                serverRule(
                        kind,
                        "tunnel_type = gre\nnetwork = tunnel",
                        "-i -w 1 --tun-type gre --tun-nocsum"),
                serverRule(
                        kind,
                        "tunnel_port = 6080\ntunnel_type = gue\nnetwork = tunnel",
                        "-i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum"),
                serverRule(
                        kind,
                        "tunnel_checksum = full\ntunnel_type = gre\nnetwork = tunnel",
                        "-i -w 1 --tun-type gre --tun-csum"),
                refused(kind, "tunnel_type = gue\nnetwork = tunnel", ":" + line + ": tunnel_type "),
                refused(kind, "tunnel_checksum = full\nnetwork = tunnel", ":" + line + ": full is"),
                serverRule(kind, "upper_threshold = 9", "-m -w 1 -x 9"),
                serverRule(kind, "lower_threshold = 3\nupper_threshold = 9", "-m -w 1 -x 9 -y 3"),
                refused(kind, "lower_threshold = 3", ":" + line + ": lower_threshold is above u"),
                has(kind, "slow_start = 1", each -> Reads.onlyServer(each).slowStart(), true),
                has(
                        kind,
                        "drain = 30",
                        each -> Reads.onlyServer(each).drain(),
                        Duration.ofSeconds(30)));
    }

    static List<DirectiveRow> failover() {
        return List.of(
                has(
                        FAILOVER,
                        "start_cmd = \"/bin/x start\"",
                        each -> each.localServices().getFirst().start(),
                        List.of("/bin/x", "start")),
                has(
                        FAILOVER,
                        "stop_cmd = /bin/x stop",
                        each -> each.localServices().getFirst().stop(),
                        List.of("/bin/x", "stop")),
                has(FAILOVER, "active = 0", each -> each.localServices().size(), 0),
                has(FAILOVER, "port = 8080", each -> each.localServices().getFirst().port(), 8080),
                has(
                        FAILOVER,
                        "vip_nmask = 255.255.255.0",
                        each -> Objects.requireNonNull(each.heartbeat()).addresses(),
                        List.of(
                                new FloatingAddress(
                                        Reads.address("192.0.2.9"), 24, "eth0", "eth0:9"))),
                has(
                        FAILOVER,
                        "reentry = 0",
                        each -> each.localServices().getFirst().checks().getFirst().timing().rise(),
                        1),
                refused(FAILOVER, "address = 192.0.2.9", ":7: failover local needs address = "),
                refused(FAILOVER, "vrrp = one", ":8: there is no vrrp block one"));
    }

    private static boolean noPair(Configuration configuration) {
        return configuration.heartbeat() == null;
    }

    private static DirectiveRow rule(String lines, String expected) {
        return has(
                VIRTUAL,
                lines,
                each ->
                        RuleLines.service(
                                Reads.onlyService(each).id(), Reads.onlyService(each).settings()),
                expected);
    }

    private static DirectiveRow serverRule(String lines, String expected) {
        return serverRule(SERVER, lines, expected);
    }

    private static DirectiveRow serverRule(BlockKind kind, String lines, String expected) {
        return has(
                kind,
                lines,
                each ->
                        RuleLines.server(
                                Reads.onlyService(each).id(),
                                Reads.onlyServer(each).id(),
                                Reads.onlyServer(each).settings()),
                "-a -t 192.0.2.1:80 -r 10.0.0.1:80 " + expected);
    }

    private static DirectiveRow probe(BlockKind kind, String lines, Probe expected) {
        return has(kind, lines, each -> check(each).probe(), expected);
    }

    private static DirectiveRow load(BlockKind kind, String lines, List<String> command) {
        return has(kind, lines, each -> load(each).command(), command);
    }

    static CheckConfig check(Configuration configuration) {
        return Reads.onlyServer(configuration).checks().getFirst();
    }

    private static LoadConfig load(Configuration configuration) {
        return Objects.requireNonNull(Reads.onlyServer(configuration).load());
    }

    private static String sorry(Configuration configuration) {
        var service = Reads.onlyService(configuration);
        var sorry = Objects.requireNonNull(service.sorryServer());
        return RuleLines.server(service.id(), sorry.id(), sorry.settings());
    }
}
