package io.weir.dataplane.packet;

/**
 * The header of a plain packet as the fast path reads it, in words of 8 bytes: IPv4 without
 * options, followed by the ports of TCP or UDP. Owned by the worker.
 */
public final class PlainHeader {
    private long timeToSource;
    private long destinationToPorts;
    private int bytes;
    private long hash;
    private boolean mayBeReply;

    /**
     * Sets all.
     *
     * @param timeWord the IPv4 header from the time to live to the source
     * @param destinationWord what follows, from the destination to the ports
     * @param totalBytes the IP total length
     * @param keyHash of the end that is taken to be the client's
     * @param fromServer whether the packet may be a reply, and that end its destination
     */
    public void set(
            long timeWord, long destinationWord, int totalBytes, long keyHash, boolean fromServer) {
        timeToSource = timeWord;
        destinationToPorts = destinationWord;
        bytes = totalBytes;
        hash = keyHash;
        mayBeReply = fromServer;
    }

    /** Sets what the connection of a packet is looked for by that is not plain. */
    public void setHash(long keyHash) {
        hash = keyHash;
    }

    /** Time to live, protocol and header checksum, as they stand in the header. */
    public int timeWord() {
        return (int) (timeToSource >>> 32);
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

    /** What the packet's connection is looked for by; of any packet before if it has none. */
    public long hash() {
        return hash;
    }

    /** Whether its source may be a real server, so that {@link #hash} is of its destination. */
    public boolean mayBeReply() {
        return mayBeReply;
    }
}
