package io.weir.dataplane.io.pcap;

/** A frame as a capture file has it. */
public final class CapturedFrame {
    private final long timestampNanos;
    private final int interfaceId;
    private final byte[] bytes;
    private final int originalLength;

    CapturedFrame(long timestampNanos, int interfaceId, byte[] bytes, int originalLength) {
        this.timestampNanos = timestampNanos;
        this.interfaceId = interfaceId;
        this.bytes = bytes;
        this.originalLength = originalLength;
    }

    /** When it was captured, in nanoseconds since 1970 began. */
    public long timestampNanos() {
        return timestampNanos;
    }

    /** The number of the interface in its section of a pcapng file; 0 in a pcap file. */
    public int interfaceId() {
        return interfaceId;
    }

    /** The captured bytes, from the Ethernet header on; the caller's to keep. */
    public byte[] bytes() {
        return bytes;
    }

    /** The frame's bytes on the wire; more than {@link #bytes} has if only its start was kept. */
    public int originalLength() {
        return originalLength;
    }

    public boolean isTruncated() {
        return originalLength > bytes.length;
    }
}
