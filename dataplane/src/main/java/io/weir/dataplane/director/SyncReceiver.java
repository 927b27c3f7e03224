package io.weir.dataplane.director;

import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.sync.SyncCounters;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncEntry;
import io.weir.dataplane.sync.SyncMessageReader;

import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * The backup daemon's work on the connection table: takes messages while the daemon runs. Owned by
 * the worker, but for {@link #offer}.
 *
 * <p>Messages wait in a queue of their own, so that a flood of them costs nothing but themselves.
 */
public final class SyncReceiver {
    /** The most messages that wait: far more than a burst of the kernel's. */
    static final int MOST_WAITING = 1024;

    /** How many are taken between two bursts of packets. */
    private static final int PER_CYCLE = 4;

    private final SyncedConnections connections;
    private final MpscVarHandleArrayQueue<byte[]> waiting =
            new MpscVarHandleArrayQueue<>(MOST_WAITING);
    private final DropCounters drops;
    private final SyncCounters counters;
    private final WorkerShare share;
    private final SyncMessageReader reader = new SyncMessageReader();
    private final SyncEntry entry = new SyncEntry();
    private @Nullable SyncDaemon daemon;

    SyncReceiver(
            SyncedConnections connections,
            DropCounters drops,
            SyncCounters counters,
            WorkerShare share) {
        this.connections = connections;
        this.drops = drops;
        this.counters = counters;
        this.share = share;
    }

    /** Takes messages from now on, with the daemon's id and not longer than it says. */
    public void start(SyncDaemon backup) {
        daemon = backup;
    }

    boolean runs() {
        return daemon != null;
    }

    /** Takes no messages any more. */
    public void stop() {
        daemon = null;
    }

    /**
     * Has a message taken in one of the next cycles; any thread.
     *
     * @param message stays as it is from now on
     * @return false if too many wait
     */
    public boolean offer(byte[] message) {
        return waiting.offer(message);
    }

    /** Takes some of the messages that wait. Returns how many. */
    int work() {
        int taken = 0;
        while (taken < PER_CYCLE) {
            byte[] message = waiting.poll();
            if (message == null) {
                break;
            }
            receive(message, message.length);
            taken++;
        }
        return taken;
    }

    /** Takes a message; at most 255 entries, and what is wrong with it is counted. */
    void receive(byte[] message, int length) {
        SyncDaemon backup = daemon;
        if (backup == null) {
            return;
        }
        switch (reader.begin(message, length, backup.syncId(), backup.maxLength())) {
            case READABLE -> {
                if (share.first()) {
                    counters.messageReceived(length);
                }
                takeEntries();
            }
            case MALFORMED -> refuse(DropReason.SYNC_MALFORMED);
            case TOO_LONG -> refuse(DropReason.SYNC_TOO_LONG);
            case OTHER_ID -> refuse(DropReason.SYNC_OTHER_ID);
        }
    }

    // Every worker gets every message, and takes its own clients' entries.
    private void refuse(DropReason reason) {
        if (share.first()) {
            drops.count(reason);
        }
    }

    private void takeEntries() {
        while (true) {
            switch (reader.next(entry)) {
                case ENTRY -> {
                    if (!share.owns(entry)) {
                        continue;
                    }
                    counters.entryReceived();
                    connections.take(entry, reader.version1());
                }
                case SKIPPED -> refuse(DropReason.SYNC_UNUSABLE);
                case BROKEN -> {
                    refuse(DropReason.SYNC_MALFORMED);
                    return;
                }
                case END -> {
                    return;
                }
            }
        }
    }

    /** See {@link SyncedConnections#claim}. */
    int claim(Packet packet) {
        return connections.claim(packet);
    }
}
