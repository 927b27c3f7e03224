package io.weir.control.lvscf;

import static io.weir.control.lvscf.DirectiveRow.has;
import static io.weir.control.lvscf.DirectiveRow.refused;

import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.Configuration;
import io.weir.control.config.FloatingAddress;
import io.weir.control.config.HeartbeatConfig;
import io.weir.control.mark.MarkText;
import io.weir.control.masquerade.MasqueradeText;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/** The keys that stand outside all blocks. */
final class GlobalRows {
    private static final BlockKind GLOBAL = BlockKind.GLOBAL;
    private static final String PAIR =
            "\nprimary = 192.0.2.11\nbackup = 192.0.2.12\nbackup_active = 1";
    private static final String ROUTER = "\nprimary = 192.0.2.11";

    private GlobalRows() {}

    static List<DirectiveRow> all() {
        return List.of(
                has(GLOBAL, "serial_no = 0x10", Configuration::serial, 16),
                has(GLOBAL, "serial_no = 010", Configuration::serial, 8),
                refused(GLOBAL, "serial_no = new", ":1: serial_no: new is not a number from 0 to"),
                has(
                        GLOBAL,
                        "primary = 192.0.2.11",
                        pair(HeartbeatConfig::primaryPrivate),
                        Reads.address("192.0.2.11")),
                has(
                        GLOBAL,
                        "primary = web.example",
                        pair(HeartbeatConfig::primary),
                        Reads.address("192.0.2.77")),
                refused(GLOBAL, "primary = nowhere", ":1: primary: nowhere is neither an IP"),
                refused(GLOBAL, "primary = 192.0.2.256", ":1: primary: 192.0.2.256 is neither an"),
                has(
                        GLOBAL,
                        "primary_private = 10.0.0.11\nbackup_private = 10.0.0.12" + PAIR,
                        pair(HeartbeatConfig::primaryPrivate),
                        Reads.address("10.0.0.11")),
                has(
                        GLOBAL,
                        "backup_private = 10.0.0.12\nprimary_private = 10.0.0.11" + PAIR,
                        pair(HeartbeatConfig::backupPrivate),
                        Reads.address("10.0.0.12")),
                has(
                        GLOBAL,
                        "backup_private = 10.0.0.12" + PAIR,
                        pair(HeartbeatConfig::backupPrivate),
                        Reads.address("192.0.2.12")),
                has(GLOBAL, "backup = 192.0.2.12" + ROUTER, pair(HeartbeatConfig::backup), "none"),
                has(
                        GLOBAL,
                        "backup_active = 1\nbackup = 0.0.0.0" + ROUTER,
                        pair(HeartbeatConfig::backup),
                        "none"),
                refused(GLOBAL, "backup_active = 1" + ROUTER, ":1: two routers need backup ="),
                refused(GLOBAL, "backup_active = yes", ":1: backup_active: yes is neither 0 (no)"),
                refused(
                        GLOBAL,
                        "backup = 192.0.2.11\nbackup_active = 1" + ROUTER,
                        ":1: backup is the address of the primary router"),
                has(GLOBAL, "service = lvs", each -> each.services().size(), 1),
                has(GLOBAL, "service = fos", each -> each.services().size(), 0),
                refused(GLOBAL, "service = lsv", ":1: service: lsv is not one of fos, lvs; did"),
                refused(GLOBAL, "rsh_command = telnet", ":1: rsh_command: telnet is not one of"),
                has(GLOBAL, "heartbeat_port = 0x21b" + ROUTER, pair(HeartbeatConfig::port), 539),
                has(GLOBAL, "heartbeat_port = http" + ROUTER, pair(HeartbeatConfig::port), 80),
                refused(GLOBAL, "heartbeat_port = 70000", ":1: heartbeat_port: 70000 is not a"),
                has(
                        GLOBAL,
                        "keepalive = 0.25\ndeadtime = 1" + PAIR,
                        pair(HeartbeatConfig::keepalive),
                        Duration.ofMillis(250)),
                has(
                        GLOBAL,
                        "deadtime = 18\nkeepalive = 6" + PAIR,
                        pair(HeartbeatConfig::deadtime),
                        Duration.ofSeconds(18)),
                refused(GLOBAL, "deadtime = 2" + PAIR, ":1: a partner is dead after deadtime"),
                has(GLOBAL, "network = direct", each -> method(each), "Route"),
                refused(GLOBAL, "network = dr", ":1: network: dr is not one of direct, nat, tun"),
                has(
                        GLOBAL,
                        "nat_router = 10.0.0.254 eth1:1\nnat_nmask = 255.255.0.0" + ROUTER,
                        GlobalRows::firstAddress,
                        new FloatingAddress(Reads.address("10.0.0.254"), 16, "eth1", "eth1:1")),
                has(
                        GLOBAL,
                        "nat_nmask = 24\nnat_router = 10.0.0.254 eth1" + ROUTER,
                        GlobalRows::firstAddress,
                        new FloatingAddress(Reads.address("10.0.0.254"), 24, "eth1", null)),
                has(
                        GLOBAL,
                        "nat_router = 10.0.0.254 eth1:1\nnetwork = direct" + ROUTER,
                        each -> addresses(each).size(),
                        1),
                refused(GLOBAL, "nat_router = 10.0.0.254", ":1: nat_router needs an interface"),
                refused(
                        GLOBAL,
                        "nat_nmask = 255.0.255.0\nnat_router = 10.0.0.254 eth1:1",
                        ":1: nat_nmask: 255.0.255.0 is not a netmask; write one as 255.255.255.0"),
                has(
                        GLOBAL,
                        "active_cmd = /bin/up \"to me\" now",
                        each -> each.scripts().onActive(),
                        List.of("/bin/up", "to me", "now")),
                has(
                        GLOBAL,
                        "inactive_cmd = \"/bin/down  now\"",
                        each -> each.scripts().onStandby(),
                        List.of("/bin/down", "now")),
                has(
                        GLOBAL,
                        "notify = /bin/tell",
                        each -> each.scripts().onEvent(),
                        List.of("/bin/tell")),
                has(
                        GLOBAL,
                        "monitor_links = 1" + ROUTER,
                        pair(HeartbeatConfig::monitorLinks),
                        true),
                has(GLOBAL, "failback = 1" + ROUTER, pair(HeartbeatConfig::failback), true),
                has(
                        GLOBAL,
                        "heartbeat_key = /etc/weir/key" + ROUTER,
                        pair(HeartbeatConfig::key),
                        Path.of("/etc/weir/key")),
                has(GLOBAL, "syncdaemon = 0", each -> each.connectionSync() == null, true),
                sync("syncdaemon = 1", "eth0 0 0 null 0 0 null"),
                sync("syncd_iface = eth2\nsyncdaemon = 1", "eth2 0 0 null 0 0 null"),
                sync("syncd_id = 7\nsyncdaemon = 1", "eth0 7 0 null 0 0 null"),
                refused(GLOBAL, "syncd_id = 256", ":1: syncd_id: 256 is not a number from 0 to 2"),
                sync("sync_maxlen = 1400\nsyncdaemon = 1", "eth0 0 1400 null 0 0 null"),
                sync("sync_group = 224.0.0.99\nsyncdaemon = 1", "eth0 0 0 224.0.0.99 0 0 null"),
                refused(GLOBAL, "sync_group = 10.0.0.1", ":1: 10.0.0.1 is not a multicast addr"),
                sync("sync_port = 8849\nsyncdaemon = 1", "eth0 0 0 null 8849 0 null"),
                sync("sync_ttl = 3\nsyncdaemon = 1", "eth0 0 0 null 0 3 null"),
                sync("sync_vrrp = one\nsyncdaemon = 1", "eth0 0 0 null 0 0 one"),
                has(GLOBAL, "tcp_timeout = 600", each -> each.timeouts().tcp(), 600),
                has(GLOBAL, "tcpfin_timeout = 60", each -> each.timeouts().tcpFin(), 60),
                has(GLOBAL, "udp_timeout = 30", each -> each.timeouts().udp(), 30),
                refused(GLOBAL, "udp_timeout = 2678401", ":1: udp_timeout: 2678401 is not a num"),
                has(GLOBAL, "vrrp = one", each -> each.vrrp().getFirst().addresses().size(), 1),
                has(
                        GLOBAL,
                        "floating_address = 10.0.0.7/24 eth1:7" + ROUTER,
                        GlobalRows::firstAddress,
                        new FloatingAddress(Reads.address("10.0.0.7"), 24, "eth1", "eth1:7")),
                refused(GLOBAL, "floating_address = 10.0.0.7", ":1: floating_address: an interf"),
                has(
                        GLOBAL,
                        "mark_rule = tcp to 192.0.2.1 port 80,443 mark 7",
                        each -> each.marks().stream().map(MarkText::line).toList(),
                        List.of(
                                "tcp to 192.0.2.1 port 80 mark 7",
                                "tcp to 192.0.2.1 port 443 mark 7")),
                refused(GLOBAL, "mark_rule = tcp to here", ":1: mark_rule: tcp to here: here is"),
                has(
                        GLOBAL,
                        "marks_file = /etc/weir/marks",
                        each -> each.marks().stream().map(MarkText::line).toList(),
                        List.of("tcp to 192.0.2.1 port 99 mark 9")),
                refused(
                        GLOBAL,
                        "marks_file = /etc/weir/broken",
                        ":1: marks_file: /etc/weir/broken:2: nonsense"),
                refused(GLOBAL, "marks_file = /none", ":1: marks_file: /none cannot be read"),
                has(
                        GLOBAL,
                        "masquerade_rule = tcp 10.0.0.0/8 behind interface",
                        GlobalRows::masquerading,
                        List.of("tcp 10.0.0.0/8 behind interface")),
                has(
                        GLOBAL,
                        "masquerade_file = /etc/weir/masquerade",
                        GlobalRows::masquerading,
                        List.of("tcp 10.0.0.0/24 sport 20 behind 192.0.2.1")),
                has(GLOBAL, "garp_count = 3" + ROUTER, announcements(AnnouncementConfig::count), 3),
                has(
                        GLOBAL,
                        "garp_interval = 0.5" + ROUTER,
                        announcements(AnnouncementConfig::interval),
                        Duration.ofMillis(500)),
                has(
                        GLOBAL,
                        "garp_again = 0" + ROUTER,
                        announcements(AnnouncementConfig::again),
                        Duration.ZERO),
                has(
                        GLOBAL,
                        "garp_refresh = 10" + ROUTER,
                        announcements(AnnouncementConfig::refresh),
                        Duration.ofSeconds(10)));
    }

