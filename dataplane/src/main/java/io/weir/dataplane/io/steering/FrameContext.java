package io.weir.dataplane.io.steering;

import static io.weir.dataplane.io.steering.BpfAssembler.R1;
import static io.weir.dataplane.io.steering.BpfAssembler.R6;

import io.weir.dataplane.io.steering.BpfAssembler.Label;

/**
 * Where the context that programs get with a frame has what they read, and what several of them ask
 * of it. They have the context in R6; what is asked here spoils R1.
 */
final class FrameContext {
    // struct __sk_buff of linux/bpf.h
    static final int LENGTH = 0;
    static final int PACKET_TYPE = 4;
    static final int PROTOCOL = 16;
    static final int VLAN_PRESENT = 20;
    static final int DATA = 76;
    static final int DATA_END = 80;

    // struct xdp_md of linux/bpf.h
    static final int DRIVER_DATA = 0;
    static final int DRIVER_DATA_END = 4;

    private static final int PACKET_HOST = 0;

    private FrameContext() {}

    /** Requires that the frame is addressed to this host and without a VLAN tag. */
    static void requireOwn(BpfAssembler code, Label others) {
        code.loadWord(R1, R6, PACKET_TYPE);
        code.jumpIfNotEqual(R1, PACKET_HOST, others);
        code.loadWord(R1, R6, VLAN_PRESENT);
        code.jumpIfNotEqual(R1, 0, others);
    }

    /**
     * Requires that the frame is addressed to an interface, for a driver's program, which nobody
     * tells.
     *
     * @param frame the register that says where its bytes are
     * @param mac the interface's address, in the low 48 bits
     */
    static void requireAddressed(BpfAssembler code, int frame, long mac, Label others) {
        code.loadWord(R1, frame, 0);
        code.jumpIfWordNotEqual(R1, Integer.reverseBytes((int) (mac >>> 16)), others);
        code.loadHalf(R1, frame, 4);
        code.fromNetworkHalf(R1);
        code.jumpIfNotEqual(R1, (int) (mac & 0xffff), others);
    }
}
