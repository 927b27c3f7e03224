package io.weir.dataplane.testing;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.offload.FlowMemory;
import io.weir.dataplane.offload.FlowTable;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;

/**
 * The program that forwards flows in the kernel, written down in the plainest way: it reads the
 * memory that a worker shares with it, looks at every place there is, counts, and says what becomes
 * of a frame. Checksums are summed up anew where the program adjusts them.
 */
public final class KernelTwin implements AutoCloseable {
    private static final int ETHERNET = 14;
    private static final int IPV4_LENGTH = 16;
    private static final int IPV4_FRAGMENT = 20;
    private static final int IPV4_CHECKSUM = 24;
    private static final int IPV6_LENGTH = 18;
    private static final int TCP = 6;
    private static final int UDP = 17;

    private final FlowMemory memory;

    /** Makes a table of four times two to the power of {@code bucketBits} places for a worker. */
    public KernelTwin(int bucketBits, long seed) {
        this(bucketBits, seed, 1);
    }

    /** Makes one for several workers. */
    public KernelTwin(int bucketBits, long seed, int workers) {
        memory = new FlowMemory(bucketBits, seed, workers);
    }

    /** A frame that leaves, and the interface. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares or changes it
    public record Sent(int link, byte[] frame) {}

    /** The first worker's view. */
    public FlowTable table() {
        return memory.tables().getFirst();
    }

    /** Each worker's view. */
    public List<FlowTable> tables() {
        return memory.tables();
    }

    /** How many flows are open. */
    public int open() {
        int count = 0;
        for (int place = 0; place < table().capacity(); place++) {
            count += table().has(place) ? 1 : 0;
        }
        return count;
    }

    /** The place of a frame's flow, or {@link FlowTable#NONE}. */
    public int place(byte[] frame) {
        Family family = Family.of(frame);
        int found = FlowTable.NONE;
        for (int place = 0; place < table().capacity(); place++) {
            if (isOf(place, frame, family)) {
                if (found != FlowTable.NONE) {
                    throw new AssertionError("the flow is there twice");
                }
                found = place;
            }
        }
        return found;
    }

    private boolean isOf(int place, byte[] frame, Family family) {
        long key = memory.key(place);
        int wideProtocol = family.protocolOf(frame) | FlowTable.KEY_IPV6;
        int protocol = family == Family.IPV6 ? wideProtocol : family.protocolOf(frame);
        long addresses = family == Family.IPV6 ? memory.wide(place) : key;
        return Memory.nativeInt(key + FlowTable.KEY_PROTOCOL) == protocol
                && isAt(key + FlowTable.KEY_PORTS, frame, family.transport, 4)
                && isAt(addresses, frame, family.addresses, family.addressBytes);
    }

    private static boolean isAt(long address, byte[] frame, int from, int bytes) {
        byte[] there = Memory.bytes(address, bytes);
        return Arrays.equals(there, 0, bytes, frame, from, from + bytes);
    }

    /** What becomes of a frame, which is counted; null if it is the worker's. */
    public @Nullable Sent forward(byte[] frame) {
        Family family = Family.of(frame);
        int place = plain(frame, family) ? place(frame) : FlowTable.NONE;
        if (place == FlowTable.NONE) {
            return null;
        }
        long action = memory.action(place);
        int marks = Memory.u8(action + FlowTable.FLAGS);
        boolean translated = (marks & FlowTable.FLAG_TRANSLATED) != 0;
        boolean opening = (marks & FlowTable.FLAG_OPENING) != 0;
        int length = family.lengthOf(frame);
        if (length > (Memory.nativeShort(action + FlowTable.LONGEST) & 0xffff)
                || (translated && family.unchecked(frame))
                || (family.begins(frame) && (marks & FlowTable.FLAG_ANSWER) == 0)) {
            return null;
        }
        FlowTable owner = memory.tables().get(Memory.u8(action + FlowTable.WORKER));
        if ((family.ends(frame) || opening)
                && !owner.events().put(place, family.flags(frame), family.ports(frame))) {
            return null;
        }
        count(place, 1, length);
        byte[] out = Arrays.copyOf(frame, ETHERNET + length);
        Memory.copyOut(action + FlowTable.ETHERNET, out, 0, ETHERNET);
        out[family.hops]--;
        if (translated) {
            boolean ipv6 = family == Family.IPV6;
            long ends =
                    ipv6 ? memory.wide(place) + FlowTable.WIDE_NEW : action + FlowTable.ADDRESSES;
            Memory.copyOut(ends, out, family.addresses, family.addressBytes);
            Memory.copyOut(action + FlowTable.PORTS, out, family.transport, 4);
            sumTransport(out, family);
        }
        if (family == Family.IPV4) {
            put(out, IPV4_CHECKSUM, 0);
            put(out, IPV4_CHECKSUM, ~sum(out, ETHERNET, family.transport - ETHERNET, 0));
        }
        return new Sent(Memory.nativeInt(action + FlowTable.INTERFACE), out);
    }