    static List<DirectiveRow> push() {
        String files = "\npush_certificate = /c.pem\npush_key = /k.pem\npush_trust = /t.pem";
        return List.of(
                has(
                        GLOBAL,
                        "push_listen = 192.0.2.11 4000" + files,
                        each -> Objects.requireNonNull(each.push()).listen(),
                        new java.net.InetSocketAddress("192.0.2.11", 4000)),
                has(
                        GLOBAL,
                        "push_partner = 192.0.2.12" + files,
                        each -> Objects.requireNonNull(each.push()).partner(),
                        new java.net.InetSocketAddress("192.0.2.12", 3637)),
                has(
                        GLOBAL,
                        "push_automatic = 1" + files,
                        each -> Objects.requireNonNull(each.push()).automatic(),
                        true),
                has(
                        GLOBAL,
                        "push_certificate = /c.pem\npush_key = /k\npush_trust = /t",
                        each -> Objects.requireNonNull(each.push()).certificate(),
                        Path.of("/c.pem")),
                has(
                        GLOBAL,
                        "push_key = /k.pem\npush_certificate = /c\npush_trust = /t",
                        each -> Objects.requireNonNull(each.push()).key(),
                        Path.of("/k.pem")),
                has(
                        GLOBAL,
                        "push_trust = /t.pem\npush_certificate = /c\npush_key = /k",
                        each -> Objects.requireNonNull(each.push()).trust(),
                        Path.of("/t.pem")),
                refused(GLOBAL, "push_automatic = 1", ": the routers trust each other by certif"));
    }

