package io.weir.dataplane.offload;

import io.weir.dataplane.memory.Memory;

/**
 * The flows that the kernel forwards by itself, one direction of a connection each, in memory that
 * it shares with the worker. Nobody is called to add or remove one: the worker writes, and the
 * program reads, counts and forwards.
 *
 * <p>A flow's key is in one of the four places of a bucket, a cache line; what to do is in a line
 * of its own, of the same number:
 *
 * <pre>
 * key:     0 source, destination   8 ports   12 protocol, 0 while there is no flow
 * action:  0 interface   4 longest packet (2)   6 offset of the checksum   7 flags
 *          8 source, destination  16 ports  20 IP checksum (2)  22 transport checksum (2)
 *         24 addresses' difference  28 ports' difference  32 Ethernet addresses and type (14)
 *         48 packets   56 bytes
 * </pre>
 *
 * <p>Addresses, ports and differences of checksums are as in headers, the others in the machine's
 * order. The protocol is written last and erased first, so a key that matches is complete. What
 * follows the erasing may still be read by a program that has found the key just before: a place is
 * written again only after a pause, which is for its owner to keep.
 *
 * <p>Owned by the worker, but for the counters, which the program writes.
 */
public final class FlowTable {
    /** No such flow. */
    public static final int NONE = -1;

    /** Places of a bucket. */
    public static final int WAYS = 4;

    public static final int KEY_BYTES = 16;
    public static final int ACTION_BYTES = 64;

    public static final int KEY_PORTS = 8;
    public static final int KEY_PROTOCOL = 12;

    public static final int INTERFACE = 0;
    public static final int LONGEST = 4;
    public static final int CHECKSUM_OFFSET = 6;
    public static final int FLAGS = 7;
    public static final int ADDRESSES = 8;
    public static final int PORTS = 16;
    public static final int IP_DIFFERENCE = 20;
    public static final int TRANSPORT_DIFFERENCE = 22;
    public static final int ADDRESS_DIFFERENCE = 24;
    public static final int PORT_DIFFERENCE = 28;
    public static final int ETHERNET = 32;
    public static final int PACKETS = 48;
    public static final int BYTES = 56;

    /** Addresses or ports change. */
    public static final int FLAG_TRANSLATED = 1;

    /** The interface sends what a driver's program (XDP) redirects there. */
    public static final int FLAG_DRIVER = 2;

    /** What the first byte of the word of time to live and protocol adds when it falls by one. */
    private static final int HOP_DIFFERENCE = 0xfffe;

    private static final int TCP = 6;

    /** Where a frame's checksum of TCP is. */
    public static final int TCP_CHECKSUM = 50;

    /** Where that of UDP is. */
    public static final int UDP_CHECKSUM = 40;

    private static final long LOW_32 = 0xffff_ffffL;

    private final long keys;
    private final long actions;
    private final EventRing events;
    private final int bucketBits;
    private final long addressFactor;
    private final long factor;

    /**
     * A table in zeroed memory.
     *
     * @param keys where the keys lie, {@link #keyBytes}
     * @param actions where the actions lie, {@link #actionBytes}
     * @param events what the program tells of their segments
     * @param bucketBits the logarithm of the number of buckets to the base 2, 1 to 18
     * @param seed the hash's secret
     */
    public FlowTable(long keys, long actions, EventRing events, int bucketBits, long seed) {
        this.keys = keys;
        this.actions = actions;
        this.events = events;
        this.bucketBits = bucketBits;
        this.addressFactor = addressFactor(seed);
        this.factor = factor(seed);
    }

    /** The first of the hash's two secret factors. */
    public static long addressFactor(long seed) {
        return Long.rotateLeft(seed * 0x9E3779B97F4A7C15L, 31) | 1;
    }

    /** The second. */
    public static long factor(long seed) {
        return Long.rotateLeft(seed * 0xC2B2AE3D27D4EB4FL, 17) | 1;
    }

    /** The memory that keys need. */
    public static long keyBytes(int bucketBits) {
        return (long) (WAYS * KEY_BYTES) << bucketBits;
    }

    /** The memory that actions need. */
    public static long actionBytes(int bucketBits) {
        return (long) (WAYS * ACTION_BYTES) << bucketBits;
    }

    /** What the program tells of the flows' segments. */
    public EventRing events() {
        return events;
    }

    /** How many flows there is room for. */
    public int capacity() {
        return WAYS << bucketBits;
    }

    /** Two addresses as the key has them. */
    public static long addresses(int source, int destination) {
        return (Integer.reverseBytes(source) & LOW_32)
                | (long) Integer.reverseBytes(destination) << Integer.SIZE;
    }

    /** The first place of the bucket where a flow belongs. */
    public int bucket(int source, int destination, int ports, int protocol) {
        long ends = addresses(source, destination);
        long rest = (Integer.reverseBytes(ports) & LOW_32) | (long) protocol << Integer.SIZE;
        long hash = ((ends * addressFactor) ^ rest) * factor;
        return (int) (hash >>> (Long.SIZE - bucketBits)) * WAYS;
    }

