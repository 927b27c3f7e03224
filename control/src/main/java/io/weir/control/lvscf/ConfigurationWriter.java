package io.weir.control.lvscf;

import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.Configuration;
import io.weir.control.config.ConnectionSyncConfig;
import io.weir.control.config.FloatingAddress;
import io.weir.control.config.HeartbeatConfig;
import io.weir.control.config.LocalServiceConfig;
import io.weir.control.config.PushConfig;
import io.weir.control.config.ServiceConfig;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.control.mark.MarkText;
import io.weir.control.masquerade.MasqueradeText;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Writes a whole configuration anew, so that reading it gives that configuration again. */
final class ConfigurationWriter {
    private final Configuration configuration;
    private final Lines lines = new Lines(BlockKind.GLOBAL, "");

    /** Those among the pair's addresses that virtual and failover blocks bring along. */
    private final List<FloatingAddress> ofBlocks;

    private ConfigurationWriter(Configuration configuration) {
        this.configuration = configuration;
        HeartbeatConfig pair = configuration.heartbeat();
        ofBlocks = pair == null ? List.of() : ofBlocks(configuration, pair.addresses());
    }

    /**
     * Writes a configuration.
     *
     * @throws IllegalArgumentException if it holds what lvs.cf cannot say
     */
    static List<LvsCfNode> write(Configuration configuration) {
        ConfigurationWriter writer = new ConfigurationWriter(configuration);
        writer.write();
        return writer.lines.nodes();
    }

    private void write() {
        boolean fos = !configuration.localServices().isEmpty();
        if (fos && !configuration.services().isEmpty()) {
            throw new IllegalArgumentException(
                    "lvs.cf has virtual services or services of the routers, not both");
        }
        lines.set("serial_no", configuration.serial());
        if (fos) {
            lines.set("service", "fos");
        }
        lines.unless(0, "tcp_timeout", configuration.timeouts().tcp());
        lines.unless(0, "tcpfin_timeout", configuration.timeouts().tcpFin());
        lines.unless(0, "udp_timeout", configuration.timeouts().udp());
        HeartbeatConfig pair = configuration.heartbeat();
        if (pair != null) {
            pair(pair);
        }
        for (var rule : configuration.marks()) {
            lines.set("mark_rule", List.of(MarkText.line(rule).split(" ", -1)));
        }
        for (var rule : configuration.masquerade()) {
            lines.set("masquerade_rule", List.of(MasqueradeText.line(rule).split(" ", -1)));
        }
        connectionSync(configuration.connectionSync());
        push(configuration.push());
        lines.command("active_cmd", configuration.scripts().onActive());
        lines.command("inactive_cmd", configuration.scripts().onStandby());
        lines.command("notify", configuration.scripts().onEvent());
        blocks();
    }

    private void blocks() {
        for (VrrpInstanceConfig vrrp : configuration.vrrp()) {
            lines.block(
                    BlockKind.VRRP, "vrrp", vrrp.name(), inner -> VrrpWriter.write(vrrp, inner));
        }
        for (var group : configuration.syncGroups()) {
            lines.block(
                    BlockKind.SYNC_GROUP,
                    "vrrp_sync_group",
                    group.name(),
                    inner -> inner.set("group", group.instances()));
        }
        Set<IpAddress> placed = new LinkedHashSet<>();
        for (ServiceConfig service : configuration.services()) {
            FloatingAddress floating =
                    service.id().isMark() ? null : find(ofBlocks, service.id().address());
            FloatingAddress once =
                    floating != null && placed.add(floating.address()) ? floating : null;
            lines.block(
                    BlockKind.VIRTUAL,
                    "virtual",
                    service.name(),
                    inner -> ServiceWriter.write(service, once, inner));
        }
        configuration.localServices().forEach(this::local);
    }

    private void local(LocalServiceConfig service) {
        FloatingAddress floating = find(ofBlocks, service.address());
        String instance = null;
        for (VrrpInstanceConfig vrrp : configuration.vrrp()) {
            List<FloatingAddress> all = new ArrayList<>(vrrp.addresses());
            all.addAll(vrrp.unlisted());
            FloatingAddress here = find(all, service.address());
            if (here != null) {
                floating = here;
                instance = vrrp.name();
            }
        }
        if (floating == null && configuration.heartbeat() != null) {
            floating = find(configuration.heartbeat().addresses(), service.address());
        }
        if (floating == null) {
            throw new IllegalArgumentException(
                    service.name() + " has an address that is on no interface");
        }
        FloatingAddress there = floating;
        String with = instance;
        lines.block(
                BlockKind.FAILOVER,
                "failover",
                service.name(),
                inner -> ServiceWriter.write(service, there, with, inner));
    }

