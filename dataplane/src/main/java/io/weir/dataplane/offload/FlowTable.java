package io.weir.dataplane.offload;

import io.weir.dataplane.memory.Memory;

import java.util.SplittableRandom;

/**
 * The flows that the kernel forwards by itself, one direction of a connection each, in memory that
 * it shares with the workers, as one of them sees it. Nobody is called to add or remove one: the
 * worker writes, and the program reads, counts and forwards.
 *
 * <p>A flow's key is in one of the four places of a bucket, a cache line; what to do is in a line
 * of its own, of the same number:
 *
 * <pre>
 * key:     0 source, destination   8 ports   12 protocol; 0 of a free place, -1 of one without flow
 * action:  0 interface   4 longest packet (2)   6 offset of the checksum   7 flags
 *          8 source, destination  16 ports  20 IP checksum (2)  22 transport checksum (2)
 *         24 addresses' difference  28 ports' difference  32 Ethernet addresses and type (14)
 *         46 worker (1)   48 packets   56 bytes
 * wide:    0 source, destination  32 the same of a packet that leaves
 * </pre>
 *
 * <p>An IPv6 flow has a digest where a key has addresses, and beside the protocol {@link
 * #KEY_IPV6}; its addresses are in a second line, the wide one, which no other flow touches. So
 * that these need not be as many as there are places, IPv6 flows are in the first quarter of the
 * buckets alone.
 *
 * <p>Addresses, ports and differences of checksums are as in headers, the others in the machine's
 * order. The protocol is written last and erased first, so a key that matches is complete. What
 * follows the erasing may still be read by a program that has found the key just before: a place is
 * written again only after a pause, which is for its owner to keep.
 *
 * <p>Each worker has a view of its own. A place is free or one worker's, who {@linkplain #claim
 * claims} it and alone writes to it until {@link #free}; only the counters are the program's.
 */
public final class FlowTable {
    /** No such flow. */
    public static final int NONE = -1;

    /** Places of a bucket. */
    public static final int WAYS = 4;

    public static final int KEY_BYTES = 16;
    public static final int ACTION_BYTES = 64;
    public static final int WIDE_BYTES = 64;

    public static final int KEY_PORTS = 8;
    public static final int KEY_PROTOCOL = 12;

    /** Of a key's protocol: the flow is one of IPv6. */
    public static final int KEY_IPV6 = 1 << 8;

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
    public static final int WORKER = 46;
    public static final int PACKETS = 48;
    public static final int BYTES = 56;

    public static final int WIDE_NEW = 32;

    /** The bits that the number of an IPv6 flow's bucket has less than that of an IPv4 flow's. */
    public static final int IPV6_FEWER_BITS = 2;

    /** Addresses or ports change. */
    public static final int FLAG_TRANSLATED = 1;

    /** The interface sends what a driver's program (XDP) redirects there. */
    public static final int FLAG_DRIVER = 2;

    /** Its connection is opening: each of its TCP segments is told of. */
    public static final int FLAG_OPENING = 4;

    /** A SYN with ACK is forwarded as well. */
    public static final int FLAG_ANSWER = 8;

    /** The flow is one of IPv6. */
    public static final int FLAG_IPV6 = 16;

    /** What the first byte of the word of time to live and protocol adds when it falls by one. */
    private static final int HOP_DIFFERENCE = 0xfffe;

    /** What the second byte of the word of next header and hop limit adds then. */
    private static final int IPV6_HOP_DIFFERENCE = 0xfeff;

    private static final int TCP = 6;

    /** From the transport's header to the checksum of TCP. */
    public static final int TCP_CHECKSUM = 16;

    /** To that of UDP. */
    public static final int UDP_CHECKSUM = 6;

    private static final int IPV4_TRANSPORT = 34;
    private static final int IPV6_TRANSPORT = 54;

    // IPv6 flows are to have two buckets at least; an event has 22 bits for a place.
    private static final int LEAST_BUCKET_BITS = IPV6_FEWER_BITS + 1;
    private static final int MOST_BUCKET_BITS = 20;

    private static final int FREE = 0;

    /** A worker has it, for no flow yet or no more. */
    private static final int CLAIMED = -1;

    private static final long LOW_32 = 0xffff_ffffL;

    private final long keys;
    private final long actions;
    private final long wide;
    private final EventRing events;
    private final int worker;
    private final int bucketBits;
    private final long[] addressFactors = new long[WIDE_NEW / Integer.BYTES];
    private final long factor;
    private final long lastFactor;

