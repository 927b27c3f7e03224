package io.weir.dataplane.packet;

import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.memory.Memory;

/**
 * The header of a plain packet as the fast path reads it, in words of 8 bytes: IPv4 without
 * options, followed by the ports of TCP or UDP. Reused for every packet; owned by the worker.
 */
public final class PlainHeader {
    private static final int LOW_16 = 0xffff;

    private long timeToSource;
    private long destinationToPorts;
    private int bytes;

    /** Reads the header at an address. */
    public void read(long ip) {
        bytes = Memory.u16(ip + 2);
        timeToSource = Memory.u64(ip + 8);
        destinationToPorts = Memory.u64(ip + 16);
    }

    public int timeToLive() {
        return (int) (timeToSource >>> 56);
    }

    /** The addresses of the header at an address: its source in the lower half of the word. */
    public static long ends(long ip) {
        return Long.rotateLeft(Memory.u64(ip + 12), Integer.SIZE);
    }

    /** The ports of that header: the source port in the upper half, the other in the lower. */
    public static int ports(long ip) {
        return Memory.u32(ip + Ipv4.MIN_HEADER_BYTES);
    }

    /** Lowers the time to live by one in the header at an address; it is not 0. */
    public static void lowerTimeToLive(long ip) {
        long word = Memory.nativeLong(ip + 8);
        // Read as the machine does, it is the low byte of the word before the checksum, and this
        // is higher by one then (RFC 1624 equation 3; a sum of all ones becomes 0).
        int checksum = (int) word >>> 16;
        if (checksum < 0xfffe) {
            Memory.putNativeLong(ip + 8, word + 0xffff);
        } else {
            long higher = checksum == 0xfffe ? 0 : 1;
            Memory.putNativeLong(ip + 8, (word & 0xffff_ffff_0000_ffffL) - 1 | higher << 16);
        }
    }

    /**
     * Corrects the header's checksum.
     *
     * @param difference a ones' complement sum of what has changed, of at most 18 bits
     */
    private void addToChecksum(int difference) {
        int sum = (~(int) (timeToSource >>> 32) & LOW_16) + difference;
        int once = (sum >>> 16) + (sum & LOW_16);
        long checksum = ~((once >>> 16) + once) & LOW_16;
        timeToSource = (timeToSource & ~(0xffffL << 32)) | checksum << 32;
    }

    /**
     * Replaces the destination.
     *
     * @param difference that of both addresses, see {@link
     *     io.weir.dataplane.checksum.ChecksumUpdate#difference}
     */
    public void setDestination(int address, int port, int difference) {
        addToChecksum(difference);
        destinationToPorts = (long) address << 32 | (destinationToPorts & 0xffff_0000L) | port;
    }

    /**
     * Replaces the source.
     *
     * @param difference that of both addresses, see {@link
     *     io.weir.dataplane.checksum.ChecksumUpdate#difference}
     */
    public void setSource(int address, int port, int difference) {
        addToChecksum(difference);
        timeToSource = (timeToSource & ~0xffff_ffffL) | (address & 0xffff_ffffL);
        destinationToPorts = (destinationToPorts & ~0xffff_0000L) | (long) port << 16;
    }

    /** Writes what may have been changed to the header at an address. */
    public void write(long ip) {
        Memory.putU64(ip + 8, timeToSource);
        Memory.putU64(ip + 16, destinationToPorts);
    }

    public int protocol() {
        return (int) (timeToSource >>> 48) & 0xff;
    }

    public int source() {
        return (int) timeToSource;
    }

    public int destination() {
        return (int) (destinationToPorts >>> 32);
    }

    /** The source port in the upper half, the destination port in the lower. */
    public int ports() {
        return (int) destinationToPorts;
    }

    /** The IP total length. */
    public int bytes() {
        return bytes;
    }
}