    private static @Nullable FloatingAddress find(
            List<FloatingAddress> addresses, IpAddress wanted) {
        for (FloatingAddress each : addresses) {
            if (each.address().equals(wanted)) {
                return each;
            }
        }
        return null;
    }

    /** The addresses of blocks, if they are the last ones and in the order of the blocks. */
    private static List<FloatingAddress> ofBlocks(
            Configuration configuration, List<FloatingAddress> all) {
        Set<FloatingAddress> wanted = new LinkedHashSet<>();
        for (ServiceConfig service : configuration.services()) {
            FloatingAddress floating =
                    service.id().isMark() ? null : find(all, service.id().address());
            if (floating != null) {
                wanted.add(floating);
            }
        }
        for (LocalServiceConfig service : configuration.localServices()) {
            FloatingAddress floating = find(all, service.address());
            if (floating != null) {
                wanted.add(floating);
            }
        }
        List<FloatingAddress> last = all.subList(all.size() - wanted.size(), all.size());
        return last.equals(List.copyOf(wanted)) ? last : List.of();
    }

    private void pair(HeartbeatConfig pair) {
        lines.set("primary", pair.primary());
        IpAddress backup = pair.backup();
        IpAddress backupPrivate = pair.backupPrivate();
        boolean second = !pair.primaryPrivate().equals(pair.primary());
        if (backup != null && backupPrivate != null) {
            lines.flag("backup_active", true);
            lines.set("backup", backup);
            second |= !backupPrivate.equals(backup);
            if (second) {
                lines.set("backup_private", backupPrivate);
            }
        }
        if (second) {
            lines.set("primary_private", pair.primaryPrivate());
        }
        lines.set("heartbeat_port", pair.port());
        lines.set("keepalive", pair.keepalive());
        lines.set("deadtime", pair.deadtime());
        lines.flag("monitor_links", pair.monitorLinks());
        if (pair.failback()) {
            lines.flag("failback", true);
        }
        if (pair.key() != null) {
            lines.set("heartbeat_key", pair.key());
        }
        for (FloatingAddress address : pair.addresses()) {
            if (!ofBlocks.contains(address)) {
                lines.set("floating_address", VrrpWriter.address(address));
            }
        }
        announcements(pair.announcements(), lines);
    }

    static void announcements(AnnouncementConfig announcements, Lines lines) {
        AnnouncementConfig usual = AnnouncementConfig.DEFAULT;
        lines.unless(usual.count(), "garp_count", announcements.count());
        if (!usual.interval().equals(announcements.interval())) {
            lines.set("garp_interval", announcements.interval());
        }
        if (!usual.again().equals(announcements.again())) {
            lines.set("garp_again", announcements.again());
        }
        if (!usual.refresh().equals(announcements.refresh())) {
            lines.set("garp_refresh", announcements.refresh());
        }
    }

    private void connectionSync(@Nullable ConnectionSyncConfig sync) {
        if (sync == null) {
            return;
        }
        lines.flag("syncdaemon", true);
        lines.set("syncd_iface", sync.device());
        lines.unless(0, "syncd_id", sync.syncId());
        lines.unless(0, "sync_maxlen", sync.maxLength());
        lines.unless(0, "sync_port", sync.port());
        lines.unless(0, "sync_ttl", sync.ttl());
        if (sync.group() != null) {
            lines.set("sync_group", sync.group());
        }
        if (sync.instance() != null) {
            lines.set("sync_vrrp", sync.instance());
        }
    }

    private void push(@Nullable PushConfig push) {
        if (push == null) {
            return;
        }
        lines.set("push_certificate", push.certificate());
        lines.set("push_key", push.key());
        lines.set("push_trust", push.trust());
        socket("push_listen", push.listen());
        socket("push_partner", push.partner());
        if (push.automatic()) {
            lines.flag("push_automatic", true);
        }
    }

    private void socket(String key, @Nullable InetSocketAddress socket) {
        if (socket != null) {
            IpAddress address = IpAddress.of(socket.getAddress().getAddress());
            lines.set(key, List.of(address.toString(), Integer.toString(socket.getPort())));
        }
    }
}
