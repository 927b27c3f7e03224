package io.weir.dataplane.worker;

import io.weir.dataplane.director.Synchronisation;
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
import java.util.function.Consumer;

/**
 * Passes on to the workers' threads what synchronisation daemons want of them. Every worker reports
 * its own connections; every worker is given what others tell, and takes what is about its own
 * clients. Any thread.
 */
final class WorkerSync implements SyncWorker {
    private final WorkerGroup group;
    private volatile int backupSyncId;

    WorkerSync(WorkerGroup group) {
        this.group = group;
    }

    private long setting(Sysctl sysctl) {
        return group.ask(worker -> worker.director().sysctls().value(sysctl));
    }

    private void onEach(Consumer<Synchronisation> command) {
        group.onEach(
                worker -> {
                    command.accept(worker.director().synchronisation());
                    return worker;
                });
    }

    /** For what any thread may do, without waiting for the workers. */
    private void beside(Consumer<Synchronisation> news) {
        for (Worker worker : group.workers()) {
            news.accept(worker.director().synchronisation());
        }
    }

    @Override
    public int ports() {
        return (int) setting(Sysctl.SYNC_PORTS);
    }

    @Override
    public boolean mixesFamilies() {
        List<ServiceListing> services = group.ask(worker -> worker.director().services());
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
        onEach(sync -> sync.reporter().start(daemon, ports, transport));
    }

    @Override
    public void stopMaster() {
        onEach(sync -> sync.reporter().stop());
    }

    @Override
    public boolean resyncs() {
        return setting(Sysctl.SYNC_RESYNC) != 0;
    }

    @Override
    public void startBackup(SyncDaemon daemon, @Nullable SyncTransport asking) {
        backupSyncId = daemon.syncId();
        onEach(sync -> sync.startBackup(daemon, asking));
    }

    @Override
    public void askAgain() {
        onEach(Synchronisation::askAgain);
    }

    @Override
    public void stopBackup() {
        onEach(Synchronisation::stopBackup);
    }

    @Override
    public void received(byte[] message, int length) {
        if (length == ResyncMessage.BYTES && tookResync(message, length)) {
            return;
        }
        byte[] copy = Arrays.copyOf(message, length);
        for (Worker worker : group.workers()) {
            if (worker.director().synchronisation().receiver().offer(copy)) {
                worker.commands().wake();
            } else {
                // The worker never counts this reason, and one thread receives.
                worker.drops().count(DropReason.SYNC_BUSY);
            }
        }
    }

    private boolean tookResync(byte[] message, int length) {
        if (ResyncMessage.is(ResyncMessage.ANSWER, message, length, backupSyncId)) {
            beside(Synchronisation::heardAnswer);
            return true;
        }
        if (ResyncMessage.is(ResyncMessage.REQUEST, message, length, backupSyncId)) {
            beside(Synchronisation::heardRequest);
            return true;
        }
        return false;
    }

    @Override
    public void heard(byte[] message, int length, int syncId) {
        if (ResyncMessage.is(ResyncMessage.REQUEST, message, length, syncId)) {
            beside(Synchronisation::heardRequest);
            for (Worker worker : group.workers()) {
                worker.commands().wake();
            }
        }
    }
}
