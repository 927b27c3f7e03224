package io.weir.dataplane.testing;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.offload.EventRing;
import io.weir.dataplane.offload.FlowTable;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The program that forwards flows in the kernel, written down in the plainest way: it reads the
 * memory that a worker shares with it, looks at every place there is, counts, and says what becomes
 * of a frame. Checksums are summed up anew where the program adjusts them.
 */
public final class KernelTwin implements AutoCloseable {
    private static final int ETHERNET = 14;
    private static final int IPV4 = 20;
    private static final int TCP = 6;
    private static final int UDP = 17;

    private final NativeBlock keys;
    private final NativeBlock actions;
    private final NativeBlock wide;
    private final NativeBlock events;
    private final List<FlowTable> tables = new ArrayList<>();

    /** Makes a table of four times two to the power of {@code bucketBits} places for a worker. */
    public KernelTwin(int bucketBits, long seed) {
        this(bucketBits, seed, 1);
    }

    /** Makes one for several workers. */
    public KernelTwin(int bucketBits, long seed, int workers) {
        keys = new NativeBlock(FlowTable.keyBytes(bucketBits));
        actions = new NativeBlock(FlowTable.actionBytes(bucketBits));
        wide = new NativeBlock(FlowTable.wideBytes(bucketBits));
        events = new NativeBlock((long) workers * EventRing.BYTES);
        for (int i = 0; i < workers; i++) {
            EventRing ring = new EventRing(events.address() + (long) i * EventRing.BYTES);
            tables.add(
                    new FlowTable(
                            keys.address(),
                            actions.address(),
                            wide.address(),
                            ring,
                            i,
                            bucketBits,
                            seed));
        }
    }

    /** A frame that leaves, and the interface. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares or changes it
    public record Sent(int link, byte[] frame) {}

    /** The first worker's view. */
    public FlowTable table() {
        return tables.getFirst();
    }

    /** Each worker's view. */
    public List<FlowTable> tables() {
        return Collections.unmodifiableList(tables);
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
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        byte[] key = new byte[FlowTable.KEY_BYTES];
        bytes.get(ETHERNET + 12, key, 0, 12);
        int found = FlowTable.NONE;
        for (int place = 0; place < table().capacity(); place++) {
            long at = keys.address() + (long) place * FlowTable.KEY_BYTES;
            byte[] there = Memory.bytes(at, 12);
            if (Memory.nativeInt(at + FlowTable.KEY_PROTOCOL) == (frame[ETHERNET + 9] & 0xff)
                    && Arrays.equals(there, 0, 12, key, 0, 12)) {
                if (found != FlowTable.NONE) {
                    throw new AssertionError("the flow is there twice");
                }
                found = place;
            }
        }
        return found;
    }

    /** What becomes of a frame, which is counted; null if it is the worker's. */
    public @Nullable Sent forward(byte[] frame) {
        int place = plain(frame) ? place(frame) : FlowTable.NONE;
        if (place == FlowTable.NONE) {
            return null;
        }
        long action = action(place);
        int length = half(frame, ETHERNET + 2);
        if (length > (Memory.nativeShort(action + FlowTable.LONGEST) & 0xffff)) {
            return null;
        }
        int marks = Memory.u8(action + FlowTable.FLAGS);
        if (begins(frame) && (marks & FlowTable.FLAG_ANSWER) == 0) {
            return null;
        }
        FlowTable owner = tables.get(Memory.u8(action + FlowTable.WORKER));
        boolean opening = (marks & FlowTable.FLAG_OPENING) != 0;
        if ((ends(frame) || opening) && !owner.events().put(place, flags(frame), ports(frame))) {
            return null;
        }
        count(place, 1, length);
        return new Sent(
                Memory.nativeInt(action + FlowTable.INTERFACE), rewritten(frame, length, action));
    }

