package io.weir.dataplane.worker;

import io.weir.dataplane.egress.Segmenter;
import io.weir.dataplane.flow.ConnectionLine;
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

    /**
     * EtherType, version 4 and a header of 5 words, which are what follows the addresses; read as
     * the machine does.
     */
    private static final int PLAIN_TYPE =
            Integer.reverseBytes(Ethernet.TYPE_IPV4 << Short.SIZE | 0x45 << Byte.SIZE);

    private static final int LOW_24 = 0xff_ffff;

    private static final int TYPE_OFFSET = Ethernet.HEADER_BYTES - 2;

    /** More fragments, and where this one belongs; read as the machine does. */
    private static final int FRAGMENT = 0xff3f;

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

    private final ConnectionTable table;
    private final Network network;

    // Of each packet of the burst what its connection is looked for by.
    private final long[] hashes = new long[PacketBurst.CAPACITY];
    private final long[] lines = new long[PacketBurst.CAPACITY];
    private final int[] clients = new int[PacketBurst.CAPACITY];

    // A bit for each packet of the burst: the plain ones, and those whose source may be a server.
    private long plain;
    private long maybeReplies;

    // The link's Ethernet address as a frame begins with it, in the upper 48 bits.
    private long mac = NO_MAC;

    // What the table had had then.
    private long insertions;
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
        mac = Long.reverseBytes(ownMac);
        onlyTcp = withoutUdp;
        insertions = table.insertions();
        plain = 0;
        maybeReplies = 0;
    }

    /** A burst has come of which no packet is plain. */
    void beginWithout() {
        begin(0, true);
        mac = NO_MAC;
    }

    /** Looks which packets of the burst have plain headers; the others have to be parsed. */
    void recognise(PacketBurst burst) {
        long found = 0;
        long replies = 0;
        for (int i = 0; i < burst.size(); i++) {
            Packet packet = burst.get(i);
            long frame = packet.frame();
            int available = packet.frameBytes() - Ethernet.HEADER_BYTES;
            if (available < LEAST_UDP
                    || Memory.nativeLong(frame) << Short.SIZE != mac
                    || (Memory.nativeInt(frame + TYPE_OFFSET) & LOW_24) != PLAIN_TYPE
                    || Segmenter.isSuperFrame(packet)) {
                continue;
            }
            long ip = frame + Ethernet.HEADER_BYTES;
            long first = Memory.nativeLong(ip);
            long second = Memory.nativeLong(ip + 8);
            long third = Memory.nativeLong(ip + 16);
            int bytes = Character.reverseBytes((char) (first >>> 16));
            int protocol = (int) second >>> 8 & 0xff;
            if (bytes > available
                    || (first >>> 48 & FRAGMENT) != 0
                    || !checksumRight(first, second, third)
                    || NOBODY[(int) (second >>> 32) & 0xff]
                    || NOBODY[(int) third & 0xff]
                    || !plainTransport(ip, protocol, bytes)) {
                continue;
            }
            int source = Integer.reverseBytes((int) (second >>> 32));
            if (network.mayBeOwnOrBroadcast(source)) {
                continue;
            }
            found |= 1L << i;
            int client = source;
            int port = (int) (third >>> 32);
            if (table.mayBeServer(source)) {
                client = Integer.reverseBytes((int) third);
                port = port >>> 16;
                replies |= 1L << i;
            }
            clients[i] = client;
            hashes[i] = table.hash(client, Character.reverseBytes((char) port), protocol);
        }
        plain = found;
        maybeReplies = replies;
    }

    /** A bit for each packet of the burst that is not plain. */
    long others(PacketBurst burst) {
        int size = burst.size();
        return size == 0 ? 0 : ~plain & -1L >>> -size;
    }

    /** Takes note of a packet that has been parsed instead, so that its line is touched too. */
    void note(int index, long hash) {
        hashes[index] = hash;
    }

    /** Whether connections have been added since, by packets of the burst. */
    boolean outdated() {
        return insertions != table.insertions();
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

    /**
     * The line where to look for a packet's connection first, once it has been touched: no entry
     * that was there then and comes before it in the search has the packet's client.
     */
    long line(int index) {
        return Memory.known(lines[index]);
    }

    /** The line where the search for a packet's connection begins, whatever was there. */
    long firstLine(int index) {
        return table.searchedLine(hashes[index], 0);
    }

    /** Where the plain packets from a place on end. */
    int end(int from) {
        return end(plain, from);
    }

    /** Where those from a place on end whose {@link #hash} is of their source. */
    int requestsEnd(int from) {
        return end(plain & ~maybeReplies, from);
    }

    /** Where those end that may be a server's, so that the hash is of their destination. */
    int repliesEnd(int from) {
        return end(plain & maybeReplies, from);
    }

    private static int end(long bits, int from) {
        return from == Long.SIZE ? from : from + Long.numberOfTrailingZeros(~(bits >>> from));
    }

    /** A packet that might have been a server's is none. */
    void becomeRequest(int index, long hash) {
        maybeReplies &= ~(1L << index);
        hashes[index] = hash;
        lines[index] = table.searchedLine(hash, 0);
    }

    // Of a header of 20 bytes, read as the machine does, of which the third word's lower half holds
    // the last four. The ones' complement sum of 16 bits is 0xffff, in either byte order, if the
    // sum is a multiple of that; and an odd number divides another if this, multiplied by the
    // divisor's inverse modulo 2^64, is no more than 2^64 divided by it.
    static boolean checksumRight(long first, long second, long third) {
        long sum =
                (first >>> 32)
                        + (first & LOW_32)
                        + (second >>> 32)
                        + (second & LOW_32)
                        + (third & LOW_32);
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
            long line = table.searchedLine(hashes[i], 0);
            sum += ConnectionLine.flags(line);
            lines[i] = line;
        }
        touched += table.size() > table.slots() >>> CROWDED_SHIFT ? sum + chase() : sum;
    }

    // With half of the lines taken, every fourth connection is not where the search begins, every
    // twelfth not where it goes on: these misses overlap, too. The first line of the packet's
    // client is most likely that of its connection.
    private int chase() {
        int sum = 0;
        long astray = plain;
        for (int others = 1; others <= CHASED && astray != 0; others++) {
            for (long left = astray; left != 0; left &= left - 1) {
                int i = Long.numberOfTrailingZeros(left);
                if (ConnectionLine.client(line(i)) == clients[i]) {
                    astray &= ~(1L << i);
                } else {
                    long line = table.searchedLine(hashes[i], others);
                    sum += ConnectionLine.flags(line);
                    lines[i] = line;
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
