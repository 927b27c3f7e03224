package io.weir.control.lvscf;

import org.jspecify.annotations.Nullable;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Every key, in the order in which Piranha's tool writes them; weir's own come behind. */
final class Directives {
    private static final String NO_SHARED_DISKS = "weir has no shared disks";
    private static final String NO_FILE_COPIES =
            "weir does not copy a service's files; it never did more than to be read";

    private static final Map<BlockKind, Map<String, Directive>> ALL =
            new EnumMap<>(BlockKind.class);

    private Directives() {}

    static {
        add(BlockKind.GLOBAL, global());
        own(BlockKind.GLOBAL, 1, "failback", "heartbeat_key", "marks_file", "masquerade_file");
        own(BlockKind.GLOBAL, 1, "vrrp", "sync_vrrp", "sync_maxlen", "sync_group", "sync_port");
        own(BlockKind.GLOBAL, 1, "sync_ttl", "push_certificate", "push_key", "push_trust");
        own(BlockKind.GLOBAL, 1, "push_automatic");
        own(BlockKind.GLOBAL, 2, "push_listen", "push_partner");
        own(BlockKind.GLOBAL, Token.MOST, "notify");
        add(
                BlockKind.GLOBAL,
                List.of(
                        Directive.of("floating_address").words(2).repeat().weirs(),
                        Directive.of("mark_rule").list().repeat().weirs(),
                        Directive.of("masquerade_rule").list().repeat().weirs()));
        own(BlockKind.GLOBAL, 1, "garp_count", "garp_interval", "garp_again", "garp_refresh");
        add(BlockKind.VIRTUAL, virtual());
        own(BlockKind.VIRTUAL, 1, "sorry_port", "sorry_network", "quorum");
        add(BlockKind.VIRTUAL, List.of(Directive.of("vrrp").inherit().weirs()));
        own(BlockKind.VIRTUAL, 1, "scheduler_flags", "persistence_engine", "one_packet");
        own(BlockKind.VIRTUAL, Token.MOST, "mark_ports");
        add(BlockKind.VIRTUAL, perServer());
        add(BlockKind.FAILOVER, virtual());
        add(BlockKind.FAILOVER, failover());
        add(BlockKind.FAILOVER, perServer());
        add(BlockKind.FAILOVER, List.of(Directive.of("vrrp").inherit().weirs()));
        add(
                BlockKind.SERVER,
                List.of(
                        Directive.of("address"),
                        Directive.of("active"),
                        Directive.of("port"),
                        Directive.of("weight")));
        add(BlockKind.SERVER, nanny());
        add(BlockKind.SERVER, perServer());
        own(BlockKind.CHECK, 1, "address", "port", "via", "interval", "timeout");
        own(BlockKind.CHECK, 1, "retry_interval", "rise", "fall", "first_pass", "jitter");
        own(BlockKind.CHECK, 1, "path", "host", "sni", "verify", "digest", "not_regex");
        own(BlockKind.CHECK, Token.MOST, "status");
        own(BlockKind.CHECK, 1, "send", "payload", "expect", "regex", "name", "type");
        own(
                BlockKind.CHECK,
                1,
                "tcp",
                "dynamic_weight",
                "answer_required",
                "min_length",
                "max_length");
        own(BlockKind.CHECK, Token.MOST, "command");
        own(BlockKind.VRRP, 1, "interface", "virtual_router_id", "priority", "backup_priority");
        own(BlockKind.VRRP, 1, "advert_int", "version", "ipv6", "preempt", "preempt_delay");
        own(BlockKind.VRRP, 1, "state", "source", "password", "checksum");
        own(BlockKind.VRRP, 1, "garp_count", "garp_interval", "garp_again", "garp_refresh");
        own(BlockKind.VRRP, Token.MOST, "addresses", "peers", "track_interface");
        add(
                BlockKind.VRRP,
                List.of(
                        Directive.of("address").words(2).repeat().weirs(),
                        Directive.of("excluded_address").words(2).repeat().weirs()));
        own(BlockKind.SYNC_GROUP, Token.MOST, "group");
    }

