package io.weir.dataplane.sync;

import org.jspecify.annotations.Nullable;

/** The balancer whose connections the daemons synchronise. Any thread may call it. */
public interface SyncWorker {
    /** The setting sync_ports: how many ports a daemon that starts now uses. */
    int ports();

    /** The setting sync_resync: whether a backup asks for all connections and others answer. */
    boolean resyncs();

    /** Whether a service has a server of the other family. */
    boolean mixesFamilies();

    /**
     * Lets the balancer report what its connections do from now on.
     *
     * @param daemon with its own maximum length
     * @param ports how many ports the transport has
     */
    void startMaster(SyncDaemon daemon, int ports, SyncTransport transport);

    /** Ends that; the transport is not used any more when this returns. */
    void stopMaster();

    /**
     * Lets the balancer take messages from now on.
     *
     * @param daemon with its own maximum length
     * @param asking asks others for all connections; null for not
     */
    void startBackup(SyncDaemon daemon, @Nullable SyncTransport asking);

    /** Lets the backup ask for all connections once more. */
    void askAgain();

    /** Ends that; connections taken stay. */
    void stopBackup();

    /**
     * Takes over a message for the backup without blocking; one for which there is no room is
     * counted and lost.
     *
     * @param message is copied: it may be used anew when this returns
     */
    void received(byte[] message, int length);

    /**
     * Takes a message to the master's group, where others ask for all connections.
     *
     * @param syncId the master's
     */
    void heard(byte[] message, int length, int syncId);
}
