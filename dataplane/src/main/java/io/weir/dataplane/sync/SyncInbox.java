package io.weir.dataplane.sync;

/** Takes the messages that come to a backup daemon. */
public interface SyncInbox {
    /**
     * Takes over a datagram's payload without blocking; any thread.
     *
     * @param message is copied: it may be used anew when this returns
     */
    void received(byte[] message, int length);
}
