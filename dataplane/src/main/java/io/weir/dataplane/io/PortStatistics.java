package io.weir.dataplane.io;

/**
 * What a port has seen since it was opened.
 *
 * @param receivedFrames frames handed to the worker
 * @param receivedBytes their bytes
 * @param receiveDrops frames that the kernel dropped because the receive ring was full
 * @param receiveTruncated frames left out because they did not fit a slot of the ring
 * @param transmittedFrames frames the network took
 * @param transmittedBytes their bytes
 * @param transmitErrors frames the network refused
 */
public record PortStatistics(
        long receivedFrames,
        long receivedBytes,
        long receiveDrops,
        long receiveTruncated,
        long transmittedFrames,
        long transmittedBytes,
        long transmitErrors) {
    /** Those of both. */
    public PortStatistics plus(PortStatistics other) {
        return new PortStatistics(
                receivedFrames + other.receivedFrames,
                receivedBytes + other.receivedBytes,
                receiveDrops + other.receiveDrops,
                receiveTruncated + other.receiveTruncated,
                transmittedFrames + other.transmittedFrames,
                transmittedBytes + other.transmittedBytes,
                transmitErrors + other.transmitErrors);
    }
}
