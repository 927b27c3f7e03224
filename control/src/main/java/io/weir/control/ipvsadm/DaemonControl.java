package io.weir.control.ipvsadm;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncDaemonResult;

import java.io.IOException;

/** Starts, stops and lists synchronisation daemons in the words of ipvsadm. */
final class DaemonControl {
    private DaemonControl() {}

    static SyncDaemonResult apply(Invocation invocation, Administration administration) {
        SyncDaemon daemon = invocation.requiredDaemon();
        return invocation.command() == Command.START_DAEMON
                ? administration.startSyncDaemon(daemon)
                : administration.stopSyncDaemon(daemon.role());
    }

    /**
     * What ipvsadm says when the kernel refuses with the error number of a result (recorded:
     * daemon-errors, ipv6-x46).
     */
    static String refusal(SyncDaemonResult result) {
        return switch (result) {
            case DONE -> throw new IllegalArgumentException("not refused");
            case ALREADY_RUNNING -> "Daemon has already run";
            case NOT_RUNNING -> "No daemon is running";
            case NO_INTERFACE -> "No such device";
            case MIXED_FAMILIES ->
                    "Invalid operation.  Possibly wrong module version, address not unicast, ...";
            case NO_SOCKETS -> "Cannot assign requested address";
            case NOT_SUPPORTED -> "Operation not supported";
        };
    }

    static void list(Administration administration, Appendable out) throws IOException {
        for (SyncDaemon daemon : administration.syncDaemons()) {
            IpAddress group = daemon.group();
            out.append(daemon.role().word())
                    .append(" sync daemon (mcast=")
                    .append(daemon.interfaceName())
                    .append(", syncid=" + daemon.syncId())
                    .append(", maxlen=" + daemon.maxLength())
                    .append(", group=" + group)
                    .append(", port=" + daemon.port())
                    .append(", ttl=" + daemon.ttl())
                    .append(")\n");
        }
    }
}
