package io.weir.dataplane.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * The bpf(2) system call: maps, programs and links, none of which outlives its descriptors.
 *
 * <p>Attribute offsets follow union bpf_attr of linux/bpf.h. Keys and values are passed as absolute
 * addresses.
 */
public final class Bpf {
    public static final int PROGRAM_SOCKET_FILTER = 1;
    public static final int PROGRAM_SCHED_CLS = 3;
    public static final int PROGRAM_XDP = 6;
    public static final int MAP_HASH = 1;
    public static final int MAP_ARRAY = 2;
    public static final int MAP_PERCPU_ARRAY = 6;
    public static final int MAP_LPM_TRIE = 11;
    public static final int MAP_XSK = 17;
    public static final int MAP_NO_PREALLOCATION = 1;

    /** The map's memory can be mapped into the process. */
    public static final int MAP_MAPPABLE = 1 << 10;

    public static final int ATTACH_XDP = 37;
    public static final int ATTACH_TCX_INGRESS = 46;

    /** The program copes with frames of which it sees the first part only. */
    public static final int PROGRAM_XDP_HAS_FRAGMENTS = 1 << 5;

    /** Memory for the arguments of a call that makes none itself. */
    public static final int ATTRIBUTE_BYTES = 128;

    /** In front of every other program of the attachment. */
    public static final int LINK_BEFORE = 1 << 3;

    private static final int MAP_CREATE = 0;
    private static final int MAP_LOOKUP = 1;
    private static final int MAP_UPDATE = 2;
    private static final int MAP_DELETE = 3;
    private static final int PROG_LOAD = 5;
    private static final int PROG_TEST_RUN = 10;
    private static final int LINK_CREATE = 28;
    private static final int TEST_XDP_LIVE_FRAMES = 1 << 1;
    private static final int TEST_SKB_CHECKSUM_COMPLETE = 1 << 2;

    /** sizeof(struct xdp_md): data, data_end, data_meta, ingress_ifindex and two more. */
    private static final int XDP_CONTEXT_BYTES = 24;

    private static final int LOG_BYTES = 1 << 20;
    private static final long SYSCALL_NUMBER =
            "aarch64".equals(System.getProperty("os.arch")) ? 280 : 321;

