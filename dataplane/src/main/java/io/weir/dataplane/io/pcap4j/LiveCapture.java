package io.weir.dataplane.io.pcap4j;

import org.jspecify.annotations.Nullable;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapHandle.BlockingMode;
import org.pcap4j.core.PcapHandle.PcapDirection;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.PcapNetworkInterface.PromiscuousMode;
import org.pcap4j.packet.namednumber.DataLinkType;

import java.io.IOException;

/**
 * An interface opened by libpcap: the only class that knows Pcap4J, loaded when a port is opened.
 */
final class LiveCapture implements AutoCloseable {
    private static final int BUFFER_BYTES = 16 << 20;

    /** Immediate mode makes it meaningless, but libpcap insists on one. */
    private static final int TIMEOUT_MILLIS = 1;

    private final PcapHandle handle;

    private LiveCapture(PcapHandle handle) {
        this.handle = handle;
    }

    static LiveCapture open(String link, int snapBytes) throws IOException {
        PcapHandle handle;
        try {
            handle =
                    new PcapHandle.Builder(link)
                            .snaplen(snapBytes)
                            .bufferSize(BUFFER_BYTES)
                            // Frames to a virtual MAC address are not the interface's own.
                            .promiscuousMode(PromiscuousMode.PROMISCUOUS)
                            .timeoutMillis(TIMEOUT_MILLIS)
                            .immediateMode(true)
                            .build();
        } catch (PcapNativeException e) {
            throw unusable(link, e.getMessage(), e);
        }
        try {
            if (!DataLinkType.EN10MB.equals(handle.getDlt())) {
                throw unusable(link, "its frames are not Ethernet frames", null);
            }
            handle.setBlockingMode(BlockingMode.NONBLOCKING);
            handle.setDirection(PcapDirection.IN);
            return new LiveCapture(handle);
        } catch (PcapNativeException | NotOpenException e) {
            handle.close();
            throw unusable(link, e.getMessage(), e);
        } catch (IOException e) {
            handle.close();
            throw e;
        }
    }

    private static IOException unusable(
            String link, @Nullable String reason, @Nullable Exception cause) {
        return new IOException(link + ": libpcap cannot use this interface: " + reason, cause);
    }

    /** The next frame, or null if none has arrived. */
    byte @Nullable [] next() {
        try {
            return handle.getNextRawPacket();
        } catch (NotOpenException e) {
            return null;
        }
    }

    /** Tells whether the frame just returned was longer than what was kept of it. */
    boolean wasCut(int length) {
        Integer original = handle.getOriginalLength();
        return original != null && original > length;
    }

    /** Sends the first bytes of an array; false if it was refused. */
    boolean send(byte[] bytes, int length) {
        try {
            handle.sendPacket(bytes, length);
            return true;
        } catch (PcapNativeException | NotOpenException e) {
            return false;
        }
    }

    /** Frames dropped because nobody took them in time, or -1 if libpcap does not know. */
    long drops() {
        try {
            return handle.getStats().getNumPacketsDropped();
        } catch (PcapNativeException | NotOpenException e) {
            return -1;
        }
    }

    @Override
    public void close() {
        handle.close();
    }
}
