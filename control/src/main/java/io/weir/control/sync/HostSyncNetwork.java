package io.weir.control.sync;

import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncInbox;
import io.weir.dataplane.sync.SyncNetwork;
import io.weir.dataplane.sync.SyncTransport;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** The host's own sockets for synchronisation daemons. Any thread but the worker's. */
public final class HostSyncNetwork implements SyncNetwork {
    private static final Logger LOG = System.getLogger("weir");

    private final Supplier<NetworkSnapshot> network;
    private final ToLongFunction<Sysctl> settings;

    /**
     * Opens nothing yet.
     *
     * @param network the host's interfaces as they are now
     * @param settings the value of a setting: sync_qlen_max and sync_sock_size are read when a
     *     daemon starts
     */
    public HostSyncNetwork(Supplier<NetworkSnapshot> network, ToLongFunction<Sysctl> settings) {
        this.network = network;
        this.settings = settings;
    }

    @Override
    public int mtu(String interfaceName) {
        for (Link link : network.get().links()) {
            if (link.name().equals(interfaceName)) {
                return link.mtu();
            }
        }
        return 0;
    }

    @Override
    public SyncTransport openMaster(SyncDaemon daemon, int ports) throws IOException {
        int most = (int) settings.applyAsLong(Sysctl.SYNC_QLEN_MAX);
        try {
            return MasterSender.open(daemon, most, bufferBytes());
        } catch (IOException | RuntimeException refused) {
            throw refused(daemon, refused);
        }
    }

    @Override
    public Closeable openBackup(SyncDaemon daemon, int ports, SyncInbox inbox) throws IOException {
        try {
            return BackupListener.open(daemon, ports, bufferBytes(), inbox);
        } catch (IOException | RuntimeException refused) {
            throw refused(daemon, refused);
        }
    }

    private int bufferBytes() {
        return (int) settings.applyAsLong(Sysctl.SYNC_SOCK_SIZE);
    }

    // Whoever asked hears of an error number only. Java has exceptions of another kind for a group
    // that is not multicast, and for a port beyond the last.
    private static IOException refused(SyncDaemon daemon, Exception cause) {
        LOG.log(
                Level.ERROR,
                "no "
                        + daemon.role().word()
                        + " sync daemon on "
                        + daemon.interfaceName()
                        + ": "
                        + cause.getMessage());
        return cause instanceof IOException refusal
                ? refusal
                : new IOException(String.valueOf(cause.getMessage()), cause);
    }
}