    private static final MethodHandle SYSCALL =
            Downcall.linkVariadic(
                    "syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private Bpf() {}

    /** Creates a map. */
    public static Descriptor createMap(
            int type, int keyBytes, int valueBytes, int maxEntries, int flags, String purpose)
            throws SystemCallException {
        try (NativeBlock attribute = new NativeBlock(ATTRIBUTE_BYTES)) {
            long at = attribute.address();
            Memory.putNativeInt(at, type);
            Memory.putNativeInt(at + 4, keyBytes);
            Memory.putNativeInt(at + 8, valueBytes);
            Memory.putNativeInt(at + 12, maxEntries);
            Memory.putNativeInt(at + 16, flags);
            return new Descriptor(
                    SystemCallException.check(
                            call(MAP_CREATE, at), purpose, "bpf(BPF_MAP_CREATE)"));
        }
    }

    /** Reads the value of a key; for a per-CPU map the values of all CPUs, 8-byte aligned. */
    public static int lookup(int map, long key, long value) {
        return element(MAP_LOOKUP, map, key, value);
    }

    /** Puts a value under a key, whether or not there is one. */
    public static int update(int map, long key, long value) {
        return element(MAP_UPDATE, map, key, value);
    }

    public static int delete(int map, long key) {
        return element(MAP_DELETE, map, key, 0);
    }

    /** As {@link #update(int, long, long)}, in memory of the caller: {@link #ATTRIBUTE_BYTES}. */
    public static int update(int map, long key, long value, long attribute) {
        return element(MAP_UPDATE, map, key, value, attribute);
    }

    /** As {@link #delete(int, long)}, in memory of the caller: {@link #ATTRIBUTE_BYTES}. */
    public static int deleteKey(int map, long key, long attribute) {
        return element(MAP_DELETE, map, key, 0, attribute);
    }

    private static int element(int command, int map, long key, long value) {
        try (NativeBlock attribute = new NativeBlock(ATTRIBUTE_BYTES)) {
            return element(command, map, key, value, attribute.address());
        }
    }

    private static int element(int command, int map, long key, long value, long attribute) {
        Memory.fill(attribute, ATTRIBUTE_BYTES, (byte) 0);
        Memory.putNativeInt(attribute, map);
        Memory.putNativeLong(attribute + 8, key);
        Memory.putNativeLong(attribute + 16, value);
        return call(command, attribute);
    }

    /**
     * Loads a program.
     *
     * @param instructions 8 bytes each, in a long of the machine's byte order
     * @throws SystemCallException if the kernel refuses it; when its verifier does, the message
     *     ends with the verifier's last words
     */
    public static Descriptor loadProgram(int type, long[] instructions, String purpose)
            throws SystemCallException {
        return loadProgram(type, instructions, 0, purpose);
    }

    /** As {@link #loadProgram(int, long[], String)}, with flags of BPF_PROG_LOAD. */
    public static Descriptor loadProgram(int type, long[] instructions, int flags, String purpose)
            throws SystemCallException {
        int result = load(type, instructions, flags, 0);
        if (result == -Errno.EINVAL || result == -Errno.EACCES) {
            try (NativeBlock log = new NativeBlock(LOG_BYTES)) {
                result = load(type, instructions, flags, log.address());
                if (result < 0) {
                    throw new SystemCallException(
                            purpose,
                            "bpf(BPF_PROG_LOAD)",
                            -result,
                            "the kernel's verifier says: " + lastWords(log));
                }
            }
        }
        return new Descriptor(SystemCallException.check(result, purpose, "bpf(BPF_PROG_LOAD)"));
    }

    private static int load(int type, long[] instructions, int flags, long log) {
        try (NativeBlock text = new NativeBlock((long) instructions.length * Long.BYTES);
                NativeBlock licence = CString.of("Apache-2.0");
                NativeBlock attribute = new NativeBlock(ATTRIBUTE_BYTES)) {
            for (int i = 0; i < instructions.length; i++) {
                Memory.putNativeLong(text.address() + (long) i * Long.BYTES, instructions[i]);
            }
            long at = attribute.address();
            Memory.putNativeInt(at, type);
            Memory.putNativeInt(at + 4, instructions.length);
            Memory.putNativeLong(at + 8, text.address());
            Memory.putNativeLong(at + 16, licence.address());
            if (log != 0) {
                Memory.putNativeInt(at + 24, 1);
                Memory.putNativeInt(at + 28, LOG_BYTES);
                Memory.putNativeLong(at + 32, log);
            }
            Memory.putNativeInt(at + 44, flags);
            Memory.copyIn(NAME, 0, at + 48, NAME.length);
            return call(PROG_LOAD, at);
        }
    }

    private static final byte[] NAME = "weir".getBytes(StandardCharsets.US_ASCII);

    private static String lastWords(NativeBlock log) {
        String text = new String(Memory.bytes(log.address(), LOG_BYTES), StandardCharsets.US_ASCII);
        String[] lines = text.substring(0, text.indexOf('\0')).split("\n", -1);
        StringBuilder last = new StringBuilder();
        for (int i = Math.max(0, lines.length - 4); i < lines.length; i++) {
            last.append(last.isEmpty() ? "" : " | ").append(lines[i].strip());
        }
        return last.toString();
    }

    /** Attaches a program to an interface until the link's descriptor is closed. */
    public static int createLink(int program, int interfaceIndex, int attachType, int flags) {
        try (NativeBlock attribute = new NativeBlock(ATTRIBUTE_BYTES)) {
            long at = attribute.address();
            Memory.putNativeInt(at, program);
            Memory.putNativeInt(at + 4, interfaceIndex);
            Memory.putNativeInt(at + 8, attachType);
            Memory.putNativeInt(at + 12, flags);
            return call(LINK_CREATE, at);
        }
    }

    /**
     * Runs a program once on a frame, as if the loopback interface had received it.
     *
     * @return what the program returned
     */
    public static int testRun(int program, byte[] frame, String purpose)
            throws SystemCallException {
        return testRun(program, frame, 0, purpose);
    }

    /**
     * Runs a program once on a frame of which hardware has summed up the packet, as {@link
     * #testRun(int, byte[], String)} (Linux 6.17, BPF_F_TEST_SKB_CHECKSUM_COMPLETE).
     *
     * @return what the program returned
     * @throws SystemCallException with EBADMSG if the program leaves another sum than the packet
     *     has
     */
    public static int testRunSummed(int program, byte[] frame, String purpose)
            throws SystemCallException {
        return testRun(program, frame, TEST_SKB_CHECKSUM_COMPLETE, purpose);
    }

    private static int testRun(int program, byte[] frame, int flags, String purpose)
            throws SystemCallException {
        try (NativeBlock data = new NativeBlock(frame.length);
                NativeBlock attribute = new NativeBlock(ATTRIBUTE_BYTES)) {
            Memory.copyIn(frame, 0, data.address(), frame.length);
            long at = attribute.address();
            Memory.putNativeInt(at, program);
            Memory.putNativeInt(at + 8, frame.length);
            Memory.putNativeLong(at + 16, data.address());
            Memory.putNativeInt(at + 64, flags);
            SystemCallException.check(call(PROG_TEST_RUN, at), purpose, "bpf(BPF_PROG_TEST_RUN)");
            return Memory.nativeInt(at + 4);
        }
    }

    /**
     * Runs a program once on a frame, as {@link #testRun(int, byte[], String)}.
     *
     * @param frame is replaced by the frame that the program leaves, its rest by zeros
     * @return what the program returned
     */
    public static int testRunInPlace(int program, byte[] frame, String purpose)
            throws SystemCallException {
        try (NativeBlock data = new NativeBlock(2L * frame.length);
                NativeBlock attribute = new NativeBlock(ATTRIBUTE_BYTES)) {
            Memory.copyIn(frame, 0, data.address(), frame.length);
            long at = attribute.address();
            Memory.putNativeInt(at, program);
            Memory.putNativeInt(at + 8, frame.length);
            Memory.putNativeInt(at + 12, frame.length);
            Memory.putNativeLong(at + 16, data.address());
            Memory.putNativeLong(at + 24, data.address() + frame.length);
            SystemCallException.check(call(PROG_TEST_RUN, at), purpose, "bpf(BPF_PROG_TEST_RUN)");
            Memory.copyOut(data.address() + frame.length, frame, 0, frame.length);
            return Memory.nativeInt(at + 4);
        }
    }

    /**
     * Runs an XDP program many times on frames that are then really sent or received, as it
     * returns, by an interface of the calling thread's network namespace (Linux 5.18,
     * BPF_F_TEST_XDP_LIVE_FRAMES). Each call costs some 25 ms beside its frames.
     *
     * <p>The kernel uses its frames again without writing them anew: a program has to write
     * whatever a receiver may have changed.
     */
    public static void runLive(
            int program, byte[] frame, int interfaceIndex, int repeat, String purpose)
            throws SystemCallException {
        try (NativeBlock data = new NativeBlock(frame.length);
                NativeBlock context = new NativeBlock(XDP_CONTEXT_BYTES);
                NativeBlock attribute = new NativeBlock(ATTRIBUTE_BYTES)) {
            Memory.copyIn(frame, 0, data.address(), frame.length);
            Memory.putNativeInt(context.address() + 4, frame.length);
            Memory.putNativeInt(context.address() + 12, interfaceIndex);
            long at = attribute.address();
            Memory.putNativeInt(at, program);
            Memory.putNativeInt(at + 8, frame.length);
            Memory.putNativeLong(at + 16, data.address());
            Memory.putNativeInt(at + 32, repeat);
            Memory.putNativeInt(at + 40, XDP_CONTEXT_BYTES);
            Memory.putNativeLong(at + 48, context.address());
            Memory.putNativeInt(at + 64, TEST_XDP_LIVE_FRAMES);
            SystemCallException.check(call(PROG_TEST_RUN, at), purpose, "bpf(BPF_PROG_TEST_RUN)");
        }
    }

    private static int call(int command, long attribute) {
        MemorySegment state = Downcall.state();
        try {
            long returned =
                    (long)
                            SYSCALL.invokeExact(
                                    state,
                                    SYSCALL_NUMBER,
                                    (long) command,
                                    attribute,
                                    (long) ATTRIBUTE_BYTES);
            return (int) Downcall.result(returned, state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }
}
