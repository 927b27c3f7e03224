package io.weir.control.lvscf;

import static io.weir.control.lvscf.DirectiveRow.has;
import static io.weir.control.lvscf.DirectiveRow.refused;

import io.weir.control.config.FloatingAddress;
import io.weir.control.config.SyncGroupConfig;
import io.weir.control.config.VrrpInstanceConfig;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/** The keys of vrrp and vrrp_sync_group blocks. */
final class VrrpRows {
    private static final BlockKind VRRP = BlockKind.VRRP;

    private VrrpRows() {}

    static List<DirectiveRow> all() {
        FloatingAddress vip = new FloatingAddress(Reads.address("192.0.2.1"), 32, "eth0", "eth0:1");
        return List.of(
                view("interface = eth3", VrrpInstanceConfig::device, "eth3"),
                view("virtual_router_id = 51", VrrpInstanceConfig::routerId, 51),
                refused(VRRP, "virtual_router_id = 256", ":3: virtual_router_id: 256 is not a n"),
                view("priority = 150", VrrpInstanceConfig::priority, 150),
                view("backup_priority = 50", VrrpInstanceConfig::priority, 100),
                view("advert_int = 0.1", VrrpInstanceConfig::interval, Duration.ofMillis(100)),
                refused(VRRP, "advert_int = 0.1\nversion = 2", ":4: VRRP version 2 has whole se"),
                refused(VRRP, "advert_int = 41", ":4: VRRP version 3 has hundredths of a second"),
                view("version = 2", VrrpInstanceConfig::version, 2),
                view("ipv6 = 1\naddress = fe80::1/64", VrrpInstanceConfig::ipv6, true),
                refused(VRRP, "version = 2\naddress = fe80::1/64", ":4: VRRP version 2 has no IP"),
                view("preempt = 0", VrrpInstanceConfig::preempt, false),
                view(
                        "preempt_delay = 1.5",
                        VrrpInstanceConfig::preemptDelay,
                        Duration.ofMillis(1500)),
                view("state = MASTER", VrrpInstanceConfig::startsActive, true),
                view(
                        "addresses = 192.0.2.1 192.0.2.8/24",
                        VrrpInstanceConfig::addresses,
                        List.of(address("192.0.2.1", 32), address("192.0.2.8", 24))),
                view(
                        "address = 192.0.2.8/24 eth1:2",
                        VrrpInstanceConfig::addresses,
                        List.of(
                                new FloatingAddress(
                                        Reads.address("192.0.2.8"), 24, "eth1", "eth1:2"))),
                view("address = 192.0.2.8", VrrpInstanceConfig::unlisted, List.of(vip)),
                view(
                        "excluded_address = fd00::8/64",
                        VrrpInstanceConfig::unlisted,
                        List.of(address("fd00::8", 64))),
                view("priority = 1", VrrpInstanceConfig::addresses, List.of(vip)),
                view(
                        "source = 192.0.2.11",
                        VrrpInstanceConfig::source,
                        Reads.address("192.0.2.11")),
                view(
                        "peers = 192.0.2.11 192.0.2.12",
                        VrrpInstanceConfig::peers,
                        List.of(Reads.address("192.0.2.11"), Reads.address("192.0.2.12"))),
                refused(VRRP, "peers = fe80::1", ":4: fe80::1 is not of the family of the addre"),
                view("password = s3cret\nversion = 2", VrrpInstanceConfig::password, "s3cret"),
                refused(VRRP, "password = s3cret", ":4: VRRP version 3 has no password"),
                view("checksum = pseudo_header", VrrpInstanceConfig::ipv4PseudoHeader, true),
                view("checksum = message", VrrpInstanceConfig::ipv4PseudoHeader, false),
                view(
                        "track_interface = eth1 eth2",
                        VrrpInstanceConfig::trackedDevices,
                        List.of("eth1", "eth2")),
                view("garp_count = 2", each -> each.announcements().count(), 2),
                view(
                        "garp_interval = 1",
                        each -> each.announcements().interval(),
                        Duration.ofSeconds(1)),
                view("garp_again = 3", each -> each.announcements().again(), Duration.ofSeconds(3)),
                view("garp_refresh = 0", each -> each.announcements().refresh(), Duration.ZERO),
                has(
                        BlockKind.SYNC_GROUP,
                        "group = one",
                        each -> each.syncGroups(),
                        List.of(new SyncGroupConfig("all", List.of("one")))),
                refused(BlockKind.SYNC_GROUP, "group = two", ":7: there is no vrrp block two"));
    }

    private static FloatingAddress address(String text, int length) {
        return new FloatingAddress(Reads.address(text), length, "eth0", null);
    }

    private static DirectiveRow view(
            String lines, Function<VrrpInstanceConfig, Object> view, Object expected) {
        return has(
                VRRP,
                lines,
                each -> Objects.requireNonNull(view.apply(each.vrrp().getFirst())),
                expected);
    }
}
