package io.weir.dataplane.sync;

/** The balancer whose connections the daemons synchronise. Any thread may call it. */
public interface SyncWorker {
    /** The setting sync_ports: how many ports a daemon that starts now uses. */
    int ports();

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
     */
    void startBackup(SyncDaemon daemon);

    /** Ends that; connections taken stay. */
    void stopBackup();

    /**
     * Takes over a message for the backup without blocking; one for which there is no room is
     * counted and lost.
     *
     * @param message is copied: it may be used anew when this returns
     */
    void received(byte[] message, int length);
}
