package io.weir.bench.rate;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

import java.util.concurrent.TimeUnit;

/**
 * A flood of frames that an XDP program writes and that leave by the client's interface as a
 * driver's XDP frames do, never being socket buffers on their way to the balancer. Some 100 ns
 * each, the peer of a veth has to receive by NAPI (GRO switched on, or an XDP program).
 */
public final class LiveFrameFlood implements Flood {
    private static final String PURPOSE = "flood with live frames";

    /** Setting a run up costs as much as 200,000 frames. */
    private static final int MOST_OF_A_RUN = 1 << 20;

    private static final int FEWEST_OF_A_RUN = 1 << 13;

    private final byte[] template;
    private final int interfaceIndex;
    private final Descriptor map;
    private final Descriptor program;
    private volatile int rate = UNLIMITED;
    private volatile int tcpFlags = FloodTraffic.TCP_SYN;
    private volatile int intruders;

    private LiveFrameFlood(
            byte[] template, int interfaceIndex, Descriptor map, Descriptor program) {
        this.template = template;
        this.interfaceIndex = interfaceIndex;
        this.map = map;
        this.program = program;
        control();
    }

    /** Makes a source in the calling thread's network namespace. */
    public static LiveFrameFlood open(String interfaceName, FloodTraffic traffic)
            throws SystemCallException {
        int index = Sockets.interfaceIndex(interfaceName, PURPOSE);
        Descriptor map =
                Bpf.createMap(
                        Bpf.MAP_ARRAY,
                        Integer.BYTES,
                        FloodProgram.VALUE_BYTES,
                        FloodProgram.ENTRIES,
                        0,
                        PURPOSE);
        try {
            long[] text = FloodProgram.assemble(traffic, map.number());
            Descriptor program = Bpf.loadProgram(Bpf.PROGRAM_XDP, text, PURPOSE);
            return new LiveFrameFlood(traffic.template(), index, map, program);
        } catch (SystemCallException e) {
            map.close();
            throw e;
        }
    }

    @Override
    public void setTcpFlags(int flags) {
        tcpFlags = flags;
        control();
    }

    @Override
    public void setIntruders(int bits) {
        intruders = bits;
        control();
    }

    @Override
    public void setRate(int packetsPerSecond) {
        rate = packetsPerSecond;
        control();
    }

    private void control() {
        long gap = rate == UNLIMITED ? 0 : TimeUnit.SECONDS.toNanos(1) / rate;
        try (NativeBlock key = new NativeBlock(Integer.BYTES);
                NativeBlock value = new NativeBlock(FloodProgram.VALUE_BYTES)) {
            Memory.putNativeInt(key.address(), FloodProgram.CONTROL);
            Memory.putNativeInt(value.address() + FloodProgram.FLAGS_OFFSET, tcpFlags);
            Memory.putNativeInt(value.address() + FloodProgram.INTRUDERS_OFFSET, intruders);
            Memory.putNativeLong(value.address() + FloodProgram.GAP_OFFSET, gap);
            Bpf.update(map.number(), key.address(), value.address());
        }
    }

    @Override
    public long sent() {
        try (NativeBlock key = new NativeBlock(Integer.BYTES);
                NativeBlock value = new NativeBlock(FloodProgram.VALUE_BYTES)) {
            Memory.putNativeInt(key.address(), FloodProgram.STATE);
            Bpf.lookup(map.number(), key.address(), value.address());
            return Memory.nativeLong(value.address() + FloodProgram.NUMBER_OFFSET);
        }
    }

    /** Sends for a second, or a million frames. */
    @Override
    public void send() throws SystemCallException {
        int packets =
                rate == UNLIMITED
                        ? MOST_OF_A_RUN
                        : Math.clamp(rate, FEWEST_OF_A_RUN, MOST_OF_A_RUN);
        Bpf.runLive(program.number(), template, interfaceIndex, packets, PURPOSE);
    }

    @Override
    public void close() {
        program.close();
        map.close();
    }
}
