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

    /**
     * Lets packets of a SYN flood come among the others: those whose number has one of these bits
     * begin connections of some 16 million flows; any thread.
     *
     * @param bits 0 for none, 3 for three of four packets; the low bits, so that the others are of
     *     as many flows as before
     */
    void setIntruders(int bits);

    /** Sets how many packets a second it sends, or {@link #UNLIMITED}; any thread. */
    void setRate(int packetsPerSecond);

    /** How many packets it has sent or tried to send; any thread. */
    long sent();

    /** Sends for a while and returns; for one thread, of the client's network namespace. */
    void send() throws SystemCallException;

    @Override
    void close();
}
