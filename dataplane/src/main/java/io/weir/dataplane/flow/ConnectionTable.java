package io.weir.dataplane.flow;

import static io.weir.dataplane.flow.ConnectionLayout.*;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

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
public final class ConnectionTable implements AutoCloseable {
    /** No such entry. */
    public static final int NONE = -1;

    /** The most slots looked at for one entry. */
    public static final int MAX_PROBES = 128;

    /** Lines per connection of capacity: 10 lines for 6 connections keeps probe sequences short. */
    private static final double LOAD = 0.6;

    private static final int MAX_COUNT = 0xffff;

    /** Set in every entry in use. */
    public static final int FLAG_USED = 1 << 30;

    /** The low bits hold {@link io.weir.dataplane.service.ForwardingMethod#code}. */
    public static final int METHOD_MASK = 7;

    /** No reply has been seen: the client's direction alone decides about the TCP state. */
    public static final int FLAG_NO_OUTPUT = 0x80;

    /** Counted as inactive at its server. */
    public static final int FLAG_INACTIVE = 0x100;

    /** A persistence template, not a connection. */
    public static final int FLAG_TEMPLATE = 0x1000;

    /** One-packet scheduling: forgotten as soon as its packet is sent. */
    public static final int FLAG_ONE_PACKET = 0x2000;

    /** A template that was set aside: nothing finds it any more. */
    public static final int FLAG_RETIRED = 0x4000;

    private final int capacity;
    private final int mask;
    private final NativeBlock block;
    private final long base;
    private final FlowHash hash;
    private int size;

