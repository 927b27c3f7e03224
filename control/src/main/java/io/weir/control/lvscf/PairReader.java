package io.weir.control.lvscf;

import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.HeartbeatConfig;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Set;

/** Reads who the two routers are and how they hear each other. */
final class PairReader {
    private static final int HEARTBEAT_PORT = 539;
    private static final int KEEPALIVE = 2;
    private static final int DEADTIME = 5;

    private final Section global;
    private final Values values;
    private final Pair pair;

    /**
     * Both routers.
     *
     * @param backup null for a single router
     */
    record Pair(
            @Nullable IpAddress primary,
            @Nullable IpAddress primaryPrivate,
            @Nullable IpAddress backup,
            @Nullable IpAddress backupPrivate) {
        /** Whether a host with these addresses is the primary router. */
        boolean isPrimary(Set<IpAddress> addresses) {
            return primary != null && addresses.contains(primary);
        }

        /** Whether a host with these addresses is the other router. */
        boolean isBackup(Set<IpAddress> addresses) {
            return !isPrimary(addresses) && backup != null && addresses.contains(backup);
        }
    }

    PairReader(Section global, Values values) {
        this.global = global;
        this.values = values;
        pair = readPair();
    }

    Pair pair() {
        return pair;
    }

    private Pair readPair() {
        boolean two = global.read("backup_active", false, Values::flag);
        IpAddress primary = address("primary");
        IpAddress backup = address("backup");
        IpAddress primaryPrivate = address("primary_private");
        IpAddress backupPrivate = address("backup_private");
        if (!two) {
            if (backup != null) {
                global.note("backup", "the backup router is not used without backup_active = 1");
            }
            return new Pair(primary, primaryPrivate, null, null);
        }
        if (!global.has("primary")) {
            global.fault("backup_active", "two routers need primary = ADDRESS of the first one");
        }
        if (!global.has("backup")) {
            global.fault("backup_active", "two routers need backup = ADDRESS of the second one");
        } else if (backup == null) {
            global.note("backup", "backup 0.0.0.0 is none, so that this is a single router");
        }
        if (backup != null && backup.equals(primary)) {
            global.fault("backup", "backup is the address of the primary router; write its own");
        }
        boolean second = primaryPrivate != null && backupPrivate != null;
        if (!second && (primaryPrivate != null || backupPrivate != null)) {
            String missing = primaryPrivate == null ? "primary_private" : "backup_private";
            global.note(
                    primaryPrivate == null ? "backup_private" : "primary_private",
                    "there is no second heartbeat path without " + missing);
        }
        return new Pair(
                primary,
                second ? primaryPrivate : null,
                backup,
                second && backup != null ? backupPrivate : null);
    }

    /** An address; null if it is not there, or 0.0.0.0, as Piranha's tool leaves it. */
    private @Nullable IpAddress address(String key) {
        IpAddress address = global.find(key, values::host);
        return address != null && address.high() == 0 && address.low() == 0 ? null : address;
    }

    /** The heartbeat of the pair; null if there is no primary router to hold addresses. */
    @Nullable HeartbeatConfig heartbeat(AddressPlan plan) {
        int port = global.read("heartbeat_port", HEARTBEAT_PORT, values.port(ServiceId.TCP, 1));
        Duration keepalive = global.read("keepalive", Duration.ofSeconds(KEEPALIVE), seconds());
        Duration deadtime = global.read("deadtime", Duration.ofSeconds(DEADTIME), seconds());
        boolean monitorLinks = global.read("monitor_links", false, Values::flag);
        boolean failback = global.read("failback", false, Values::flag);
        AnnouncementConfig announcements =
                AnnouncementReader.read(global, AnnouncementConfig.DEFAULT);
        var key = global.find("heartbeat_key", Values::path);
        if (pair.backup != null && deadtime.compareTo(keepalive) <= 0) {
            global.fault(
                    "deadtime",
                    "a partner is dead after deadtime; make it longer than keepalive, which is "
                            + LvsCfText.seconds(keepalive)
                            + " s");
        }
        if (pair.primary == null) {
            return null;
        }
        return new HeartbeatConfig(
                pair.primary,
                pair.primaryPrivate == null ? pair.primary : pair.primaryPrivate,
                pair.backup,
                pair.backup == null || pair.backupPrivate == null
                        ? pair.backup
                        : pair.backupPrivate,
                port,
                keepalive,
                deadtime,
                monitorLinks,
                failback,
                key,
                plan.addresses(),
                announcements);
    }

    private static Section.Conversion<Duration> seconds() {
        return Values.seconds(Duration.ofMillis(10));
    }
}