    /** Where a flow is, or {@link #NONE}. */
    public int find(int source, int destination, int ports, int protocol) {
        int first = bucket(source, destination, ports, protocol);
        for (int place = first; place < first + WAYS; place++) {
            if (isOf(place, source, destination, ports)
                    && Memory.nativeInt(key(place) + KEY_PROTOCOL) == protocol) {
                return place;
            }
        }
        return NONE;
    }

    /** Whether a place has, or had last, a flow with these ends. */
    public boolean isOf(int place, int source, int destination, int ports) {
        long key = key(place);
        return Memory.nativeLong(key) == addresses(source, destination)
                && Memory.nativeInt(key + KEY_PORTS) == Integer.reverseBytes(ports);
    }

    /** Whether a place has a flow. */
    public boolean has(int place) {
        return Memory.nativeInt(key(place) + KEY_PROTOCOL) != 0;
    }

    /**
     * Writes how a flow's packets leave; before {@link #putTranslation} and {@link #open}.
     *
     * @param linkIndex the interface
     * @param longest the longest packet that may leave there, in bytes
     * @param driver whether it sends what a driver's program redirects
     */
    public void putWayOut(int place, int linkIndex, int longest, boolean driver) {
        long action = action(place);
        // Word by word: filling takes a slice of memory, an object where it is not compiled yet.
        for (int at = 0; at < ACTION_BYTES; at += Long.BYTES) {
            Memory.putNativeLong(action + at, 0);
        }
        Memory.putNativeInt(action + INTERFACE, linkIndex);
        Memory.putNativeShort(action + LONGEST, longest);
        Memory.putU8(action + FLAGS, driver ? FLAG_DRIVER : 0);
        Memory.putNativeShort(action + IP_DIFFERENCE, HOP_DIFFERENCE);
    }

    /** Writes a frame's Ethernet header; addresses in the low 48 bits. */
    public void putEthernet(int place, long destination, long source, int type) {
        long at = action(place) + ETHERNET;
        Memory.putU16(at, (int) (destination >>> 32));
        Memory.putU32(at + 2, (int) destination);
        Memory.putU16(at + 6, (int) (source >>> 32));
        Memory.putU32(at + 8, (int) source);
        Memory.putU16(at + 12, type);
    }

    /** Writes what becomes of a flow's addresses and ports. */
    public void putTranslation(
            int place,
            long addresses,
            int ports,
            int newSource,
            int newDestination,
            int newPorts,
            int protocol) {
        long action = action(place);
        long newAddresses = addresses(newSource, newDestination);
        int pair = Integer.reverseBytes(ports);
        int newPair = Integer.reverseBytes(newPorts);
        int ofAddresses = difference(addresses, newAddresses);
        int ofPorts = difference(pair & LOW_32, newPair & LOW_32);
        Memory.putNativeLong(action + ADDRESSES, newAddresses);
        Memory.putNativeInt(action + PORTS, newPair);
        Memory.putU8(action + CHECKSUM_OFFSET, protocol == TCP ? TCP_CHECKSUM : UDP_CHECKSUM);
        Memory.putU8(action + FLAGS, Memory.u8(action + FLAGS) | FLAG_TRANSLATED);
        Memory.putNativeShort(action + IP_DIFFERENCE, fold(ofAddresses + HOP_DIFFERENCE));
        Memory.putNativeShort(action + TRANSPORT_DIFFERENCE, fold(ofAddresses + ofPorts));
        Memory.putNativeInt(action + ADDRESS_DIFFERENCE, ofAddresses);
        Memory.putNativeInt(action + PORT_DIFFERENCE, ofPorts);
    }

    // What replacing one word by another adds to a sum of 16-bit words (RFC 1624 equation 3),
    // which does not depend on the order of their bytes as long as it is the same (RFC 1071).
    // Nothing, if they are the same.
    private static int difference(long old, long changed) {
        if (old == changed) {
            return 0;
        }
        long sum = 0;
        for (int shift = 0; shift < Long.SIZE; shift += Short.SIZE) {
            sum += (changed >>> shift) & 0xffff;
            sum += (~old >>> shift) & 0xffff;
        }
        return fold((int) sum);
    }

    private static int fold(int sum) {
        int once = (sum & 0xffff) + (sum >>> 16);
        return (once & 0xffff) + (once >>> 16);
    }

    /** Lets the kernel forward a flow from now on, as was written before. */
    public void open(int place, int source, int destination, int ports, int protocol) {
        long key = key(place);
        Memory.putNativeLong(key, addresses(source, destination));
        Memory.putNativeInt(key + KEY_PORTS, Integer.reverseBytes(ports));
        Memory.putIntRelease(key + KEY_PROTOCOL, protocol);
    }

    /** Lets the kernel forward a flow no more; packets that it has just found still go. */
    public void close(int place) {
        Memory.putIntRelease(key(place) + KEY_PROTOCOL, 0);
    }

    /** How many packets the kernel has forwarded, modulo 2^32. */
    public int packets(int place) {
        return Memory.nativeInt(action(place) + PACKETS);
    }

    /** Their IP total lengths. */
    public long bytes(int place) {
        return Memory.nativeLong(action(place) + BYTES);
    }

    private long key(int place) {
        return keys + (long) place * KEY_BYTES;
    }

    private long action(int place) {
        return actions + (long) place * ACTION_BYTES;
    }
}
