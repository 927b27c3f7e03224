package io.weir.dataplane.io.afxdp;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.Mapping;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * An AF_XDP socket of one receive queue, and its rings; see Documentation/networking/af_xdp.rst of
 * Linux.
 *
 * <p>Each queue registers the memory for itself instead of sharing the registration of the first
 * one of all (XDP_SHARED_UMEM). Addresses are the same in all of them either way; but so an
 * interface may go, whichever came first, and each has the mode that its own driver offers. Only
 * the sockets that several workers have of one queue share, as the kernel wants it.
 */
final class XdpSocket implements AutoCloseable {
    // linux/if_xdp.h
    private static final int XDP_MMAP_OFFSETS = 1;
    private static final int XDP_RX_RING = 2;
    private static final int XDP_TX_RING = 3;
    private static final int XDP_UMEM_REG = 4;
    private static final int XDP_UMEM_FILL_RING = 5;
    private static final int XDP_UMEM_COMPLETION_RING = 6;
    private static final int XDP_STATISTICS = 7;
    private static final int XDP_OPTIONS = 8;
    private static final int XDP_MAX_TX_SKB_BUDGET = 9;
    private static final int XDP_SHARED_UMEM = 1;
    private static final int XDP_COPY = 2;
    private static final int XDP_USE_NEED_WAKEUP = 8;
    private static final int OPTION_ZEROCOPY = 1;
    private static final long PAGE_RX_RING = 0;
    private static final long PAGE_TX_RING = 0x80000000L;
    private static final long PAGE_FILL_RING = 0x100000000L;
    private static final long PAGE_COMPLETION_RING = 0x180000000L;
    private static final int REGISTRATION_BYTES = 32;
    private static final int RING_OFFSETS_BYTES = 32;
    private static final int STATISTICS_BYTES = 48;
    private static final int SOCKADDR_BYTES = 16;

    /** Frames that one call sends in copy mode; else 32, with a call for each. */
    private static final int SEND_BUDGET = 1024;

    /** Frames under way in the peer of a veth stay on our account until it has taken them. */
    private static final int SEND_BUFFER_BYTES = 16 << 20;

    /** How often a flush calls again when the kernel has not taken everything. */
    private static final int RETRIES = 64;

    private final Descriptor socket;
    private final List<Mapping> mappings = new ArrayList<>();
    private final String purpose;
    private RingMemory fill = NO_RING;
    private RingMemory completed = NO_RING;
    private RingMemory received = NO_RING;
    private @Nullable RingMemory transmit;
    private boolean zeroCopy;

    private static final RingMemory NO_RING = new RingMemory(0, 0, 0, 0, 0, 0);

    /**
     * Where a socket is to be bound.
     *
     * @param queue the receive queue, and the transmit queue of the same number if there is one
     * @param copy whether not to ask the driver for its zero-copy mode
     * @param purpose for messages
     */
    record Place(int linkIndex, int queue, boolean copy, String purpose) {}

    /**
     * Numbers of entries, powers of two.
     *
     * @param receive of a socket's ring of frames received
     * @param send of a socket's ring of frames to send
     * @param fill of the queue's ring of frames to receive into
     * @param completion of the queue's ring of frames sent
     */
    record Sizes(int receive, int send, int fill, int completion) {}

    private XdpSocket(Descriptor socket, String purpose) {
        this.socket = socket;
        this.purpose = purpose;
    }

    private static XdpSocket open(String purpose) throws SystemCallException {
        return new XdpSocket(Sockets.open(Sockets.AF_XDP, Sockets.SOCK_RAW, 0, purpose), purpose);
    }

    /**
     * Opens a queue's first socket and binds it; it receives when a program redirects to it.
     *
     * @param sends whether frames leave by it, too
     * @throws SystemCallException EINVAL if the interface has no such queue
     */
    static XdpSocket open(FrameMemory memory, Place place, Sizes sizes, boolean sends)
            throws SystemCallException {
        XdpSocket opened = open(place.purpose);
        try {
            opened.register(memory);
            opened.set(XDP_UMEM_FILL_RING, sizes.fill, "XDP_UMEM_FILL_RING");
            opened.set(XDP_UMEM_COMPLETION_RING, sizes.completion, "XDP_UMEM_COMPLETION_RING");
            opened.makeRings(sizes, sends);
            opened.mapShared(sizes);
            opened.map(sizes, sends);
            // Without a word about copying the kernel takes the best that the driver has.
            int flags = place.copy ? XDP_COPY | XDP_USE_NEED_WAKEUP : XDP_USE_NEED_WAKEUP;
            opened.bind(place, flags, 0);
            return opened;
        } catch (SystemCallException e) {
            opened.close();
            throw e;
        }
    }

