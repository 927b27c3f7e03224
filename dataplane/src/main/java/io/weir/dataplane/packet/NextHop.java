package io.weir.dataplane.packet;

/**
 * The address that decides about a packet's way out: the real server's or the destination's. It is
 * of the other family than the packet in a tunnel through the other family. Owned by the worker.
 */
public final class NextHop {
    private boolean ipv6;
    private int address;
    private long high;
    private long low;

    void set(NextHop other) {
        ipv6 = other.ipv6;
        address = other.address;
        high = other.high;
        low = other.low;
    }

    public void setV4(int bits) {
        ipv6 = false;
        address = bits;
    }

    public void setV6(long highBits, long lowBits) {
        ipv6 = true;
        high = highBits;
        low = lowBits;
    }

    public boolean ipv6() {
        return ipv6;
    }

    /** The IPv4 address. */
    public int address() {
        return address;
    }

    /** The first 8 bytes of the IPv6 address. */
    public long high() {
        return high;
    }

    /** The last 8 bytes of the IPv6 address. */
    public long low() {
        return low;
    }
}