    /** Keys that are taken and do nothing. */
    static List<DirectiveRow> ignored() {
        return List.of(
                ignored("primary_shared = /dev/sda1"),
                ignored("backup_shared = /dev/sda1"),
                ignored("heartbeat = 0"),
                ignored("reservation_conflict_action = preempt"),
                ignored("debug_level = ALL"),
                ignored("hard_shutdown = 0"),
                ignored("ipvsadm = /sbin/ipvsadm"),
                ignored("sync = 1"));
    }

    private static DirectiveRow ignored(String line) {
        return has(GLOBAL, line, each -> each.services().size(), 1);
    }

    private static DirectiveRow sync(String lines, String expected) {
        return has(
                GLOBAL,
                lines,
                each -> {
                    var sync = Objects.requireNonNull(each.connectionSync());
                    return String.join(
                            " ",
                            sync.device(),
                            "" + sync.syncId(),
                            "" + sync.maxLength(),
                            "" + sync.group(),
                            "" + sync.port(),
                            "" + sync.ttl(),
                            "" + sync.instance());
                },
                expected);
    }

    private static Function<Configuration, Object> pair(Function<HeartbeatConfig, Object> view) {
        return each ->
                Objects.requireNonNullElse(
                        view.apply(Objects.requireNonNull(each.heartbeat())), "none");
    }

    private static Function<Configuration, Object> announcements(
            Function<AnnouncementConfig, Object> view) {
        return pair(each -> view.apply(each.announcements()));
    }

    private static List<FloatingAddress> addresses(Configuration configuration) {
        return Objects.requireNonNull(configuration.heartbeat()).addresses();
    }

    private static FloatingAddress firstAddress(Configuration configuration) {
        return addresses(configuration).getFirst();
    }

    private static List<String> masquerading(Configuration configuration) {
        return configuration.masquerade().stream().map(MasqueradeText::line).toList();
    }

    private static String method(Configuration configuration) {
        return Reads.onlyServer(configuration).settings().method().label();
    }
}
