package io.weir.bench.rate;

import static io.weir.dataplane.io.steering.BpfAssembler.FRAME;
import static io.weir.dataplane.io.steering.BpfAssembler.R0;
import static io.weir.dataplane.io.steering.BpfAssembler.R1;
import static io.weir.dataplane.io.steering.BpfAssembler.R2;
import static io.weir.dataplane.io.steering.BpfAssembler.R3;
import static io.weir.dataplane.io.steering.BpfAssembler.R4;
import static io.weir.dataplane.io.steering.BpfAssembler.R6;

import io.weir.dataplane.io.steering.BpfAssembler;
import io.weir.dataplane.io.steering.BpfAssembler.Label;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

/**
 * Counts the TCP or UDP packets of one family that arrive at an interface for a port, SYNs apart,
 * and takes them away before the host's stack; whatever else arrives is the host's.
 */
public final class ArrivalCounter implements AutoCloseable {
    private static final String PURPOSE = "count arriving packets";
    private static final int MAX_CPUS = 8192;

    // struct __sk_buff of linux/bpf.h
    private static final int PROTOCOL = 16;
    private static final int ETHERTYPE_IPV4 = 0x0008;
    private static final int ETHERTYPE_IPV6 = 0xdd86;
    private static final int HELPER_MAP_LOOKUP = 1;
    private static final int HELPER_LOAD_BYTES = 26;
    private static final int TCX_DROP = 2;
    private static final int TCX_NEXT = -1;
    private static final int IPV4_TRANSPORT = 34;
    private static final int IPV6_TRANSPORT = 54;
    private static final int PORT_OFFSET = 2;
    private static final int FLAGS_OFFSET = 13;

    /** The bit of SYN in the flags (RFC 9293 section 3.1); our UDP packets have 0 there. */
    private static final int SYN_BIT = 1;

    private static final int OTHERS = 0;
    private static final int SYNS = 1;
    private static final int KEY = -4;
    private static final int PORT = -8;

    private final Descriptor counter;
    private final Descriptor program;
    private final Descriptor link;

    private ArrivalCounter(Descriptor counter, Descriptor program, Descriptor link) {
        this.counter = counter;
        this.program = program;
        this.link = link;
    }

    /**
     * Attaches a counter to an interface of the calling thread's network namespace.
     *
     * @param ipv6 whether packets of IPv6 are counted, or of IPv4; their headers have no options
     * @param destinationPort of the packets to count
     */
    public static ArrivalCounter attach(String interfaceName, boolean ipv6, int destinationPort)
            throws SystemCallException {
        int index = Sockets.interfaceIndex(interfaceName, PURPOSE);
        Descriptor counter =
                Bpf.createMap(Bpf.MAP_PERCPU_ARRAY, Integer.BYTES, Long.BYTES, 2, 0, PURPOSE);
        Descriptor program = null;
        try {
            program =
                    Bpf.loadProgram(
                            Bpf.PROGRAM_SCHED_CLS,
                            assemble(counter.number(), ipv6, destinationPort),
                            PURPOSE);
            int link =
                    Bpf.createLink(
                            program.number(), index, Bpf.ATTACH_TCX_INGRESS, Bpf.LINK_BEFORE);
            SystemCallException.check(link, PURPOSE, "bpf(BPF_LINK_CREATE)");
            return new ArrivalCounter(counter, program, new Descriptor(link));
        } catch (SystemCallException e) {
            if (program != null) {
                program.close();
            }
            counter.close();
            throw e;
        }
    }

    private static long[] assemble(int counter, boolean ipv6, int destinationPort) {
        int transport = ipv6 ? IPV6_TRANSPORT : IPV4_TRANSPORT;
        BpfAssembler code = new BpfAssembler();
        Label host = new Label();
        code.move(R6, R1);
        code.loadWord(R1, R6, PROTOCOL);
        code.jumpIfNotEqual(R1, ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4, host);
        load(code, transport + PORT_OFFSET, Short.BYTES, host);
        code.loadHalf(R1, FRAME, PORT);
        code.fromNetworkHalf(R1);
        code.jumpIfNotEqual(R1, destinationPort, host);
        load(code, transport + FLAGS_OFFSET, Byte.BYTES, host);
        code.loadByte(R1, FRAME, PORT);
        code.shiftRight(R1, SYN_BIT);
        code.andImmediate(R1, SYNS);
        code.storeWord(FRAME, KEY, R1);
        code.loadMap(R1, counter);
        code.move(R2, FRAME);
        code.addImmediate(R2, KEY);
        code.call(HELPER_MAP_LOOKUP);
        code.jumpIfEqual(R0, 0, host);
        code.loadDouble(R1, R0, 0);
        code.addImmediate(R1, 1);
        code.storeDouble(R0, 0, R1);
        code.moveImmediate(R0, TCX_DROP);
        code.exit();
        code.place(host);
        code.moveImmediate(R0, TCX_NEXT);
        code.exit();
        return code.assemble();
    }

    /** Copies bytes of the packet to where PORT is. */
    private static void load(BpfAssembler code, int offset, int bytes, Label missing) {
        code.move(R1, R6);
        code.moveImmediate(R2, offset);
        code.move(R3, FRAME);
        code.addImmediate(R3, PORT);
        code.moveImmediate(R4, bytes);
        code.call(HELPER_LOAD_BYTES);
        code.jumpIfNotEqual(R0, 0, missing);
    }

    /** How many have arrived so far; any thread, not after {@link #close}. */
    public long packets() {
        return count(OTHERS) + count(SYNS);
    }

    /** Those of them that are no SYNs. */
    public long others() {
        return count(OTHERS);
    }

    private long count(int entry) {
        try (NativeBlock key = new NativeBlock(Integer.BYTES);
                NativeBlock values = new NativeBlock((long) MAX_CPUS * Long.BYTES)) {
            Memory.putNativeInt(key.address(), entry);
            if (Bpf.lookup(counter.number(), key.address(), values.address()) < 0) {
                throw new IllegalStateException("the counter of arriving packets is gone");
            }
            long sum = 0;
            for (long at = 0; at < values.bytes(); at += Long.BYTES) {
                sum += Memory.nativeLong(values.address() + at);
            }
            return sum;
        }
    }

    @Override
    public void close() {
        link.close();
        program.close();
        counter.close();
    }
}
