package io.weir.control.router;

import io.weir.control.config.ConnectionSyncConfig;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncRole;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Which way connections are told: every router receives, so that it misses nothing in a change of
 * roles, and the active one sends. Owned by the router's thread.
 */
final class SyncDirection {
    private static final Logger LOG = System.getLogger("weir");

    private final Administration administration;
    private @Nullable ConnectionSyncConfig config;
    private String trouble = "";

    SyncDirection(Administration administration) {
        this.administration = administration;
    }

    /** Takes the configuration and the role; null leaves daemons alone from now on. */
    void settle(@Nullable ConnectionSyncConfig changed, boolean active) {
        ConnectionSyncConfig before = config;
        config = changed;
        if (before != null && !before.equals(changed)) {
            stop(SyncRole.MASTER);
            stop(SyncRole.BACKUP);
        }
        if (changed == null) {
            if (before != null) {
                administration.setStandby(false);
            }
            trouble = "";
            return;
        }
        if (before == null) {
            administration.synchroniseAsPair();
        }
        administration.setStandby(!active);
        String refusal = "";
        if (!active) {
            stop(SyncRole.MASTER);
        } else if (!running(SyncRole.MASTER)) {
            refusal = start(daemon(changed, SyncRole.MASTER));
        }
        if (refusal.isEmpty() && !running(SyncRole.BACKUP)) {
            refusal = start(daemon(changed, SyncRole.BACKUP));
        }
        trouble = refusal;
    }

    private boolean running(SyncRole role) {
        return administration.syncDaemons().stream().anyMatch(daemon -> daemon.role() == role);
    }

    private static SyncDaemon daemon(ConnectionSyncConfig config, SyncRole role) {
        return new SyncDaemon(
                role,
                config.device(),
                config.syncId(),
                config.maxLength(),
                config.group() == null ? SyncDaemon.DEFAULT_GROUP : config.group(),
                config.port() == 0 ? SyncDaemon.DEFAULT_PORT : config.port(),
                config.ttl() == 0 ? SyncDaemon.DEFAULT_TTL : config.ttl());
    }

    private void stop(SyncRole role) {
        if (running(role)) {
            administration.stopSyncDaemon(role);
        }
    }

    private String start(SyncDaemon daemon) {
        String line =
                switch (administration.startSyncDaemon(daemon)) {
                    case DONE, ALREADY_RUNNING -> "";
                    case NO_INTERFACE -> "there is no interface " + daemon.interfaceName();
                    case MIXED_FAMILIES ->
                            "a service has servers of both address families, for which the"
                                    + " protocol has no words";
                    case NO_SOCKETS ->
                            "the kernel gives no socket on interface " + daemon.interfaceName();
                    case NOT_RUNNING, NOT_SUPPORTED -> "this balancer has no network for it";
                };
        if (!line.isEmpty() && !line.equals(trouble)) {
            LOG.log(
                    Level.ERROR,
                    "connections are not synchronised as " + daemon.role().word() + ": " + line);
        }
        return line;
    }

    /** Why connections are not synchronised although they should be; empty if they are. */
    String trouble() {
        return trouble;
    }
}
