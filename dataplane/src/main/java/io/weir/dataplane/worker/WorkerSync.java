package io.weir.dataplane.worker;

import io.weir.dataplane.director.Director;
import io.weir.dataplane.director.Synchronisation;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.sync.ResyncMessage;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncTransport;
import io.weir.dataplane.sync.SyncWorker;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;

/** Passes on to the worker's thread what synchronisation daemons want of it. Any thread. */
final class WorkerSync implements SyncWorker {
    private final Director director;
    private final Synchronisation sync;
    private final CommandQueue commands;
    private final DropCounters drops;
    private volatile int backupSyncId;

    WorkerSync(Worker worker) {
        this.director = worker.director();
        this.sync = director.synchronisation();
        this.commands = worker.commands();
        this.drops = worker.drops();
    }

    @Override
    public int ports() {
        return commands.call(() -> director.sysctls().get(Sysctl.SYNC_PORTS));
    }

    @Override
    public boolean mixesFamilies() {
        List<ServiceListing> services = commands.call(director::services);
        for (ServiceListing service : services) {
            boolean ipv6 = service.id().address().ipv6();
            for (ServerListing server : service.servers()) {
                if (server.id().address().ipv6() != ipv6) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public void startMaster(SyncDaemon daemon, int ports, SyncTransport transport) {
        commands.call(
                () -> {
                    sync.reporter().start(daemon, ports, transport);
                    return daemon;
                });
    }

    @Override
    public void stopMaster() {
        commands.call(
                () -> {
                    sync.reporter().stop();
                    return director;
                });
    }

    @Override
    public boolean resyncs() {
        return commands.call(() -> director.sysctls().on(Sysctl.SYNC_RESYNC));
    }

    @Override
    public void startBackup(SyncDaemon daemon, @Nullable SyncTransport asking) {
        backupSyncId = daemon.syncId();
        commands.call(
                () -> {
                    sync.startBackup(daemon, asking);
                    return daemon;
                });
    }

    @Override
    public void askAgain() {
        commands.call(
                () -> {
                    sync.askAgain();
                    return sync;
                });
    }

    @Override
    public void stopBackup() {
        commands.call(
                () -> {
                    sync.stopBackup();
                    return director;
                });
    }

    @Override
    public void received(byte[] message, int length) {
        if (length == ResyncMessage.BYTES && tookResync(message, length)) {
            return;
        }
        if (sync.receiver().offer(Arrays.copyOf(message, length))) {
            commands.wake();
        } else {
            // The worker never counts this reason, and one thread receives.
            drops.count(DropReason.SYNC_BUSY);
        }
    }

    private boolean tookResync(byte[] message, int length) {
        if (ResyncMessage.is(ResyncMessage.ANSWER, message, length, backupSyncId)) {
            sync.heardAnswer();
            return true;
        }
        if (ResyncMessage.is(ResyncMessage.REQUEST, message, length, backupSyncId)) {
            sync.heardRequest();
            return true;
        }
        return false;
    }

    @Override
    public void heard(byte[] message, int length, int syncId) {
        if (ResyncMessage.is(ResyncMessage.REQUEST, message, length, syncId)) {
            sync.heardRequest();
            commands.wake();
        }
    }
}
