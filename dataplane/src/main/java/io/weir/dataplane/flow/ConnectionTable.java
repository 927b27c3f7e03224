package io.weir.dataplane.flow;

import static io.weir.dataplane.flow.ConnectionLayout.*;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.VarHandle;

/**
 * The connections and persistence templates, off-heap, of a capacity fixed at the start.
 *
 * <p>Open addressing by double hashing. The hash covers the client's endpoint alone, which both
 * directions of a connection share, so a packet finds its line by one lookup whichever way it goes.
 * Entries never move: each line counts the entries whose probe sequence passes over it, a search
 * ends at a line nobody passes over, and a slot number stays good as long as the entry lives. A
 * stranger can make at most {@value #MAX_PROBES} connections fall on one sequence, by using one
 * client port towards that many virtual ports; the next is refused and counted.
 *
 * <p>The worker alone writes. Other threads read through {@link ConnectionReader}. No operation
 * allocates, and all but construction take bounded time.
 */
public final class ConnectionTable extends ConnectionLines implements AutoCloseable {
    /** The most slots looked at for one entry. */
    public static final int MAX_PROBES = 128;

    /** Lines per connection of capacity: 10 lines for 6 connections keeps probe sequences short. */
    private static final double LOAD = 0.6;

    private static final int MAX_COUNT = 0xffff;

    private final int capacity;
    private final int mask;
    private final FlowHash hash;
    private final ServerFilter servers = new ServerFilter();
    private final ReplyOrder replies;
    private int size;
    private long insertions;

    /**
     * Makes an empty table.
     *
     * @param capacity the most entries it takes
     * @param seed the hash's secret
     */
    public ConnectionTable(int capacity, long seed) {
        super(linesFor(capacity));
        this.capacity = capacity;
        this.mask = linesFor(capacity) - 1;
        this.hash = new FlowHash(seed);
        this.replies = new ReplyOrder(this, hash);
    }

    private static int linesFor(int capacity) {
        if (capacity < 1 || capacity > (1 << 29)) {
            throw new IllegalArgumentException("capacity " + capacity + " is not in 1..2^29");
        }
        return Integer.highestOneBit((int) Math.max(64, capacity / LOAD) - 1) << 1;
    }

    public int capacity() {
        return capacity;
    }

    /** The number of lines; slots are numbered from 0 to this. */
    public int slots() {
        return mask + 1;
    }

    public int size() {
        return size;
    }

    /** Fills in the digests of IPv6 ends; IPv4 ends stay as they are. */
    public void identify(Endpoints ends) {
        if (ends.ipv6()) {
            ends.setDigests(
                    hash.digest(ends.sourceHigh(), ends.sourceLow()),
                    hash.digest(ends.destinationHigh(), ends.destinationLow()));
        }
    }

    /**
     * The hash of the end of a packet that is taken to be the client's: its destination, if its
     * source may be a server.
     */
    public long hash(Endpoints ends) {
        return mayBeServer(ends.source())
                ? hash.of(ends.destination(), ends.destinationPort(), ends.protocol())
                : hash.of(ends.source(), ends.sourcePort(), ends.protocol());
    }

    /**
     * The address of the line that a search for a {@link #hash} comes to after so many others;
     * reading it starts loading it.
     */
    public long searchedLine(long h, int others) {
        return line((int) h + others * step(h) & mask);
    }

    /** The hash of a client's end, by which both directions of its connections are found. */
    public long hash(int client, int clientPort, int protocol) {
        return hash.of(client, clientPort, protocol);
    }

    /**
     * Whether an entry may have a server of this address; if not, {@link #findReply} finds nothing
     * for a packet from there.
     */
    public boolean mayBeServer(int address) {
        return servers.mayHave(address);
    }

    /** Entries ever added; as long as it stays, so does what {@link #mayBeServer} denies. */
    public long insertions() {
        return insertions;
    }

    /** Finds the connection of a packet that a client sent. */
    public int findForward(Endpoints packet) {
        int client = packet.source();
        int protocol = packet.protocol();
        int ports = packet.sourcePort() << 16 | packet.destinationPort();
        long h = hash.of(client, packet.sourcePort(), protocol);
        Endpoints wide = packet.ipv6() ? packet : null;
        return findForward(h, client, packet.destination(), ports, protocol, wide);
    }

    /**
     * Finds the line of the connection of an IPv4 packet that a client sent.
     *
     * @param first the {@link #searchedLine} to look at first
     * @param h the {@link #hash} of its source
     * @param ends its source in the lower half, its destination in the upper, as in a line
     * @param ports its source port in the upper half, its destination port in the lower
     * @return the line's address, 0 if there is none
     */
    public long forwardLine(long first, long h, long ends, int ports, int protocol) {
        long wanted =
                (long) protocol << ConnectionLine.PROTOCOL_SHIFT | (long) FLAG_USED << Integer.SIZE;
        if (ConnectionLine.isClients(first, ends, ports, wanted)) {
            return first;
        }
        int slot = findForward(h, (int) ends, (int) (ends >>> 32), ports, protocol, null);
        return slot == NONE ? 0 : line(slot);
    }

