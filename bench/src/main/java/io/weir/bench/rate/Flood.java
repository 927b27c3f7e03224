package io.weir.bench.rate;

import io.weir.dataplane.sys.SystemCallException;

/** A source of packets of a settable rate. */
public interface Flood extends AutoCloseable {
    /** As many packets a second as it can send. */
    int UNLIMITED = 0;

    /**
     * Sets the flags of the segments from now on, without meaning for UDP; a flood begins with SYN.
     * Any thread.
     */
    void setTcpFlags(int flags);

    /** Sets how many packets a second it sends, or {@link #UNLIMITED}; any thread. */
    void setRate(int packetsPerSecond);

    /** How many packets it has sent or tried to send; any thread. */
    long sent();

    /** Sends for a while and returns; for one thread, of the client's network namespace. */
    void send() throws SystemCallException;

    @Override
    void close();
}