    /**
     * Opens one more socket of the same queue, as {@link #open(FrameMemory, Place, Sizes,
     * boolean)}. They share the memory, its rings and the mode, and one may be closed before the
     * other.
     */
    XdpSocket share(Place place, Sizes sizes, boolean sends) throws SystemCallException {
        XdpSocket opened = open(place.purpose);
        try {
            opened.prepareSending();
            opened.makeRings(sizes, sends);
            opened.map(sizes, sends);
            opened.bind(place, XDP_SHARED_UMEM, socket.number());
            return opened;
        } catch (SystemCallException e) {
            opened.close();
            throw e;
        }
    }

    private void makeRings(Sizes sizes, boolean sends) throws SystemCallException {
        set(XDP_RX_RING, sizes.receive, "XDP_RX_RING");
        if (sends) {
            set(XDP_TX_RING, sizes.send, "XDP_TX_RING");
        }
    }

    private void prepareSending() throws SystemCallException {
        // Linux 6.17; without it frames are sent by 32.
        int _ =
                Sockets.setOption(
                        socket.number(), Sockets.SOL_XDP, XDP_MAX_TX_SKB_BUDGET, SEND_BUDGET);
        SystemCallException.check(
                Sockets.setOption(
                        socket.number(),
                        Sockets.SOL_SOCKET,
                        Sockets.SO_SNDBUFFORCE,
                        SEND_BUFFER_BYTES),
                purpose,
                "setsockopt(SO_SNDBUFFORCE)");
    }

    private void register(FrameMemory memory) throws SystemCallException {
        prepareSending();
        try (NativeBlock registration = new NativeBlock(REGISTRATION_BYTES)) {
            Memory.putNativeLong(registration.address(), memory.address());
            Memory.putNativeLong(registration.address() + 8, memory.bytes());
            Memory.putNativeInt(registration.address() + 16, FrameMemory.FRAME_BYTES);
            SystemCallException.check(
                    Sockets.setOption(
                            socket.number(),
                            Sockets.SOL_XDP,
                            XDP_UMEM_REG,
                            registration.address(),
                            REGISTRATION_BYTES),
                    purpose,
                    "setsockopt(XDP_UMEM_REG) of " + memory.bytes() + " bytes");
        }
    }

    private void set(int option, int value, String name) throws SystemCallException {
        SystemCallException.check(
                Sockets.setOption(socket.number(), Sockets.SOL_XDP, option, value),
                purpose,
                "setsockopt(" + name + ")");
    }

    private void mapShared(Sizes sizes) throws SystemCallException {
        try (NativeBlock offsets = offsets()) {
            long at = offsets.address() + 2 * RING_OFFSETS_BYTES;
            fill = map(PAGE_FILL_RING, at, sizes.fill, RingMemory.ADDRESS_BYTES);
            at += RING_OFFSETS_BYTES;
            completed = map(PAGE_COMPLETION_RING, at, sizes.completion, RingMemory.ADDRESS_BYTES);
        }
    }

    private void map(Sizes sizes, boolean sends) throws SystemCallException {
        try (NativeBlock offsets = offsets()) {
            long at = offsets.address();
            received = map(PAGE_RX_RING, at, sizes.receive, RingMemory.DESCRIPTOR_BYTES);
            if (sends) {
                at += RING_OFFSETS_BYTES;
                transmit = map(PAGE_TX_RING, at, sizes.send, RingMemory.DESCRIPTOR_BYTES);
            }
        }
    }

