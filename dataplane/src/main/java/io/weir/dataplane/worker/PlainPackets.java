package io.weir.dataplane.worker;

import io.weir.dataplane.egress.Segmenter;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.parse.PacketParser;

/**
 * The packets of a burst whose headers are plain, with what their connections are looked for by:
 * IPv4 without options or fragments, TCP with ACK alone or UDP. Starts loading the table's lines
 * that they will be looked for in. Owned by the worker.
 */
final class PlainPackets {
    private static final int DECIDING_FLAGS = Tcp.SYN | Tcp.FIN | Tcp.RST | Tcp.ACK;

    private static final int LEAST_TCP = Ipv4.MIN_HEADER_BYTES + Tcp.MIN_HEADER_BYTES;
    private static final int LEAST_UDP = Ipv4.MIN_HEADER_BYTES + Udp.HEADER_BYTES;

    /** EtherType, version 4 and a header of 5 words, which are what follows the addresses. */
    private static final int PLAIN_TYPE = Ethernet.TYPE_IPV4 << Byte.SIZE | 0x45;

    private static final int TYPE_OFFSET = Ethernet.HEADER_BYTES - 2;

    /** Of the first 8 bytes of a header: more fragments, and where this one belongs. */
    private static final long FRAGMENT = 0x3fff;

    /** By the first byte of an address, whether no single host out there has it. */
    private static final boolean[] NOBODY = new boolean[256];

    static {
        for (int first = 0; first < NOBODY.length; first++) {
            NOBODY[first] = PacketParser.nobody(first << 24);
        }
    }

    /** With more than so many of the lines taken, a 32nd, searches often go on beyond one. */
    private static final int CROWDED_SHIFT = 5;

    /** The lines of a search that are loaded ahead, beyond the first. */
    private static final int CHASED = 3;

    /** No frame has this address, of more than 48 bits. */
    private static final long NO_MAC = -1;

    private static final long LOW_32 = 0xffff_ffffL;

    /** What 0xffff times this is, is 1 modulo 2^64. */
    private static final long INVERSE = 0xfffe_fffe_fffe_ffffL;

    private static final long MOST_MULTIPLES = Long.divideUnsigned(-1, 0xffff);
    private static final int LOW_16 = 0xffff;

    private final ConnectionTable table;
    private final Network network;

    // Of each packet of the burst what its connection is looked for by.
    private final long[] hashes = new long[PacketBurst.CAPACITY];
    private final int[] clients = new int[PacketBurst.CAPACITY];

    // A bit for each packet of the burst: the plain ones, and those whose source may be a server.
    private long plain;
    private long maybeReplies;

    private long mac = NO_MAC;
    private boolean onlyTcp;
    private int touched;

    PlainPackets(ConnectionTable table, Network network) {
        this.table = table;
        this.network = network;
    }

    /**
     * A burst has come.
     *
     * @param ownMac the Ethernet address of its link
     * @param withoutUdp whether no UDP packet is plain
     */
    void begin(long ownMac, boolean withoutUdp) {
        mac = ownMac;
        onlyTcp = withoutUdp;
        plain = 0;
        maybeReplies = 0;
    }

    /** A burst has come of which no packet is plain. */
    void beginWithout() {
        begin(NO_MAC, true);
    }