    /** Counts packets of a place, also one that a flow has just left. */
    public void count(int place, int packets, long bytes) {
        memory.count(place, packets, bytes);
    }

    private static int half(byte[] frame, int at) {
        return (frame[at] & 0xff) << 8 | (frame[at + 1] & 0xff);
    }

    private static boolean plain(byte[] frame, Family family) {
        if (frame.length < family.transport + 14
                || !family.plainHeader(frame)
                || (frame[family.hops] & 0xff) < 2) {
            return false;
        }
        int length = family.lengthOf(frame);
        int rest = length - (family.transport - ETHERNET);
        int protocol = family.protocolOf(frame);
        return length <= frame.length - ETHERNET
                && (protocol == UDP
                        ? rest >= 8
                        : protocol == TCP && rest >= 20 && known(family.flags(frame)));
    }

    private static boolean known(int flags) {
        int deciding = flags & 0x17;
        return (deciding & 0x02) != 0 ? deciding == 0x12 : deciding != 0;
    }

    private static int sum(byte[] frame, int from, int bytes, int start) {
        int sum = start;
        for (int i = 0; i < bytes; i += 2) {
            sum += i + 1 < bytes ? half(frame, from + i) : (frame[from + i] & 0xff) << 8;
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }

    private static void sumTransport(byte[] out, Family family) {
        int bytes = out.length - family.transport;
        int protocol = family.protocolOf(out);
        int checksum = family.transport + (protocol == TCP ? 16 : 6);
        put(out, checksum, 0);
        int pseudo = sum(out, family.addresses, family.addressBytes, protocol + bytes);
        int sum = ~sum(out, family.transport, bytes, pseudo) & 0xffff;
        put(out, checksum, sum == 0 && protocol == UDP ? 0xffff : sum);
    }

    /** Where a plain frame has what matters. */
    private enum Family {
        IPV4(0x0800, 34, 26, 8, 22, 23),
        IPV6(0x86dd, 54, 22, 32, 21, 20);

        private final int type;
        private final int transport;
        private final int addresses;
        private final int addressBytes;
        private final int hops;
        private final int protocol;

        Family(int type, int transport, int addresses, int addressBytes, int hops, int protocol) {
            this.type = type;
            this.transport = transport;
            this.addresses = addresses;
            this.addressBytes = addressBytes;
            this.hops = hops;
            this.protocol = protocol;
        }

        static Family of(byte[] frame) {
            return half(frame, 12) == IPV6.type ? IPV6 : IPV4;
        }

        boolean plainHeader(byte[] frame) {
            return half(frame, 12) == type
                    && (this == IPV6
                            ? (frame[ETHERNET] & 0xf0) == 0x60
                            : frame[ETHERNET] == 0x45
                                    && (half(frame, IPV4_FRAGMENT) & 0x3fff) == 0
                                    && sum(frame, ETHERNET, transport - ETHERNET, 0) == 0xffff);
        }

        int protocolOf(byte[] frame) {
            return frame[protocol] & 0xff;
        }

        int lengthOf(byte[] frame) {
            return this == IPV6
                    ? half(frame, IPV6_LENGTH) + transport - ETHERNET
                    : half(frame, IPV4_LENGTH);
        }

        int flags(byte[] frame) {
            return frame[transport + 13] & 0xff;
        }

        int ports(byte[] frame) {
            return half(frame, transport) << 16 | half(frame, transport + 2);
        }

        /** Whether it is a SYN, of whatever kind. */
        boolean begins(byte[] frame) {
            return frame[protocol] == TCP && (flags(frame) & 0x02) != 0;
        }

        /** Whether a FIN or RST is to be told of. */
        boolean ends(byte[] frame) {
            return frame[protocol] == TCP && (flags(frame) & 0x05) != 0;
        }

        /** Whether it is a datagram without a checksum. */
        boolean unchecked(byte[] frame) {
            return frame[protocol] == UDP && half(frame, transport + 6) == 0;
        }
    }

    private static void put(byte[] frame, int at, int value) {
        frame[at] = (byte) (value >>> 8);
        frame[at + 1] = (byte) value;
    }

    @Override
    public void close() {
        memory.close();
    }
}
