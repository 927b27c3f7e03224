package io.weir.dataplane.sync;

/** Takes the messages of a master daemon to its group, each as a UDP datagram. */
public interface SyncTransport extends AutoCloseable {
    /**
     * Takes over a message without blocking; the worker's thread calls this.
     *
     * @param port which of the daemon's ports, from 0
     * @param message is copied: it may be used anew when this returns
     * @return false, and the message is lost, if too many wait already
     */
    boolean send(int port, byte[] message, int length);

    /** Stops; what still waits is lost. */
    @Override
    void close();
}