    private static List<Directive> global() {
        return List.of(
                Directive.of("serial_no"),
                Directive.of("primary"),
                Directive.of("primary_private"),
                Directive.ignored("primary_shared", "", NO_SHARED_DISKS),
                Directive.of("service"),
                Directive.of("rsh_command"),
                Directive.of("backup_active"),
                Directive.of("backup"),
                Directive.of("backup_private"),
                Directive.ignored("backup_shared", "", NO_SHARED_DISKS),
                Directive.ignored("heartbeat", "1", "backup_active turns heartbeats on and off"),
                Directive.of("heartbeat_port"),
                Directive.of("keepalive"),
                Directive.of("deadtime"),
                Directive.of("network"),
                Directive.of("nat_router").words(2),
                Directive.of("nat_nmask"),
                Directive.ignored("reservation_conflict_action", "nothing", NO_SHARED_DISKS),
                Directive.ignored("debug_level", "NONE", "Piranha never used it either"),
                Directive.of("active_cmd").list(),
                Directive.of("inactive_cmd").list(),
                Directive.of("monitor_links"),
                Directive.of("syncdaemon"),
                Directive.of("syncd_iface"),
                Directive.of("syncd_id"),
                Directive.of("tcp_timeout"),
                Directive.of("tcpfin_timeout"),
                Directive.of("udp_timeout"),
                Directive.ignored(
                        "hard_shutdown",
                        "1",
                        "it says what the death of a nanny does, and checks run inside weir"),
                Directive.ignored("ipvsadm", "", "weir balances itself"),
                Directive.ignored("sync", "0", NO_FILE_COPIES));
    }

    private static List<Directive> virtual() {
        return List.of(
                Directive.of("active"),
                Directive.of("address").words(2),
                Directive.of("sorry_server"),
                Directive.of("vip_nmask"),
                Directive.of("fwmark"),
                Directive.of("port"),
                Directive.of("persistent"),
                Directive.of("pmask"),
                Directive.of("send").inherit(),
                Directive.of("expect").inherit(),
                Directive.of("use_regex").inherit(),
                Directive.of("send_program").list().inherit(),
                Directive.of("load_monitor").list().inherit(),
                Directive.of("scheduler"),
                Directive.of("protocol"),
                Directive.of("timeout").inherit(),
                Directive.of("reentry").inherit(),
                Directive.of("quiesce_server").inherit(),
                Directive.ignored("client_monitor", "", "checks run inside weir"),
                Directive.ignored("master", "", NO_FILE_COPIES),
                Directive.ignored("dirs", "", NO_FILE_COPIES));
    }

    private static List<Directive> failover() {
        return List.of(Directive.of("start_cmd").list(), Directive.of("stop_cmd").list());
    }

    private static List<Directive> nanny() {
        return List.of("send", "expect", "use_regex", "timeout", "reentry", "quiesce_server")
                .stream()
                .map(key -> Directive.of(key).inherit().weirs())
                .toList();
    }

    private static List<Directive> perServer() {
        UnaryOperator<Directive> shared = directive -> directive.inherit().weirs();
        return List.of(
                shared.apply(Directive.of("send_program").list()),
                shared.apply(Directive.of("load_monitor").list()),
                shared.apply(Directive.of("load_port")),
                shared.apply(Directive.of("load_path")),
                shared.apply(Directive.of("load_interval")),
                shared.apply(Directive.of("load_timeout")),
                shared.apply(Directive.of("network")),
                shared.apply(Directive.of("tunnel_type")),
                shared.apply(Directive.of("tunnel_port")),
                shared.apply(Directive.of("tunnel_checksum")),
                shared.apply(Directive.of("upper_threshold")),
                shared.apply(Directive.of("lower_threshold")),
                shared.apply(Directive.of("slow_start")),
                shared.apply(Directive.of("drain")),
                shared.apply(Directive.of("unchecked")));
    }

    private static void own(BlockKind kind, int words, String... keys) {
        for (String key : keys) {
            add(kind, List.of(Directive.of(key).words(words).weirs()));
        }
    }

    private static void add(BlockKind kind, List<Directive> directives) {
        Map<String, Directive> known = ALL.computeIfAbsent(kind, any -> new LinkedHashMap<>());
        directives.forEach(directive -> known.putIfAbsent(directive.key(), directive));
    }

    /** What a key of a kind of block is, null if there is none of that name. */
    static @Nullable Directive find(BlockKind kind, String key) {
        return known(kind).get(key);
    }

    /** The keys of a kind of block, in the order in which they are written. */
    static Set<String> keys(BlockKind kind) {
        return known(kind).keySet();
    }

    private static Map<String, Directive> known(BlockKind kind) {
        return ALL.getOrDefault(kind, Map.of());
    }
}