    private int findForward(
            long h, int client, int virtual, int ports, int protocol, @Nullable Endpoints wide) {
        long ends = ConnectionLine.word(client, virtual);
        int flags = wide == null ? FLAG_USED : FLAG_USED | FLAG_IPV6;
        long wanted =
                (long) protocol << ConnectionLine.PROTOCOL_SHIFT | (long) flags << Integer.SIZE;
        int step = step(h);
        int slot = (int) h & mask;
        for (int probe = 0; probe < MAX_PROBES; probe++) {
            long line = line(slot);
            if (ConnectionLine.isClients(line, ends, ports, wanted)
                    && (wide == null || wideForward(slot, wide))) {
                return slot;
            }
            if (Memory.nativeShort(line + PASSED_OVER) == 0) {
                return NONE;
            }
            slot = slot + step & mask;
        }
        return NONE;
    }

    /**
     * Finds the line of the connection by NAT of an IPv4 packet that a real server sent, of the
     * last of several.
     *
     * @param first the {@link #searchedLine} to look at first
     * @param h the {@link #hash} of its destination
     * @param ports its source port in the upper half, its destination port in the lower
     * @return the line's address, 0 if there is none
     */
    public long replyLine(long first, long h, int client, int server, int ports, int protocol) {
        long wanted =
                ports >>> 16
                        | (long) protocol << ConnectionLine.PROTOCOL_SHIFT
                        | (long) FLAG_USED << Integer.SIZE;
        if (ConnectionLine.isServers(
                first, client, ConnectionLine.word(server, ports << 16), wanted)) {
            return first;
        }
        int slot = findReply(h, client, server, ports, protocol, null);
        return slot == NONE ? 0 : line(slot);
    }

    /** Finds the connection by NAT of a packet that a real server sent, the last of several. */
    public int findReply(Endpoints packet) {
        int server = packet.source();
        if (!mayBeServer(server)) {
            return NONE;
        }
        int client = packet.destination();
        int protocol = packet.protocol();
        int ports = packet.sourcePort() << 16 | packet.destinationPort();
        long h = hash.of(client, packet.destinationPort(), protocol);
        return findReply(h, client, server, ports, protocol, packet.ipv6() ? packet : null);
    }

    // A server of the other family, behind a tunnel, answers past the balancer: what looks like its
    // reply is a packet of somebody whose address is like a digest.
    private int findReply(
            long h, int client, int server, int ports, int protocol, @Nullable Endpoints wide) {
        long serverAndClientPort = ConnectionLine.word(server, ports << 16);
        // The code of NAT is 0.
        int flags = wide == null ? FLAG_USED : FLAG_USED | FLAG_IPV6 | FLAG_SERVER_IPV6;
        long wanted =
                ports >>> 16
                        | (long) protocol << ConnectionLine.PROTOCOL_SHIFT
                        | (long) flags << Integer.SIZE;
        int step = step(h);
        int slot = (int) h & mask;
        for (int probe = 0; probe < MAX_PROBES; probe++) {
            long line = line(slot);
            if (ConnectionLine.isServers(line, client, serverAndClientPort, wanted)
                    && (wide == null || wideReply(slot, wide))) {
                return slot;
            }
            if (Memory.nativeShort(line + PASSED_OVER) == 0) {
                return NONE;
            }
            slot = slot + step & mask;
        }
        return NONE;
    }

    /**
     * Finds a persistence template.
     *
     * @param template from the masked client address, port 0, to the virtual address and port, or
     *     to the mark in an address' place; protocol 0 for a mark; with the engine's data if the
     *     service has an engine
     */
    public int findTemplate(Endpoints template) {
        boolean ipv6 = template.ipv6();
        int wanted = FLAG_USED | FLAG_TEMPLATE | (ipv6 ? FLAG_IPV6 : 0);
        long h = hash.ofEntry(FLAG_TEMPLATE, template);
        int step = step(h);
        int slot = (int) h & mask;
        for (int probe = 0; probe < MAX_PROBES; probe++) {
            long line = line(slot);
            if (Memory.nativeInt(line + CLIENT) == template.source()
                    && Memory.nativeInt(line + VIRTUAL) == template.destination()
                    && Memory.nativeInt(line + PORTS) == template.destinationPort()
                    && Memory.nativeInt(line + DATA) == template.data()
                    && Memory.u8(line + PROTOCOL) == template.protocol()
                    && (Memory.nativeInt(line + FLAGS)
                                    & (FLAG_USED | FLAG_TEMPLATE | FLAG_RETIRED | FLAG_IPV6))
                            == wanted
                    && (!ipv6 || wideForward(slot, template))) {
                return slot;
            }
            if (Memory.nativeShort(line + PASSED_OVER) == 0) {
                return NONE;
            }
            slot = slot + step & mask;
        }
        return NONE;
    }

