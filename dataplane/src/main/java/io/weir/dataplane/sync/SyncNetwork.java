package io.weir.dataplane.sync;

import java.io.Closeable;
import java.io.IOException;

/**
 * Where synchronisation daemons have their datagrams from: the host's UDP sockets, or a virtual
 * link. Not for the worker's thread, as opening sockets takes time.
 */
public interface SyncNetwork {
    /** The MTU of an interface; 0 if there is none of this name. */
    int mtu(String interfaceName);

    /**
     * Opens what a master needs.
     *
     * @param ports how many ports it sends to, one after the other from the daemon's
     * @throws IOException if the host refuses
     */
    SyncTransport openMaster(SyncDaemon daemon, int ports) throws IOException;

    /**
     * Lets a backup's messages arrive until the result is closed.
     *
     * @param ports how many ports it listens on, one after the other from the daemon's
     * @throws IOException if the host refuses
     */
    Closeable openBackup(SyncDaemon daemon, int ports, SyncInbox inbox) throws IOException;
}