    /** A worker's view, as {@link FlowTables} makes it. */
    FlowTable(
            long keys,
            long actions,
            long wide,
            EventRing events,
            int worker,
            int bucketBits,
            long seed) {
        if (bucketBits < LEAST_BUCKET_BITS || bucketBits > MOST_BUCKET_BITS) {
            throw new IllegalArgumentException("2^" + bucketBits + " buckets");
        }
        this.keys = keys;
        this.actions = actions;
        this.wide = wide;
        this.events = events;
        this.worker = worker;
        this.bucketBits = bucketBits;
        for (int word = 0; word < addressFactors.length; word++) {
            addressFactors[word] = addressFactor(seed, word);
        }
        this.factor = factor(seed);
        this.lastFactor = lastFactor(seed);
    }

    /**
     * The factor of a word of 4 bytes in the digest of addresses. The digest is their sum: its
     * upper half is strongly universal (Lemire and Kaser, Strongly universal string hashing is
     * fast, 2014), so that no choice of addresses makes two of them likely to have the same.
     *
     * @param word the source's one word or four are followed by the destination's
     */
    public static long addressFactor(long seed, int word) {
        return new SplittableRandom(seed ^ word).nextLong();
    }

    /** That of digest and ports; odd, so that no two of them become the same. */
    public static long factor(long seed) {
        return Long.rotateLeft(seed * 0xC2B2AE3D27D4EB4FL, 17) | 1;
    }

    /**
     * That of the last step. One factor alone puts ports and addresses in a row at equal steps
     * around the table, and in some starts many of them into few buckets.
     */
    public static long lastFactor(long seed) {
        return Long.rotateLeft(seed * 0x9E3779B97F4A7C15L, 31) | 1;
    }

    /** The memory that keys need. */
    public static long keyBytes(int bucketBits) {
        return (long) (WAYS * KEY_BYTES) << bucketBits;
    }

    /** The memory that actions need. */
    public static long actionBytes(int bucketBits) {
        return (long) (WAYS * ACTION_BYTES) << bucketBits;
    }

    /** The memory that IPv6 addresses need. */
    public static long wideBytes(int bucketBits) {
        return (long) (WAYS * WIDE_BYTES) << (bucketBits - IPV6_FEWER_BITS);
    }

    /** What the program tells of the segments of this worker's flows. */
    public EventRing events() {
        return events;
    }

    /** How many flows there is room for. */
    public int capacity() {
        return WAYS << bucketBits;
    }

    /** The first place of the bucket where a flow belongs. */
    public int bucket(FlowEnds ends) {
        long rest =
                (Integer.reverseBytes(ends.ports()) & LOW_32)
                        | (long) keyProtocol(ends) << Integer.SIZE;
        int bits = ends.ipv6() ? bucketBits - IPV6_FEWER_BITS : bucketBits;
        long mixed = (digest(ends) ^ rest) * factor;
        long hash = (mixed ^ mixed >>> Integer.SIZE) * lastFactor;
        return (int) (hash >>> (Long.SIZE - bits)) * WAYS;
    }

    // Of the addresses.
    private long digest(FlowEnds ends) {
        long digest = 0;
        for (int i = 0; i < ends.words(); i++) {
            long word = ends.word(i);
            digest += (word & LOW_32) * addressFactors[2 * i];
            digest += (word >>> Integer.SIZE) * addressFactors[2 * i + 1];
        }
        return digest;
    }

    private static int keyProtocol(FlowEnds ends) {
        return ends.ipv6() ? ends.protocol() | KEY_IPV6 : ends.protocol();
    }

    /** Where a flow is, or {@link #NONE}. */
    public int find(FlowEnds ends) {
        int first = bucket(ends);
        int protocol = keyProtocol(ends);
        for (int place = first; place < first + WAYS; place++) {
            if (Memory.nativeInt(key(place) + KEY_PROTOCOL) == protocol && isOf(place, ends)) {
                return place;
            }
        }
        return NONE;
    }

    /** Whether a place has, or had last, a flow with these ends. */
    public boolean isOf(int place, FlowEnds ends) {
        long key = key(place);
        return Memory.nativeInt(key + KEY_PORTS) == Integer.reverseBytes(ends.ports())
                && (ends.ipv6() ? hasWide(place, ends) : Memory.nativeLong(key) == ends.word(0));
    }

    // Other families' flows that come to the place leave the wide line as it was.
    private boolean hasWide(int place, FlowEnds ends) {
        if ((Memory.u8(action(place) + FLAGS) & FLAG_IPV6) == 0) {
            return false;
        }
        long at = wide(place);
        boolean same = true;
        for (int i = 0; i < ends.words(); i++) {
            same &= Memory.nativeLong(at + (long) i * Long.BYTES) == ends.word(i);
        }
        return same;
    }