    private static int step(long h) {
        return (int) (h >>> 32) | 1;
    }

    /**
     * Adds an entry; the caller has looked for it and not found it.
     *
     * @param ends from the client to the virtual address
     * @param server the real server's address, of either family
     * @param flags the method's code and FLAG bits; those of the families are added here
     * @param serverNumber its real server's number, {@link #NONE} without one
     * @return its slot, or {@link #NONE} if the table or the endpoint's sequence is full
     */
    public int insert(
            Endpoints ends, IpAddress server, int serverPort, int flags, int serverNumber) {
        if (size >= capacity) {
            return NONE;
        }
        long h = hash.ofEntry(flags, ends);
        int slot = claim(h);
        if (slot == NONE) {
            return NONE;
        }
        size++;
        int families = (ends.ipv6() ? FLAG_IPV6 : 0) | (server.ipv6() ? FLAG_SERVER_IPV6 : 0);
        long line = line(slot);
        int version = Memory.nativeInt(line + VERSION);
        Memory.putNativeInt(line + VERSION, version + 1);
        VarHandle.storeStoreFence();
        Memory.putNativeInt(line + CLIENT, ends.source());
        Memory.putNativeInt(line + VIRTUAL, ends.destination());
        int serverKey = serverKey(server);
        Memory.putNativeInt(line + SERVER, serverKey);
        servers.add(serverKey);
        insertions++;
        Memory.putNativeInt(line + PORTS, ends.sourcePort() << 16 | ends.destinationPort());
        Memory.putNativeShort(line + SERVER_PORT, serverPort);
        Memory.putU8(line + PROTOCOL, ends.protocol());
        Memory.putU8(line + STATE, 0);
        Memory.putNativeInt(line + SERVER_NUMBER, serverNumber);
        Memory.putNativeInt(line + CONTROLLER, NONE);
        Memory.putNativeInt(line + CONTROLLED, 0);
        Memory.putNativeShort(line + PACKETS, 0);
        Memory.putNativeInt(line + DATA, ends.data());
        if (families != 0) {
            makeWide();
            putWide(slot, ends, server);
        }
        Memory.putNativeInt(line + FLAGS, flags | families | FLAG_USED);
        Memory.putIntRelease(line + VERSION, version + 2);
        replies.enter(slot, h);
        return slot;
    }

    /** Whose the replies are of entries that share both ends of them. */
    public ReplyOrder replies() {
        return replies;
    }

    /** The server's address; makes an object. */
    public IpAddress serverAddress(int slot) {
        return serverIpv6(slot)
                ? IpAddress.v6(serverHigh(slot), serverLow(slot))
                : IpAddress.v4(server(slot));
    }

    private int serverKey(IpAddress server) {
        return server.ipv6() ? hash.digest(server.high(), server.low()) : server.v4();
    }

    // Finds a free line on the sequence and counts the entry as passing over those before it.
    private int claim(long h) {
        int step = step(h);
        int slot = (int) h & mask;
        int free = NONE;
        int probes = 0;
        for (int at = slot; probes < MAX_PROBES; probes++, at = at + step & mask) {
            if ((Memory.nativeInt(line(at) + FLAGS) & FLAG_USED) == 0) {
                free = at;
                break;
            }
        }
        if (free == NONE) {
            return NONE;
        }
        for (int at = slot; at != free; at = at + step & mask) {
            adjustPassedOver(line(at), 1);
        }
        return free;
    }

    // A count that has reached its maximum stays there: such a line never ends a search again,
    // which costs time but finds everything.
    private static void adjustPassedOver(long line, int by) {
        int count = Memory.nativeShort(line + PASSED_OVER);
        if (count != MAX_COUNT) {
            Memory.putNativeShort(line + PASSED_OVER, count + by);
        }
    }

    /** Starts loading the line where the search for an entry begins. */
    int touchHome(int slot) {
        return ConnectionLine.flags(searchedLine(hash.ofEntry(line(slot)), 0));
    }

    /** Removes an entry that is no longer in the expiry wheel. */
    public void remove(int slot) {
        long line = line(slot);
        long h = hash.ofEntry(line);
        replies.leave(slot, h);
        int step = step(h);
        for (int at = (int) h & mask; at != slot; at = at + step & mask) {
            adjustPassedOver(line(at), -1);
        }
        servers.remove(Memory.nativeInt(line + SERVER));
        int version = Memory.nativeInt(line + VERSION);
        Memory.putNativeInt(line + VERSION, version + 1);
        VarHandle.storeStoreFence();
        Memory.putNativeInt(line + FLAGS, 0);
        Memory.putIntRelease(line + VERSION, version + 2);
        size--;
    }

    @Override
    public void close() {
        closeLines();
    }
}