    /** A struct xdp_mmap_offsets: of frames received, to send, to receive into and sent. */
    private NativeBlock offsets() throws SystemCallException {
        NativeBlock offsets = new NativeBlock(4L * RING_OFFSETS_BYTES);
        int result =
                Sockets.getOption(
                        socket.number(),
                        Sockets.SOL_XDP,
                        XDP_MMAP_OFFSETS,
                        offsets.address(),
                        (int) offsets.bytes());
        if (result < 0) {
            offsets.close();
            throw new SystemCallException(purpose, "getsockopt(XDP_MMAP_OFFSETS)", -result);
        }
        return offsets;
    }

    private RingMemory map(long page, long offsets, int entries, int entryBytes)
            throws SystemCallException {
        long first = Memory.nativeLong(offsets + 16);
        Mapping mapping =
                Mapping.ofDescriptor(
                        socket.number(), page, first + (long) entries * entryBytes, purpose);
        mappings.add(mapping);
        long base = mapping.address();
        return new RingMemory(
                base + Memory.nativeLong(offsets),
                base + Memory.nativeLong(offsets + 8),
                base + Memory.nativeLong(offsets + 24),
                base + first,
                entries,
                entryBytes);
    }

    private void bind(Place place, int flags, int sharedWith) throws SystemCallException {
        try (NativeBlock address = new NativeBlock(SOCKADDR_BYTES);
                NativeBlock options = new NativeBlock(Integer.BYTES)) {
            Memory.putNativeShort(address.address(), Sockets.AF_XDP);
            Memory.putNativeShort(address.address() + 2, flags);
            Memory.putNativeInt(address.address() + 4, place.linkIndex);
            Memory.putNativeInt(address.address() + 8, place.queue);
            Memory.putNativeInt(address.address() + 12, sharedWith);
            SystemCallException.check(
                    Sockets.bind(socket.number(), address.address(), SOCKADDR_BYTES),
                    purpose,
                    "bind to queue " + place.queue);
            int result =
                    Sockets.getOption(
                            socket.number(),
                            Sockets.SOL_XDP,
                            XDP_OPTIONS,
                            options.address(),
                            Integer.BYTES);
            zeroCopy = result >= 0 && (Memory.nativeInt(options.address()) & OPTION_ZEROCOPY) != 0;
        }
    }

    int descriptor() {
        return socket.number();
    }

    /** Frames received. */
    RingMemory received() {
        return received;
    }

    /** Frames to send; null if none leave by this socket. */
    @Nullable RingMemory transmit() {
        return transmit;
    }

    /**
     * What the queue's sockets have together; of the first of them.
     *
     * @param several whether there are more
     */
    QueueRings sharedRings(boolean several) {
        return new QueueRings(fill, completed, several);
    }

    /** Whether the driver reads and writes the memory itself. */
    boolean zeroCopy() {
        return zeroCopy;
    }

    /** Has the kernel send what was published. */
    void send(XdpSender sender) {
        int retries = RETRIES;
        do {
            int result = Sockets.send(socket.number(), 0, 0, Sockets.MSG_DONTWAIT);
            if (result < 0 && !isPassing(-result)) {
                return;
            }
        } while (!zeroCopy && retries-- > 0 && sender.pending());
    }

    // EBUSY: the device has dropped one.
    private static boolean isPassing(int errno) {
        return errno == Errno.EAGAIN
                || errno == Errno.ENOBUFS
                || errno == Errno.EBUSY
                || errno == Errno.EINTR;
    }

    /** Has the driver look at the fill ring. */
    void wake() {
        int _ = Sockets.receive(socket.number(), 0, 0, Sockets.MSG_DONTWAIT);
    }

    /** Frames that the kernel has dropped for want of room since the socket was opened. */
    long drops() {
        return statistic(0) + statistic(3);
    }

    /** Frames that the kernel has refused to send. */
    long refusals() {
        return statistic(2);
    }

    // struct xdp_statistics: dropped, invalid received, invalid to send, ring full, ...
    private long statistic(int index) {
        try (NativeBlock statistics = new NativeBlock(STATISTICS_BYTES)) {
            int result =
                    Sockets.getOption(
                            socket.number(),
                            Sockets.SOL_XDP,
                            XDP_STATISTICS,
                            statistics.address(),
                            STATISTICS_BYTES);
            return result < 0
                    ? 0
                    : Memory.nativeLong(statistics.address() + (long) index * Long.BYTES);
        }
    }

    @Override
    public void close() {
        socket.close();
        mappings.forEach(Mapping::close);
    }
}
