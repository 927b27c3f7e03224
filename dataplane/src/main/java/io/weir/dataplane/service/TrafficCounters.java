package io.weir.dataplane.service;

/**
 * Counters and smoothed rates of a service, a server or the whole balancer.
 *
 * <p>The worker writes; other threads may read {@link #snapshot} and get values of some instant of
 * late, each by itself correct.
 */
public final class TrafficCounters {
    private long connections;
    private long inPackets;
    private long outPackets;
    private long inBytes;
    private long outBytes;

    // What -Z leaves behind: the kernel too keeps counting and subtracts, so that rates stay right.
    private CounterSnapshot zero = CounterSnapshot.ZERO;
    private final RateEstimator rates = new RateEstimator();

    public void connection() {
        connections++;
    }

    /** A packet from a client; {@code bytes} is the IP total length. */
    public void in(int bytes) {
        inPackets++;
        inBytes += bytes;
    }

    /** A packet from a server; {@code bytes} is the IP total length. */
    public void out(int bytes) {
        outPackets++;
        outBytes += bytes;
    }

    /** Packets from clients; {@code bytes} is the sum of their IP total lengths. */
    public void in(long packets, long bytes) {
        inPackets += packets;
        inBytes += bytes;
    }

    /** Packets from servers; {@code bytes} is the sum of their IP total lengths. */
    public void out(long packets, long bytes) {
        outPackets += packets;
        outBytes += bytes;
    }

    /** Takes a sample for the rates; due every {@link RateEstimator#PERIOD_MILLIS}. */
    public void estimate() {
        rates.sample(connections, inPackets, outPackets, inBytes, outBytes);
    }

    /** Lets counting start again at 0; rates too, as ipvsadm -Z does. */
    public void zero() {
        zero =
                new CounterSnapshot(
                        connections, inPackets, outPackets, inBytes, outBytes, 0, 0, 0, 0, 0);
        rates.reset(connections, inPackets, outPackets, inBytes, outBytes);
    }

    public CounterSnapshot snapshot() {
        return new CounterSnapshot(
                connections - zero.connections(),
                inPackets - zero.inPackets(),
                outPackets - zero.outPackets(),
                inBytes - zero.inBytes(),
                outBytes - zero.outBytes(),
                rates.connectionRate(),
                rates.inPacketRate(),
                rates.outPacketRate(),
                rates.inByteRate(),
                rates.outByteRate());
    }
}
