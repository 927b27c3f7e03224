package io.weir.dataplane.worker;

import io.weir.dataplane.director.Director;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncTransport;
import io.weir.dataplane.sync.SyncWorker;

import java.util.Arrays;
import java.util.List;

/** Passes on to the worker's thread what synchronisation daemons want of it. Any thread. */
final class WorkerSync implements SyncWorker {
    private final Director director;
    private final CommandQueue commands;
    private final DropCounters drops;

    WorkerSync(Worker worker) {
        this.director = worker.director();
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
        // The worker reports nothing yet.
    }

    @Override
    public void stopMaster() {
        // The worker reports nothing yet.
    }

    @Override
    public void startBackup(SyncDaemon daemon) {
        commands.call(
                () -> {
                    director.syncReceiver().start(daemon);
                    return daemon;
                });
    }

    @Override
    public void stopBackup() {
        commands.call(
                () -> {
                    director.syncReceiver().stop();
                    return director;
                });
    }

    @Override
    public void received(byte[] message, int length) {
        if (director.syncReceiver().offer(Arrays.copyOf(message, length))) {
            commands.wake();
        } else {
            // The worker never counts this reason, and one thread receives.
            drops.count(DropReason.SYNC_BUSY);
        }
    }
}
