package io.weir.dataplane.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * A network interface whose packets this process reads and writes; see Documentation/networking/
 * tuntap.rst of Linux. It is gone when it is closed, or the process ends.
 *
 * <p>One thread reads and writes; neither blocks.
 */
public final class TunDevice implements AutoCloseable {
    private static final String DEVICE = "/dev/net/tun";
    private static final int O_RDWR = 2;
    private static final int O_NONBLOCK = 0x800;

    // linux/if_tun.h, linux/sockios.h, linux/if.h
    private static final long TUNSETIFF = 0x400454caL;
    private static final int IFF_TUN = 1;
    private static final int IFF_NO_PI = 0x1000;
    private static final long SIOCGIFINDEX = 0x8933;
    private static final long SIOCSIFADDR = 0x8916;
    private static final long SIOCSIFNETMASK = 0x891c;
    private static final long SIOCSIFMTU = 0x8922;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final int IFF_UP = 1;
    private static final int IFF_RUNNING = 0x40;
    private static final int NAME_BYTES = 16;
    private static final int REQUEST_BYTES = 40;

    private static final MethodHandle IOCTL =
            Downcall.linkVariadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle READ =
            Downcall.link("read", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle WRITE =
            Downcall.link("write", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);

    private final Descriptor descriptor;
    private final byte[] name;
    private final String purpose;

    private TunDevice(Descriptor descriptor, byte[] name, String purpose) {
        this.descriptor = descriptor;
        this.name = name;
        this.purpose = purpose;
    }

    /**
     * Makes an interface in the calling thread's network namespace.
     *
     * @param pattern its name, at most 15 letters, where %d becomes the first free number
     * @throws SystemCallException EPERM without CAP_NET_ADMIN, ENOENT without the device file
     */
    public static TunDevice open(String pattern, String purpose) throws SystemCallException {
        Descriptor device = Descriptor.open(DEVICE, O_RDWR | O_NONBLOCK, purpose);
        try (NativeBlock request = new NativeBlock(REQUEST_BYTES)) {
            byte[] wanted = pattern.getBytes(StandardCharsets.US_ASCII);
            Memory.copyIn(wanted, 0, request.address(), Math.min(wanted.length, NAME_BYTES - 1));
            Memory.putNativeShort(request.address() + NAME_BYTES, IFF_TUN | IFF_NO_PI);
            int result = ioctl(device.number(), TUNSETIFF, request.address());
            SystemCallException.check(result, purpose, "ioctl(TUNSETIFF)");
            return new TunDevice(device, Memory.bytes(request.address(), NAME_BYTES), purpose);
        } catch (SystemCallException e) {
            device.close();
            throw e;
        }
    }

    private static int ioctl(int descriptor, long request, long argument) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(
                    (int) IOCTL.invokeExact(state, descriptor, request, argument), state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    public int number() {
        return descriptor.number();
    }

    /** The interface's name. */
    public String name() {
        int end = 0;
        while (end < name.length && name[end] != 0) {
            end++;
        }
        return new String(name, 0, end, StandardCharsets.US_ASCII);
    }

    /** Sets the largest packet and puts the interface up. */
    public void start(int mtuBytes) throws SystemCallException {
        try (Descriptor socket = Sockets.open(Sockets.AF_INET, Sockets.SOCK_DGRAM, 0, purpose);
                NativeBlock request = request()) {
            long value = request.address() + NAME_BYTES;
            Memory.putNativeInt(value, mtuBytes);
            change(socket, SIOCSIFMTU, request, "SIOCSIFMTU");
            Memory.putNativeInt(value, IFF_UP | IFF_RUNNING);
            change(socket, SIOCSIFFLAGS, request, "SIOCSIFFLAGS");
        }
    }

    /** Gives it an IPv4 address, and thereby a route to the address' network. */
    public void addIpv4(int address, int prefixLength) throws SystemCallException {
        try (Descriptor socket = Sockets.open(Sockets.AF_INET, Sockets.SOCK_DGRAM, 0, purpose);
                NativeBlock request = request()) {
            long value = request.address() + NAME_BYTES;
            Memory.putNativeShort(value, Sockets.AF_INET);
            Memory.putU32(value + 4, address);
            change(socket, SIOCSIFADDR, request, "SIOCSIFADDR");
            Memory.putU32(value + 4, -1 << (32 - prefixLength));
            change(socket, SIOCSIFNETMASK, request, "SIOCSIFNETMASK");
        }
    }

    /** Gives it an IPv6 address, and thereby a route to the address' network. */
    public void addIpv6(byte[] address, int prefixLength) throws SystemCallException {
        try (Descriptor socket = Sockets.open(Sockets.AF_INET6, Sockets.SOCK_DGRAM, 0, purpose);
                NativeBlock request = request()) {
            change(socket, SIOCGIFINDEX, request, "SIOCGIFINDEX");
            int index = Memory.nativeInt(request.address() + NAME_BYTES);
            // struct in6_ifreq of linux/ipv6.h
            long at = request.address();
            Memory.copyIn(address, 0, at, address.length);
            Memory.putNativeInt(at + address.length, prefixLength);
            Memory.putNativeInt(at + address.length + Integer.BYTES, index);
            change(socket, SIOCSIFADDR, request, "SIOCSIFADDR");
        }
    }

    private NativeBlock request() {
        NativeBlock request = new NativeBlock(REQUEST_BYTES);
        Memory.copyIn(name, 0, request.address(), NAME_BYTES);
        return request;
    }

    private void change(Descriptor socket, long command, NativeBlock request, String call)
            throws SystemCallException {
        int result = ioctl(socket.number(), command, request.address());
        SystemCallException.check(result, purpose, "ioctl(" + call + ")");
    }

    /**
     * Takes a packet that the host sends; its bytes, or a negated error, EAGAIN if there is none.
     */
    public int read(long to, int bytes) {
        MemorySegment state = Downcall.state();
        try {
            long returned = (long) READ.invokeExact(state, number(), to, (long) bytes);
            return (int) Downcall.result(returned, state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    /** Gives the host a packet; its bytes or a negated error. */
    public int write(long from, int bytes) {
        MemorySegment state = Downcall.state();
        try {
            long returned = (long) WRITE.invokeExact(state, number(), from, (long) bytes);
            return (int) Downcall.result(returned, state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