    /**
     * Looks whether the headers of a packet are plain.
     *
     * @param index the packet's place in the burst
     * @return false if it has to be parsed in full
     */
    boolean recognise(Packet packet, int index) {
        long frame = packet.frame();
        int available = packet.frameBytes() - Ethernet.HEADER_BYTES;
        if (available < LEAST_UDP
                || Ethernet.destination(frame) != mac
                || Memory.u32(frame + TYPE_OFFSET) >>> Byte.SIZE != PLAIN_TYPE
                || Segmenter.isSuperFrame(packet)) {
            return false;
        }
        long ip = frame + Ethernet.HEADER_BYTES;
        long first = Memory.u64(ip);
        long second = Memory.u64(ip + 8);
        long third = Memory.u64(ip + 16);
        int bytes = (int) (first >>> 32) & LOW_16;
        if (bytes > available || (first & FRAGMENT) != 0 || !checksumRight(first, second, third)) {
            return false;
        }
        int source = (int) second;
        int protocol = (int) (second >>> 48) & 0xff;
        if (NOBODY[source >>> 24]
                || NOBODY[(int) (third >>> 56)]
                || network.mayBeOwnOrBroadcast(source)
                || !plainTransport(ip, protocol, bytes)) {
            return false;
        }
        plain |= 1L << index;
        if (table.mayBeServer(source)) {
            int client = (int) (third >>> 32);
            maybeReplies |= 1L << index;
            clients[index] = client;
            hashes[index] = table.hash(client, (int) third & LOW_16, protocol);
        } else {
            clients[index] = source;
            hashes[index] = table.hash(source, (int) third >>> 16, protocol);
        }
        return true;
    }

    /** Takes note of a packet that has been parsed instead, so that its line is touched too. */
    void note(int index, long hash) {
        hashes[index] = hash;
    }

    /** Whether a packet of the burst is plain. */
    boolean has(int index) {
        return (plain >>> index & 1) != 0;
    }

    /** A packet is not plain after all. */
    void remove(int index) {
        plain &= ~(1L << index);
    }

    /** What the connection of a packet is looked for by first. */
    long hash(int index) {
        return hashes[index];
    }

    /** Whether a packet may be a server's, so that {@link #hash} is of its destination. */
    boolean mayBeReply(int index) {
        return (maybeReplies >>> index & 1) != 0;
    }

    // Of a header of 20 bytes, of which the third word holds the last four. The ones' complement
    // sum of 16 bits is 0xffff if the sum is a multiple of that; and an odd number divides another
    // if this, multiplied by the divisor's inverse modulo 2^64, is no more than 2^64 divided by it.
    static boolean checksumRight(long first, long second, long third) {
        long sum =
                (first >>> 32)
                        + (first & LOW_32)
                        + (second >>> 32)
                        + (second & LOW_32)
                        + (third >>> 32);
        return Long.compareUnsigned(sum * INVERSE, MOST_MULTIPLES) <= 0;
    }

    private boolean plainTransport(long ip, int protocol, int bytes) {
        if (protocol == Ipv4.PROTOCOL_TCP) {
            return bytes >= LEAST_TCP
                    && (Tcp.flags(ip + Ipv4.MIN_HEADER_BYTES) & DECIDING_FLAGS) == Tcp.ACK;
        }
        return protocol == Ipv4.PROTOCOL_UDP && !onlyTcp && bytes >= LEAST_UDP;
    }

    /** Starts loading the table's lines of a whole burst, so that the cache misses overlap. */
    void touch(PacketBurst burst) {
        int sum = 0;
        for (int i = 0; i < burst.size(); i++) {
            sum += table.touch(hashes[i], 0);
        }
        touched += table.size() > table.slots() >>> CROWDED_SHIFT ? sum + chase() : sum;
    }

    // With half of the lines taken, every fourth connection is not where the search begins, every
    // twelfth not where it goes on: these misses overlap, too.
    private int chase() {
        int sum = 0;
        long astray = plain;
        for (int others = 0; others < CHASED && astray != 0; others++) {
            for (long left = astray; left != 0; left &= left - 1) {
                int i = Long.numberOfTrailingZeros(left);
                if (table.mayBeAt(hashes[i], others, clients[i])) {
                    astray &= ~(1L << i);
                } else {
                    sum += table.touch(hashes[i], others + 1);
                }
            }
        }
        return sum;
    }

    /** The sum of what was loaded ahead; being readable keeps the loads in the program. */
    int touched() {
        return touched;
    }
}
