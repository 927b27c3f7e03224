package io.weir.dataplane.flow;

import static io.weir.dataplane.flow.ConnectionLayout.*;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The memory of the connection table and the fields of its entries. The worker alone writes.
 *
 * <p>IPv4 entries need their line alone. The block of wide lines for IPv6 addresses is made by
 * {@link #makeWide} when the first IPv6 rule comes, so that nobody else pays for it.
 */
public abstract sealed class ConnectionLines permits ConnectionTable {
    /** No such entry. */
    public static final int NONE = -1;

    /** Packets are counted up to here, and then again from the middle on. */
    public static final int MOST_PACKETS = 0xffff;

    /** Where the count of packets goes on that has reached {@link #MOST_PACKETS}. */
    public static final int MANY_PACKETS = 0x8000;

    private static final int STATE_BITS = 4;
    static final int STATE_MASK = (1 << STATE_BITS) - 1;

    /** Set in every entry in use. */
    public static final int FLAG_USED = 1 << 30;

    /** The low bits hold {@link io.weir.dataplane.service.ForwardingMethod#code}. */
    public static final int METHOD_MASK = 7;

    /** Told by another balancer's synchronisation daemon, not begun by a packet here. */
    public static final int FLAG_SYNCED = 0x20;

    /** No reply has been seen: the client's direction alone decides about the TCP state. */
    public static final int FLAG_NO_OUTPUT = 0x80;

    /** Counted as inactive at its server. */
    public static final int FLAG_INACTIVE = 0x100;

    /**
     * Expected from a client whose port is not known yet: found with client port 0 by its first
     * packet.
     */
    public static final int FLAG_NO_CLIENT_PORT = 0x800;

    /** A persistence template, not a connection. */
    public static final int FLAG_TEMPLATE = 0x1000;

    /** One-packet scheduling: forgotten as soon as its packet is sent. */
    public static final int FLAG_ONE_PACKET = 0x2000;

    /** A template that was set aside: nothing finds it any more. */
    public static final int FLAG_RETIRED = 0x4000;

    /** An application gateway follows its application's protocol. */
    public static final int FLAG_FOLLOWED = 0x8000;

    /** Client and virtual address are IPv6. */
    public static final int FLAG_IPV6 = 0x10000;

    /** The server's address is IPv6. */
    public static final int FLAG_SERVER_IPV6 = 0x20000;

    /** Made by an application gateway for a connection that was still to come. */
    public static final int FLAG_EXPECTED = 0x40000;

    /** Opened by a real server itself, behind an address that the operator chose. */
    public static final int FLAG_MASQUERADED = 0x80000;

    /** The kernel forwards packets of it. */
    public static final int FLAG_OFFLOADED = 0x100000;

    /** There is a record of it in {@link ReportRecords} that is its own. */
    static final int FLAG_RECORDED = 0x400000;

    /**
     * A template that another balancer has told of with a client's port: packets of that client
     * match it as they match a connection, and it counts as persistent.
     */
    public static final int FLAG_PORT_TEMPLATE = 0x200000;

    /** Four bits of the flags are no flag, see {@link #period}. */
    private static final int PERIOD_SHIFT = 23;

    private static final int PERIOD_BITS = 15;

    // So are three bits above them, see ReplyOrder.

    private final NativeBlock block;
    private final long base;
    private final int lines;
    private final AtomicReference<@Nullable NativeBlock> wideBlock = new AtomicReference<>();
    // A listing on another thread may have begun before there were wide lines.
    private volatile long wideBase;

    ConnectionLines(int lines) {
        this.lines = lines;
        this.block = NativeBlock.table((long) lines * LINE_BYTES);
        this.base = block.address();
    }

    /**
     * Makes room for IPv6 addresses, once: as much again as the lines themselves have. Takes as
     * long as {@link NativeBlock#table}; any thread, so that the worker need not.
     */
    public void makeWide() {
        if (wideBase != 0) {
            return;
        }
        NativeBlock made = NativeBlock.table((long) lines * LINE_BYTES);
        if (!wideBlock.compareAndSet(null, made)) {
            made.close();
        }
        wideBase = Objects.requireNonNull(wideBlock.get()).address();
    }

    /** The address of an entry's line, see {@link ConnectionLine}. */
    public long line(int slot) {
        return Memory.known(base + (long) slot * LINE_BYTES);
    }

    /** The entry whose line has this address. */
    public int slotAt(long line) {
        return (int) ((line - base) / LINE_BYTES);
    }

    long wideLine(int slot) {
        return wideBase + (long) slot * LINE_BYTES;
    }

    /** The address of the wide lines; 0 while there are none, or another thread sees none yet. */
    long wideBase() {
        return wideBase;
    }

    public boolean used(int slot) {
        return (flags(slot) & FLAG_USED) != 0;
    }

    /** The IPv4 address, or the digest of the IPv6 one. */
    public int client(int slot) {
        return Memory.nativeInt(line(slot) + CLIENT);
    }

    /** The IPv4 address, or the digest of the IPv6 one. */
    public int virtual(int slot) {
        return Memory.nativeInt(line(slot) + VIRTUAL);
    }

    /** The IPv4 address, or the digest of the IPv6 one. */
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
        return Memory.u8(line(slot) + STATE) & STATE_MASK;
    }

    public void setState(int slot, int state) {
        long at = line(slot) + STATE;
        Memory.putU8(at, (Memory.u8(at) & ~STATE_MASK) | state);
    }

    /** The state that another balancer was last told, or told us; 0 before. */
    public int reportedState(int slot) {
        return Memory.u8(line(slot) + STATE) >>> STATE_BITS;
    }

    /** The lowest four bits of the last number that was {@link #setPeriod} in this entry's life. */
    public int period(int slot) {
        return (flags(slot) >>> PERIOD_SHIFT) & PERIOD_BITS;
    }

    /** Keeps four bits of the number of a period in which something was looked after. */
    public void setPeriod(int slot, int number) {
        int others = flags(slot) & ~(PERIOD_BITS << PERIOD_SHIFT);
        setFlags(slot, others | ((number & PERIOD_BITS) << PERIOD_SHIFT));
    }

    /** Notes that another balancer knows the state as it is now. */
    public void setStateReported(int slot) {
        int state = state(slot);
        Memory.putU8(line(slot) + STATE, (state << STATE_BITS) | state);
    }

    /**
     * State, flags and more of an entry, read at once: for {@link #flagsOf} and {@link #stateOf}.
     */
    public long condition(int slot) {
        return ConnectionLine.condition(line(slot));
    }

    /** The {@link #flags} that a {@link #condition} has. */
    public static int flagsOf(long condition) {
        return (int) (condition >>> (Byte.SIZE * (FLAGS - SERVER_PORT)));
    }

    /** The {@link #state} that a {@link #condition} has. */
    public static int stateOf(long condition) {
        return (int) (condition >>> (Byte.SIZE * (STATE - SERVER_PORT))) & STATE_MASK;
    }

    /** The server's port that a {@link #condition} has. */
    public static int serverPortOf(long condition) {
        return (int) condition & 0xffff;
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

    /** Binds an entry to a real server. */
    public void setServerNumber(int slot, int number) {
        Memory.putNativeInt(line(slot) + SERVER_NUMBER, number);
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

    /**
     * How many packets have come from the client; {@link #MANY_PACKETS} or more may be that many
     * too few, any number of times.
     */
    public int packets(int slot) {
        return Memory.nativeShort(line(slot) + PACKETS);
    }

    /** Counts a packet from the client. */
    public void countPacket(int slot) {
        ConnectionLine.countPacket(line(slot));
    }

    /** As {@link #countPacket} so many times. */
    public void countPackets(int slot, long packets) {
        long count = packets(slot) + packets;
        int round = MOST_PACKETS + 1 - MANY_PACKETS;
        setPackets(
                slot,
                (int)
                        (count < MANY_PACKETS
                                ? count
                                : MANY_PACKETS + (count - MANY_PACKETS) % round));
    }

    /** Lets the count of packets go on from another number, at most {@link #MOST_PACKETS}. */
    public void setPackets(int slot, int count) {
        Memory.putNativeShort(line(slot) + PACKETS, count);
    }

    /** Where the wheel has it. */
    int place(int slot) {
        return Memory.nativeInt(line(slot) + PLACE);
    }

    void setPlace(int slot, int place) {
        Memory.putNativeInt(line(slot) + PLACE, place);
    }

    /** What a persistence engine knows a template's client by: a number, or NONE. */
    public int data(int slot) {
        return Memory.nativeInt(line(slot) + DATA);
    }

    /** Whether client and virtual address are IPv6. */
    public boolean ipv6(int slot) {
        return has(slot, FLAG_IPV6);
    }

    /** Whether the server's address is IPv6; in a tunnel it may differ from {@link #ipv6}. */
    public boolean serverIpv6(int slot) {
        return has(slot, FLAG_SERVER_IPV6);
    }

    /** The first 8 bytes of an IPv6 client. */
    public long clientHigh(int slot) {
        return Memory.nativeLong(wideLine(slot) + WIDE_CLIENT);
    }

    /** The last 8 bytes of an IPv6 client. */
    public long clientLow(int slot) {
        return Memory.nativeLong(wideLine(slot) + WIDE_CLIENT + 8);
    }

    /** The first 8 bytes of an IPv6 virtual address. */
    public long virtualHigh(int slot) {
        return Memory.nativeLong(wideLine(slot) + WIDE_VIRTUAL);
    }

    /** The last 8 bytes of an IPv6 virtual address. */
    public long virtualLow(int slot) {
        return Memory.nativeLong(wideLine(slot) + WIDE_VIRTUAL + 8);
    }

    /** The first 8 bytes of an IPv6 server's address. */
    public long serverHigh(int slot) {
        return Memory.nativeLong(wideLine(slot) + WIDE_SERVER);
    }

    /** The last 8 bytes of an IPv6 server's address. */
    public long serverLow(int slot) {
        return Memory.nativeLong(wideLine(slot) + WIDE_SERVER + 8);
    }

    void putWide(int slot, Endpoints ends, IpAddress server) {
        long wide = wideLine(slot);
        Memory.putNativeLong(wide + WIDE_CLIENT, ends.sourceHigh());
        Memory.putNativeLong(wide + WIDE_CLIENT + 8, ends.sourceLow());
        Memory.putNativeLong(wide + WIDE_VIRTUAL, ends.destinationHigh());
        Memory.putNativeLong(wide + WIDE_VIRTUAL + 8, ends.destinationLow());
        Memory.putNativeLong(wide + WIDE_SERVER, server.high());
        Memory.putNativeLong(wide + WIDE_SERVER + 8, server.low());
    }

    /** Whether an entry's whole addresses are the ends of a client's packet. */
    boolean wideForward(int slot, Endpoints ends) {
        return clientHigh(slot) == ends.sourceHigh()
                && clientLow(slot) == ends.sourceLow()
                && virtualHigh(slot) == ends.destinationHigh()
                && virtualLow(slot) == ends.destinationLow();
    }

    /** Whether an entry's whole addresses are the ends of a server's packet. */
    boolean wideReply(int slot, Endpoints ends) {
        return clientHigh(slot) == ends.destinationHigh()
                && clientLow(slot) == ends.destinationLow()
                && serverHigh(slot) == ends.sourceHigh()
                && serverLow(slot) == ends.sourceLow();
    }

    void closeLines() {
        block.close();
        NativeBlock wide = wideBlock.get();
        if (wide != null) {
            wide.close();
        }
    }
}
