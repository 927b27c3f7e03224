package io.weir.dataplane.sync;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts, stops and lists the two daemons, as the kernel does (recorded: daemon-errors,
 * daemon-opts). Any thread.
 */
public final class SyncDaemons {
    private static final int UDP_HEADER = 8;
    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;

    /** What a master assumes of every link, and a backup at least. */
    private static final int ETHERNET_MTU = 1500;

    private static final int MAX_PACKET = 65535;

    /** A backup takes messages of this length whatever it was told. */
    private static final int LEAST_BACKUP_LENGTH = 1024;

    private final SyncNetwork network;
    private final SyncWorker worker;
    private @Nullable Running master;
    private @Nullable Running backup;

    private record Running(SyncDaemon daemon, int ports, List<Closeable> sockets) {}

    /**
     * Makes the two, not running.
     *
     * @param network where they have their sockets
     * @param worker whose connections they synchronise
     */
    public SyncDaemons(SyncNetwork network, SyncWorker worker) {
        this.network = network;
        this.worker = worker;
    }

    /** Starts a daemon; see {@link io.weir.dataplane.service.Administration#startSyncDaemon}. */
    public synchronized SyncDaemonResult start(SyncDaemon asked) {
        int mtu = network.mtu(asked.interfaceName());
        if (mtu == 0) {
            return SyncDaemonResult.NO_INTERFACE;
        }
        if (worker.mixesFamilies()) {
            return SyncDaemonResult.MIXED_FAMILIES;
        }
        if (running(asked.role()) != null) {
            return SyncDaemonResult.ALREADY_RUNNING;
        }
        SyncDaemon daemon = asked.withMaxLength(maxLength(asked, mtu));
        // The second daemon has as many ports as the first, whatever the setting has become.
        Running other = asked.role() == SyncRole.MASTER ? backup : master;
        int ports = other == null ? worker.ports() : other.ports;
        try {
            if (asked.role() == SyncRole.MASTER) {
                master = startMaster(daemon, ports);
            } else {
                backup = startBackup(daemon, ports);
            }
            return SyncDaemonResult.DONE;
        } catch (IOException refused) {
            return SyncDaemonResult.NO_SOCKETS;
        }
    }

    private Running startMaster(SyncDaemon daemon, int ports) throws IOException {
        SyncTransport transport = network.openMaster(daemon, ports);
        Closeable listening = () -> {};
        if (worker.resyncs()) {
            try {
                listening =
                        network.openBackup(
                                daemon, 1, (m, n) -> worker.heard(m, n, daemon.syncId()));
            } catch (IOException | RuntimeException refused) {
                transport.close();
                throw refused;
            }
        }
        worker.startMaster(daemon, ports, transport);
        return new Running(daemon, ports, List.of(listening, transport::close));
    }

    private Running startBackup(SyncDaemon daemon, int ports) throws IOException {
        SyncTransport asking = worker.resyncs() ? network.openMaster(daemon, 1) : null;
        Closeable closing = asking == null ? () -> {} : asking::close;
        worker.startBackup(daemon, asking);
        try {
            Closeable listening = network.openBackup(daemon, ports, worker::received);
            return new Running(daemon, ports, List.of(listening, closing));
        } catch (IOException | RuntimeException refused) {
            worker.stopBackup();
            closing.close();
            throw refused;
        }
    }

    private static int maxLength(SyncDaemon daemon, int mtu) {
        int header = UDP_HEADER + (daemon.group().ipv6() ? IPV6_HEADER : IPV4_HEADER);
        boolean receives = daemon.role() == SyncRole.BACKUP;
        int asked = daemon.maxLength();
        if (asked == 0) {
            int usual = receives ? Math.clamp(mtu, ETHERNET_MTU, MAX_PACKET) : ETHERNET_MTU;
            return usual - header;
        }
        return Math.clamp(asked, receives ? LEAST_BACKUP_LENGTH : 1, MAX_PACKET - header);
    }

    /** Stops a daemon; see {@link io.weir.dataplane.service.Administration#stopSyncDaemon}. */
    public synchronized SyncDaemonResult stop(SyncRole role) {
        Running running = running(role);
        if (running == null) {
            return SyncDaemonResult.NOT_RUNNING;
        }
        if (role == SyncRole.MASTER) {
            master = null;
            worker.stopMaster();
        } else {
            backup = null;
        }
        if (role == SyncRole.BACKUP) {
            worker.stopBackup();
        }
        for (Closeable socket : running.sockets) {
            try {
                socket.close();
            } catch (IOException alreadyGone) {
                // there is nothing left to close
            }
        }
        return SyncDaemonResult.DONE;
    }

    /** An interface is up again: a backup that listened there may have missed something. */
    public synchronized void linkReturned(String interfaceName) {
        if (backup != null && backup.daemon.interfaceName().equals(interfaceName)) {
            worker.askAgain();
        }
    }

    /** Stops what runs. */
    public void stopAll() {
        stop(SyncRole.MASTER);
        stop(SyncRole.BACKUP);
    }

    /** The daemons that run, the master first. */
    public synchronized List<SyncDaemon> running() {
        List<SyncDaemon> running = new ArrayList<>();
        for (SyncRole role : SyncRole.values()) {
            Running one = running(role);
            if (one != null) {
                running.add(one.daemon);
            }
        }
        return running;
    }

    private @Nullable Running running(SyncRole role) {
        return role == SyncRole.MASTER ? master : backup;
    }
}
