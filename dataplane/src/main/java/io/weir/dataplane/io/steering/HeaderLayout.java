package io.weir.dataplane.io.steering;

/**
 * Where a family's packets have what the programs look at that forward known flows: offsets from
 * the IP header, which has no options or extension headers, and where the programs keep it.
 */
enum HeaderLayout {
    IPV4(0x0008, 20, 2, 8, 9, 12, 8, -52),
    IPV6(0xdd86, 40, 4, 7, 6, 8, 32, -128);

    private static final int ETHERNET_BYTES = 14;

    /** From the transport's header to the byte of TCP's flags, and on to its end. */
    private static final int READ_BYTES = 14;

    /** The EtherType as a little-endian machine reads it. */
    final int etherType;

    /** The length of the IP header. */
    final int bytes;

    /** The length field. */
    final int length;

    /** Time to live, or hop limit. */
    final int hops;

    /** Protocol, or next header. */
    final int protocol;

    /** The source address, behind it the destination. */
    final int addresses;

    /** How long both are. */
    final int addressBytes;

    /** The place on the stack of what is read of a packet; addresses lie at a multiple of 8. */
    final int stack;

    HeaderLayout(
            int etherType,
            int bytes,
            int length,
            int hops,
            int protocol,
            int addresses,
            int addressBytes,
            int stack) {
        this.etherType = etherType;
        this.bytes = bytes;
        this.length = length;
        this.hops = hops;
        this.protocol = protocol;
        this.addresses = addresses;
        this.addressBytes = addressBytes;
        this.stack = stack;
    }

    boolean ipv6() {
        return this == IPV6;
    }

    /** How much is read: the IP header, ports and TCP's flags. */
    int readBytes() {
        return bytes + READ_BYTES;
    }

    /** What the length field leaves out. */
    int lengthBase() {
        return ipv6() ? bytes : 0;
    }

    /** A field of the IP header, from the beginning of the frame. */
    int inFrame(int field) {
        return ETHERNET_BYTES + field;
    }

    /** The same on the stack. */
    int onStack(int field) {
        return stack + field;
    }
}
