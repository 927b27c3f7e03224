package io.weir.dataplane.io.afxdp;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.Mapping;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

import java.util.ArrayList;
import java.util.List;

/**
 * An AF_XDP socket of one receive queue, and its rings; see Documentation/networking/af_xdp.rst of
 * Linux.
 *
 * <p>Each socket registers the pool's memory for itself instead of sharing the registration of the
 * first (XDP_SHARED_UMEM). Addresses are the same in all of them either way; but so an interface
 * may go, whichever came first, and each socket has the mode that its own driver offers.
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
    private XdpQueue.Rings rings = NO_RINGS;
    private boolean zeroCopy;

    private static final RingMemory NO_RING = new RingMemory(0, 0, 0, 0, 0, 0);
    private static final XdpQueue.Rings NO_RINGS =
            new XdpQueue.Rings(NO_RING, NO_RING, NO_RING, NO_RING);

    private XdpSocket(Descriptor socket, String purpose) {
        this.socket = socket;
        this.purpose = purpose;
    }

    /**
     * Opens a socket and binds it to a queue; it receives when a program redirects to it.
     *
     * @param copy whether not to ask the driver for its zero-copy mode
     * @param receiveEntries size of fill and receive ring, a power of two
     * @param sendEntries size of transmit and completion ring, a power of two
     * @throws SystemCallException EINVAL if the interface has no such queue
     */
    static XdpSocket open(
            FramePool pool,
            int linkIndex,
            int queue,
            boolean copy,
            int receiveEntries,
            int sendEntries,
            String purpose)
            throws SystemCallException {
        XdpSocket opened =
                new XdpSocket(Sockets.open(Sockets.AF_XDP, Sockets.SOCK_RAW, 0, purpose), purpose);
        try {
            opened.register(pool);
            opened.set(XDP_UMEM_FILL_RING, receiveEntries, "XDP_UMEM_FILL_RING");
            opened.set(XDP_UMEM_COMPLETION_RING, sendEntries, "XDP_UMEM_COMPLETION_RING");
            opened.set(XDP_RX_RING, receiveEntries, "XDP_RX_RING");
            opened.set(XDP_TX_RING, sendEntries, "XDP_TX_RING");
            opened.map(receiveEntries, sendEntries);
            opened.bind(linkIndex, queue, copy);
            return opened;
        } catch (SystemCallException e) {
            opened.close();
            throw e;
        }
    }

    private void register(FramePool pool) throws SystemCallException {
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
        try (NativeBlock registration = new NativeBlock(REGISTRATION_BYTES)) {
            Memory.putNativeLong(registration.address(), pool.address());
            Memory.putNativeLong(registration.address() + 8, pool.bytes());
            Memory.putNativeInt(registration.address() + 16, FramePool.FRAME_BYTES);
            SystemCallException.check(
                    Sockets.setOption(
                            socket.number(),
                            Sockets.SOL_XDP,
                            XDP_UMEM_REG,
                            registration.address(),
                            REGISTRATION_BYTES),
                    purpose,
                    "setsockopt(XDP_UMEM_REG) of " + pool.bytes() + " bytes");
        }
    }

    private void set(int option, int value, String name) throws SystemCallException {
        SystemCallException.check(
                Sockets.setOption(socket.number(), Sockets.SOL_XDP, option, value),
                purpose,
                "setsockopt(" + name + ")");
    }

    private void map(int receiveEntries, int sendEntries) throws SystemCallException {
        try (NativeBlock offsets = new NativeBlock(4L * RING_OFFSETS_BYTES)) {
            SystemCallException.check(
                    Sockets.getOption(
                            socket.number(),
                            Sockets.SOL_XDP,
                            XDP_MMAP_OFFSETS,
                            offsets.address(),
                            (int) offsets.bytes()),
                    purpose,
                    "getsockopt(XDP_MMAP_OFFSETS)");
            // struct xdp_mmap_offsets: rx, tx, fr, cr.
            long at = offsets.address();
            RingMemory received =
                    map(PAGE_RX_RING, at, receiveEntries, RingMemory.DESCRIPTOR_BYTES);
            at += RING_OFFSETS_BYTES;
            RingMemory transmit = map(PAGE_TX_RING, at, sendEntries, RingMemory.DESCRIPTOR_BYTES);
            at += RING_OFFSETS_BYTES;
            RingMemory fill = map(PAGE_FILL_RING, at, receiveEntries, RingMemory.ADDRESS_BYTES);
            at += RING_OFFSETS_BYTES;
            RingMemory completed =
                    map(PAGE_COMPLETION_RING, at, sendEntries, RingMemory.ADDRESS_BYTES);
            rings = new XdpQueue.Rings(fill, received, transmit, completed);
        }
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

    private void bind(int linkIndex, int queue, boolean copy) throws SystemCallException {
        try (NativeBlock address = new NativeBlock(SOCKADDR_BYTES);
                NativeBlock options = new NativeBlock(Integer.BYTES)) {
            Memory.putNativeShort(address.address(), Sockets.AF_XDP);
            // Without a word about copying the kernel takes the best that the driver has.
            Memory.putNativeShort(
                    address.address() + 2,
                    copy ? XDP_COPY | XDP_USE_NEED_WAKEUP : XDP_USE_NEED_WAKEUP);
            Memory.putNativeInt(address.address() + 4, linkIndex);
            Memory.putNativeInt(address.address() + 8, queue);
            SystemCallException.check(
                    Sockets.bind(socket.number(), address.address(), SOCKADDR_BYTES),
                    purpose,
                    "bind to queue " + queue);
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

    XdpQueue.Rings rings() {
        return rings;
    }

    /** Whether the driver reads and writes the pool's memory itself. */
    boolean zeroCopy() {
        return zeroCopy;
    }

    /** Has the kernel send what the queue has published. */
    void send(XdpQueue queue) {
        int retries = RETRIES;
        do {
            int result = Sockets.send(socket.number(), 0, 0, Sockets.MSG_DONTWAIT);
            if (result < 0 && !isPassing(-result)) {
                return;
            }
        } while (!zeroCopy && retries-- > 0 && queue.pending());
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