    /** Counts packets of a place, also one that a flow has just left. */
    public void count(int place, int packets, long bytes) {
        long action = action(place);
        Memory.putNativeInt(
                action + FlowTable.PACKETS, Memory.nativeInt(action + FlowTable.PACKETS) + packets);
        Memory.putNativeLong(
                action + FlowTable.BYTES, Memory.nativeLong(action + FlowTable.BYTES) + bytes);
    }

    private long action(int place) {
        return actions.address() + (long) place * FlowTable.ACTION_BYTES;
    }

    private static int half(byte[] frame, int at) {
        return (frame[at] & 0xff) << 8 | (frame[at + 1] & 0xff);
    }

    private static boolean plain(byte[] frame) {
        if (frame.length < ETHERNET + IPV4 + 14
                || half(frame, 12) != 0x0800
                || frame[ETHERNET] != 0x45
                || (half(frame, ETHERNET + 6) & 0x3fff) != 0
                || (frame[ETHERNET + 8] & 0xff) < 2
                || sum(frame, ETHERNET, IPV4, 0) != 0xffff) {
            return false;
        }
        int length = half(frame, ETHERNET + 2);
        int protocol = frame[ETHERNET + 9];
        if (length > frame.length - ETHERNET) {
            return false;
        }
        return protocol == UDP ? length >= 28 : protocol == TCP && length >= 40 && known(frame);
    }

    private static int flags(byte[] frame) {
        return frame[ETHERNET + IPV4 + 13] & 0xff;
    }

    private static int ports(byte[] frame) {
        return half(frame, ETHERNET + IPV4) << 16 | half(frame, ETHERNET + IPV4 + 2);
    }

    private static boolean known(byte[] frame) {
        int deciding = flags(frame) & 0x17;
        return begins(frame) ? deciding == 0x12 : deciding != 0;
    }

    private static boolean begins(byte[] frame) {
        return frame[ETHERNET + 9] == TCP && (flags(frame) & 0x02) != 0;
    }

    /** Whether a FIN or RST is to be told of. */
    private static boolean ends(byte[] frame) {
        return frame[ETHERNET + 9] == TCP && (flags(frame) & 0x05) != 0;
    }

    private static int sum(byte[] frame, int from, int bytes, int start) {
        int sum = start;
        for (int i = 0; i < bytes; i += 2) {
            sum += i + 1 < bytes ? half(frame, from + i) : (frame[from + i] & 0xff) << 8;
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }

    private static byte[] rewritten(byte[] frame, int length, long action) {
        byte[] out = Arrays.copyOf(frame, ETHERNET + length);
        Memory.copyOut(action + FlowTable.ETHERNET, out, 0, ETHERNET);
        out[ETHERNET + 8]--;
        boolean translated = (Memory.u8(action + FlowTable.FLAGS) & FlowTable.FLAG_TRANSLATED) != 0;
        if (translated) {
            Memory.copyOut(action + FlowTable.ADDRESSES, out, ETHERNET + 12, 8);
            Memory.copyOut(action + FlowTable.PORTS, out, ETHERNET + IPV4, 4);
        }
        put(out, ETHERNET + 10, 0);
        put(out, ETHERNET + 10, ~sum(out, ETHERNET, IPV4, 0));
        int checksum = ETHERNET + IPV4 + (out[ETHERNET + 9] == TCP ? 16 : 6);
        if (translated && (out[ETHERNET + 9] == TCP || half(frame, checksum) != 0)) {
            put(out, checksum, 0);
            int pseudo = sum(out, ETHERNET + 12, 8, out[ETHERNET + 9] + length - IPV4);
            int sum = ~sum(out, ETHERNET + IPV4, length - IPV4, pseudo) & 0xffff;
            put(out, checksum, sum == 0 && out[ETHERNET + 9] == UDP ? 0xffff : sum);
        }
        return out;
    }

    private static void put(byte[] frame, int at, int value) {
        frame[at] = (byte) (value >>> 8);
        frame[at + 1] = (byte) value;
    }

    @Override
    public void close() {
        keys.close();
        actions.close();
        wide.close();
        events.close();
    }
}