    /** Whether a place has a flow. */
    public boolean has(int place) {
        return Memory.nativeInt(key(place) + KEY_PROTOCOL) > 0;
    }

    /** Takes a place for this worker; false if it is not free. */
    public boolean claim(int place) {
        long at = key(place) + KEY_PROTOCOL;
        return Memory.nativeInt(at) == FREE && Memory.compareAndSetInt(at, FREE, CLAIMED);
    }

    /** Gives a place of this worker's up that has no flow, for any worker to claim. */
    public void free(int place) {
        Memory.putIntRelease(key(place) + KEY_PROTOCOL, FREE);
    }

    /**
     * Writes how the packets of a flow of this worker's leave; before {@link #putTranslation} and
     * {@link #open}.
     *
     * @param linkIndex the interface
     * @param longest the longest packet that may leave there, in bytes
     * @param driver whether it sends what a driver's program redirects
     */
    public void putWayOut(int place, FlowEnds ends, int linkIndex, int longest, boolean driver) {
        long action = action(place);
        // Word by word: filling takes a slice of memory, an object where it is not compiled yet.
        for (int at = 0; at < ACTION_BYTES; at += Long.BYTES) {
            Memory.putNativeLong(action + at, 0);
        }
        int family = ends.ipv6() ? FLAG_IPV6 : 0;
        Memory.putNativeInt(action + INTERFACE, linkIndex);
        Memory.putNativeShort(action + LONGEST, longest);
        Memory.putU8(action + FLAGS, driver ? family | FLAG_DRIVER : family);
        Memory.putU8(action + WORKER, worker);
        Memory.putNativeShort(action + IP_DIFFERENCE, hopDifference(ends));
    }

    private static int hopDifference(FlowEnds ends) {
        return ends.ipv6() ? IPV6_HOP_DIFFERENCE : HOP_DIFFERENCE;
    }

    /**
     * Lets all segments be told of until the connection has opened.
     *
     * @param answers whether SYN with ACK is forwarded
     */
    public void putOpening(int place, boolean answers) {
        long at = action(place) + FLAGS;
        Memory.putU8(at, Memory.u8(at) | FLAG_OPENING | (answers ? FLAG_ANSWER : 0));
    }

    /** The connection has opened: only segments that end it are told of from now on. */
    public void putOpened(int place) {
        long at = action(place) + FLAGS;
        Memory.putU8(at, Memory.u8(at) & ~(FLAG_OPENING | FLAG_ANSWER));
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
    public void putTranslation(int place, FlowEnds ends) {
        long action = action(place);
        int pair = Integer.reverseBytes(ends.ports());
        int newPair = Integer.reverseBytes(ends.newPorts());
        int ofAddresses = 0;
        for (int i = 0; i < ends.words(); i++) {
            ofAddresses = fold(ofAddresses + difference(ends.word(i), ends.newWord(i)));
        }
        int ofPorts = difference(pair & LOW_32, newPair & LOW_32);
        int transport = ends.ipv6() ? IPV6_TRANSPORT : IPV4_TRANSPORT;
        int checksum = ends.protocol() == TCP ? TCP_CHECKSUM : UDP_CHECKSUM;
        Memory.putNativeLong(action + ADDRESSES, ends.newWord(0));
        Memory.putNativeInt(action + PORTS, newPair);
        Memory.putU8(action + CHECKSUM_OFFSET, transport + checksum);
        Memory.putU8(action + FLAGS, Memory.u8(action + FLAGS) | FLAG_TRANSLATED);
        Memory.putNativeShort(action + IP_DIFFERENCE, fold(ofAddresses + hopDifference(ends)));
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
    public void open(int place, FlowEnds ends) {
        long key = key(place);
        Memory.putNativeLong(key, ends.ipv6() ? putWide(place, ends) : ends.word(0));
        Memory.putNativeInt(key + KEY_PORTS, Integer.reverseBytes(ends.ports()));
        Memory.putIntRelease(key + KEY_PROTOCOL, keyProtocol(ends));
    }

    // Returns what the key has instead.
    private long putWide(int place, FlowEnds ends) {
        long at = wide(place);
        for (int i = 0; i < ends.words(); i++) {
            Memory.putNativeLong(at + (long) i * Long.BYTES, ends.word(i));
            Memory.putNativeLong(at + WIDE_NEW + (long) i * Long.BYTES, ends.newWord(i));
        }
        return digest(ends);
    }

    /** Lets the kernel forward a flow no more; packets that it has just found still go. */
    public void close(int place) {
        Memory.putIntRelease(key(place) + KEY_PROTOCOL, CLAIMED);
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

    private long wide(int place) {
        return wide + (long) place * WIDE_BYTES;
    }
}