    /**
     * Makes an empty table.
     *
     * @param capacity the most entries it takes
     * @param seed the hash's secret
     */
    public ConnectionTable(int capacity, long seed) {
        if (capacity < 1 || capacity > (1 << 29)) {
            throw new IllegalArgumentException("capacity " + capacity + " is not in 1..2^29");
        }
        this.capacity = capacity;
        int lines = Integer.highestOneBit((int) Math.max(64, capacity / LOAD) - 1) << 1;
        this.mask = lines - 1;
        this.block = new NativeBlock((long) lines * LINE_BYTES);
        this.base = block.address();
        this.hash = new FlowHash(seed);
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

    long line(int slot) {
        return base + (long) slot * LINE_BYTES;
    }

    /**
     * Starts loading the line where an endpoint's entries begin, so that the lookup finds it near.
     */
    public int touch(int protocol, int address, int port) {
        return Memory.nativeInt(line((int) hash.of(address, port, protocol) & mask) + FLAGS);
    }

    /** Finds the connection of a packet that a client sent. */
    public int findForward(int protocol, int client, int clientPort, int virtual, int virtualPort) {
        long h = hash.of(client, clientPort, protocol);
        int step = step(h);
        int slot = (int) h & mask;
        int ports = clientPort << 16 | virtualPort;
        for (int probe = 0; probe < MAX_PROBES; probe++) {
            long line = line(slot);
            if (Memory.nativeInt(line + CLIENT) == client
                    && Memory.nativeInt(line + PORTS) == ports
                    && Memory.nativeInt(line + VIRTUAL) == virtual
                    && Memory.u8(line + PROTOCOL) == protocol
                    && plainConnection(line)) {
                return slot;
            }
            if (Memory.nativeShort(line + PASSED_OVER) == 0) {
                return NONE;
            }
            slot = slot + step & mask;
        }
        return NONE;
    }

    /** Finds the connection of a packet that a real server sent, whatever its forwarding method. */
    public int findReply(int protocol, int server, int serverPort, int client, int clientPort) {
        long h = hash.of(client, clientPort, protocol);
        int step = step(h);
        int slot = (int) h & mask;
        for (int probe = 0; probe < MAX_PROBES; probe++) {
            long line = line(slot);
            if (Memory.nativeInt(line + CLIENT) == client
                    && Memory.nativeInt(line + PORTS) >>> 16 == clientPort
                    && Memory.nativeInt(line + SERVER) == server
                    && Memory.nativeShort(line + SERVER_PORT) == serverPort
                    && Memory.u8(line + PROTOCOL) == protocol
                    && plainConnection(line)) {
                return slot;
            }
            if (Memory.nativeShort(line + PASSED_OVER) == 0) {
                return NONE;
            }
            slot = slot + step & mask;
        }
        return NONE;
    }

    private static boolean plainConnection(long line) {
        return (Memory.nativeInt(line + FLAGS) & (FLAG_USED | FLAG_TEMPLATE | FLAG_RETIRED))
                == FLAG_USED;
    }

    /**
     * Finds a persistence template.
     *
     * @param protocol the service's, 0 for a mark
     * @param network the masked client address
     * @param virtual the virtual address, or the mark
     */
    public int findTemplate(int protocol, int network, int virtual, int virtualPort) {
        long h = hash.of(network, virtual, virtualPort, protocol);
        int step = step(h);
        int slot = (int) h & mask;
        for (int probe = 0; probe < MAX_PROBES; probe++) {
            long line = line(slot);
            if (Memory.nativeInt(line + CLIENT) == network
                    && Memory.nativeInt(line + VIRTUAL) == virtual
                    && Memory.nativeInt(line + PORTS) == virtualPort
                    && Memory.u8(line + PROTOCOL) == protocol
                    && (Memory.nativeInt(line + FLAGS) & (FLAG_USED | FLAG_TEMPLATE | FLAG_RETIRED))
                            == (FLAG_USED | FLAG_TEMPLATE)) {
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
     * @param flags the method's code and FLAG bits
     * @param serverNumber its real server's number, {@link #NONE} without one
     * @return its slot, or {@link #NONE} if the table or the endpoint's sequence is full
     */
    public int insert(
            int protocol,
            int client,
            int clientPort,
            int virtual,
            int virtualPort,
            int server,
            int serverPort,
            int flags,
            int serverNumber) {
        if (size >= capacity) {
            return NONE;
        }
        int slot = claim(entryHash(flags, protocol, client, clientPort, virtual, virtualPort));
        if (slot == NONE) {
            return NONE;
        }
        size++;
        long line = line(slot);
        int version = Memory.nativeInt(line + VERSION);
        Memory.putNativeInt(line + VERSION, version + 1);
        VarHandle.storeStoreFence();
        Memory.putNativeInt(line + CLIENT, client);
        Memory.putNativeInt(line + VIRTUAL, virtual);
        Memory.putNativeInt(line + SERVER, server);
        Memory.putNativeInt(line + PORTS, clientPort << 16 | virtualPort);
        Memory.putNativeShort(line + SERVER_PORT, serverPort);
        Memory.putU8(line + PROTOCOL, protocol);
        Memory.putU8(line + STATE, 0);
        Memory.putNativeInt(line + SERVER_NUMBER, serverNumber);
        Memory.putNativeInt(line + CONTROLLER, NONE);
        Memory.putNativeInt(line + CONTROLLED, 0);
        Memory.putNativeInt(line + FLAGS, flags | FLAG_USED);
        Memory.putIntRelease(line + VERSION, version + 2);
        return slot;
    }

    // A template is looked for by its service too, a connection by its client alone.
    private long entryHash(
            int flags, int protocol, int client, int clientPort, int virtual, int virtualPort) {
        return (flags & FLAG_TEMPLATE) != 0
                ? hash.of(client, virtual, virtualPort, protocol)
                : hash.of(client, clientPort, protocol);
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

    /** Removes an entry that is no longer in the expiry wheel. */
    public void remove(int slot) {
        long line = line(slot);
        int protocol = Memory.u8(line + PROTOCOL);
        int client = Memory.nativeInt(line + CLIENT);
        int ports = Memory.nativeInt(line + PORTS);
        int virtual = Memory.nativeInt(line + VIRTUAL);
        int flags = Memory.nativeInt(line + FLAGS);
        long h = entryHash(flags, protocol, client, ports >>> 16, virtual, ports & 0xffff);
        int step = step(h);
        for (int at = (int) h & mask; at != slot; at = at + step & mask) {
            adjustPassedOver(line(at), -1);
        }
        int version = Memory.nativeInt(line + VERSION);
        Memory.putNativeInt(line + VERSION, version + 1);
        VarHandle.storeStoreFence();
        Memory.putNativeInt(line + FLAGS, 0);
        Memory.putIntRelease(line + VERSION, version + 2);
        size--;
    }

    public boolean used(int slot) {
        return (flags(slot) & FLAG_USED) != 0;
    }

    public int client(int slot) {
        return Memory.nativeInt(line(slot) + CLIENT);
    }

    public int virtual(int slot) {
        return Memory.nativeInt(line(slot) + VIRTUAL);
    }

    public int server(int slot) {
        return Memory.nativeInt(line(slot) + SERVER);
    }

    public int clientPort(int slot) {
        return Memory.nativeInt(line(slot) + PORTS) >>> 16;
    }

    public int virtualPort(int slot) {
        return Memory.nativeInt(line(slot) + PORTS) & 0xffff;
    }

    public int serverPort(int slot) {
        return Memory.nativeShort(line(slot) + SERVER_PORT);
    }

    public int protocol(int slot) {
        return Memory.u8(line(slot) + PROTOCOL);
    }

    public int state(int slot) {
        return Memory.u8(line(slot) + STATE);
    }

    public void setState(int slot, int state) {
        Memory.putU8(line(slot) + STATE, state);
    }

    public int flags(int slot) {
        return Memory.nativeInt(line(slot) + FLAGS);
    }

    public void setFlags(int slot, int flags) {
        Memory.putNativeInt(line(slot) + FLAGS, flags);
    }

    public boolean has(int slot, int flag) {
        return (flags(slot) & flag) != 0;
    }

    /** The {@link io.weir.dataplane.service.ForwardingMethod#code}. */
    public int method(int slot) {
        return flags(slot) & METHOD_MASK;
    }

    public int serverNumber(int slot) {
        return Memory.nativeInt(line(slot) + SERVER_NUMBER);
    }

    /** The template or control connection that made it, or {@link #NONE}. */
    public int controller(int slot) {
        return Memory.nativeInt(line(slot) + CONTROLLER);
    }

    public void setController(int slot, int controller) {
        Memory.putNativeInt(line(slot) + CONTROLLER, controller);
    }

    /** How many living entries it controls. */
    public int controlled(int slot) {
        return Memory.nativeInt(line(slot) + CONTROLLED);
    }

    public void setControlled(int slot, int count) {
        Memory.putNativeInt(line(slot) + CONTROLLED, count);
    }

    /** Lets nothing find a template any more, while it lives on; its virtual port becomes 65535. */
    public void retireTemplate(int slot) {
        setFlags(slot, flags(slot) | FLAG_RETIRED);
    }

    @Override
    public void close() {
        block.close();
    }
}
