package io.weir.dataplane.flow;

/**
 * The two ends of a packet, or of one quoted in an ICMP error, as the connection table compares
 * them.
 *
 * <p>An IPv4 address is its 32 bits. An IPv6 address is two longs and, once {@link
 * ConnectionTable#identify} has been asked, a 32-bit digest that stands where the IPv4 address
 * would: lines of the table are found and compared by it first, and by the whole address last.
 *
 * <p>Mutable and reused; owned by the worker.
 */
public final class Endpoints {
    private boolean ipv6;
    private int protocol;
    private int source;
    private int sourcePort;
    private int destination;
    private int destinationPort;
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;
    private int data = PersistenceData.NONE;

    public Endpoints setV4(int protocolNumber, int sourceAddress, int destinationAddress) {
        ipv6 = false;
        protocol = protocolNumber;
        source = sourceAddress;
        destination = destinationAddress;
        return this;
    }

    /** Takes IPv6 addresses; the digests stay unknown until the table is asked for them. */
    public Endpoints setV6(
            int protocolNumber, long fromHigh, long fromLow, long toHigh, long toLow) {
        ipv6 = true;
        protocol = protocolNumber;
        sourceHigh = fromHigh;
        sourceLow = fromLow;
        destinationHigh = toHigh;
        destinationLow = toLow;
        return this;
    }

    /** Takes all of another one's, the digests included. */
    public void set(Endpoints other) {
        ipv6 = other.ipv6;
        protocol = other.protocol;
        source = other.source;
        sourcePort = other.sourcePort;
        destination = other.destination;
        destinationPort = other.destinationPort;
        sourceHigh = other.sourceHigh;
        sourceLow = other.sourceLow;
        destinationHigh = other.destinationHigh;
        destinationLow = other.destinationLow;
    }

    public Endpoints setPorts(int from, int to) {
        sourcePort = from;
        destinationPort = to;
        return this;
    }

    /** Adds what a persistence engine knows the client by, to the ends of a template. */
    public void setData(int number) {
        data = number;
    }

    void setDigests(int ofSource, int ofDestination) {
        source = ofSource;
        destination = ofDestination;
    }

    public boolean ipv6() {
        return ipv6;
    }

    /** The IP protocol number; 0 for the template of a mark. */
    public int protocol() {
        return protocol;
    }

    /** A number of {@link PersistenceData}; NONE but for the template of an engine. */
    public int data() {
        return data;
    }

    /** The IPv4 address, or the digest of the IPv6 one. */
    public int source() {
        return source;
    }

    public int sourcePort() {
        return sourcePort;
    }

    /** The IPv4 address, or the digest of the IPv6 one. */
    public int destination() {
        return destination;
    }

    public int destinationPort() {
        return destinationPort;
    }

    /** The first 8 bytes of the IPv6 source. */
    public long sourceHigh() {
        return sourceHigh;
    }

    /** The last 8 bytes of the IPv6 source. */
    public long sourceLow() {
        return sourceLow;
    }

    /** The first 8 bytes of the IPv6 destination. */
    public long destinationHigh() {
        return destinationHigh;
    }

    /** The last 8 bytes of the IPv6 destination. */
    public long destinationLow() {
        return destinationLow;
    }
}
