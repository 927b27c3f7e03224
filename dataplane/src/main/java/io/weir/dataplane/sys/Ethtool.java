package io.weir.dataplane.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * What an interface's driver says of itself (SIOCETHTOOL, linux/ethtool.h). Asks in the calling
 * thread's network namespace.
 */
public final class Ethtool {
    private static final long SIOCETHTOOL = 0x8946;
    private static final int NAME_BYTES = 16;
    private static final int REQUEST_BYTES = 40;

    private static final int GET_DRIVER = 0x3;
    private static final int DRIVER_BYTES = 196;
    private static final int DRIVER_OFFSET = 4;
    private static final int BUS_OFFSET = 100;
    private static final int TEXT_BYTES = 32;

    private static final int GET_CHANNELS = 0x3c;
    private static final int CHANNELS_BYTES = 36;
    private static final int RECEIVE_COUNT_OFFSET = 20;
    private static final int TRANSMIT_COUNT_OFFSET = 24;
    private static final int COMBINED_COUNT_OFFSET = 32;

    private static final MethodHandle IOCTL =
            Downcall.linkVariadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);

    private Ethtool() {}

    /**
     * A driver.
     *
     * @param name as of its kernel module; empty if the driver does not say
     * @param bus where the device is, such as a PCI address; empty for a virtual one
     */
    public record Driver(String name, String bus) {}

    /** The driver of an interface. */
    public static Driver driver(String link, String purpose) throws SystemCallException {
        try (NativeBlock answer = new NativeBlock(DRIVER_BYTES)) {
            int result = ask(link, GET_DRIVER, answer, purpose);
            return result < 0
                    ? new Driver("", "")
                    : new Driver(text(answer, DRIVER_OFFSET), text(answer, BUS_OFFSET));
        }
    }

    /**
     * How many queues an interface uses, at least one each.
     *
     * @param receive frames come by
     * @param transmit frames leave by
     */
    public record Queues(int receive, int transmit) {}

    /** The queues of an interface; one each if its driver does not say. */
    public static Queues queues(String link, String purpose) throws SystemCallException {
        try (NativeBlock answer = new NativeBlock(CHANNELS_BYTES)) {
            if (ask(link, GET_CHANNELS, answer, purpose) < 0) {
                return new Queues(1, 1);
            }
            int both = Memory.nativeInt(answer.address() + COMBINED_COUNT_OFFSET);
            int receive = Memory.nativeInt(answer.address() + RECEIVE_COUNT_OFFSET);
            int transmit = Memory.nativeInt(answer.address() + TRANSMIT_COUNT_OFFSET);
            return new Queues(Math.max(1, both + receive), Math.max(1, both + transmit));
        }
    }

    private static int ask(String link, int command, NativeBlock answer, String purpose)
            throws SystemCallException {
        try (Descriptor socket = Sockets.open(Sockets.AF_INET, Sockets.SOCK_DGRAM, 0, purpose);
                NativeBlock request = new NativeBlock(REQUEST_BYTES)) {
            byte[] name = link.getBytes(StandardCharsets.UTF_8);
            Memory.copyIn(name, 0, request.address(), Math.min(name.length, NAME_BYTES - 1));
            Memory.putNativeLong(request.address() + NAME_BYTES, answer.address());
            Memory.putNativeInt(answer.address(), command);
            MemorySegment state = Downcall.state();
            int returned =
                    (int) IOCTL.invokeExact(state, socket.number(), SIOCETHTOOL, request.address());
            return Downcall.result(returned, state);
        } catch (SystemCallException refused) {
            throw refused;
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    private static String text(NativeBlock answer, int offset) {
        byte[] bytes = Memory.bytes(answer.address() + offset, TEXT_BYTES);
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.US_ASCII);
    }
}
