package io.weir.dataplane.io.steering;

import static io.weir.dataplane.io.steering.BpfAssembler.FRAME;
import static io.weir.dataplane.io.steering.BpfAssembler.R0;
import static io.weir.dataplane.io.steering.BpfAssembler.R1;
import static io.weir.dataplane.io.steering.BpfAssembler.R2;
import static io.weir.dataplane.io.steering.BpfAssembler.R3;
import static io.weir.dataplane.io.steering.BpfAssembler.R6;
import static io.weir.dataplane.io.steering.BpfAssembler.R7;
import static io.weir.dataplane.io.steering.BpfAssembler.R8;
import static io.weir.dataplane.io.steering.BpfAssembler.R9;

import io.weir.dataplane.io.steering.BpfAssembler.Label;
import io.weir.dataplane.offload.FlowTable;

import org.jspecify.annotations.Nullable;

/**
 * The part of a packet socket's filter that finds known flows, before the one that steers.
 *
 * <p>Packet sockets see a frame before the program at the ingress does. Were both to look for its
 * flow, the worker could add or remove it in between, and the frame would be forwarded twice or
 * never. So the filter alone decides, and leaves the flow's number to {@link FlowIngress}, which
 * runs next on the same processor for the same frame.
 */
final class FlowFilter extends FlowCode {
    // struct __sk_buff of linux/bpf.h
    private static final int SEGMENT_BYTES = 176;

    private static final int HELPER_LOAD_BYTES = 26;

    private FlowFilter(BpfAssembler code, FlowMaps maps, HeaderLayout layout, Label unknown) {
        super(code, maps, layout, unknown);
    }

    /**
     * For the filter of a packet socket: rejects a packet of a known flow, counts it, tells of it
     * if need be, and leaves the flow's number. Others go on behind this code with R1 as it was.
     * Nothing without maps.
     */
    static void find(BpfAssembler code, @Nullable FlowMaps maps) {
        if (maps == null) {
            return;
        }
        Label unknown = new Label();
        code.move(R6, R1);
        FrameContext.requireOwn(code, unknown);
        code.loadWord(R7, R6, FrameContext.PROTOCOL);
        for (HeaderLayout layout : HeaderLayout.values()) {
            Label other = new Label();
            code.jumpIfNotEqual(R7, layout.etherType, other);
            new FlowFilter(code, maps, layout, unknown).find();
            code.place(other);
        }
        code.place(unknown);
        code.move(R1, R6);
    }

    private void find() {
        requireHeader(HELPER_LOAD_BYTES);
        code.loadWord(R1, R6, FrameContext.LENGTH);
        code.addImmediate(R1, -ETHERNET_BYTES);
        code.jumpIfAbove(R9, R1, unknown);
        search();
        requireShort();
        requireChecksum();
        tell();
        count();
        leaveNumber();
        code.moveImmediate(R0, 0);
        code.exit();
    }

    /** Requires that the packet, or each of the segments it will be cut into, may leave. */
    private void requireShort() {
        Label whole = new Label();
        Label udp = new Label();
        Label compare = new Label();
        code.loadHalf(R2, R0, FlowTable.LONGEST);
        code.loadWord(R1, R6, SEGMENT_BYTES);
        code.jumpIfEqual(R1, 0, whole);
        code.addImmediate(R1, layout.bytes);
        code.jumpIfEqual(R8, UDP, udp);
        code.loadByte(R3, FRAME, tcpHeaderWords);
        code.shiftRight(R3, 4);
        code.shiftLeft(R3, 2);
        code.add(R1, R3);
        code.jump(compare);
        code.place(udp);
        code.addImmediate(R1, UDP_BYTES);
        code.jump(compare);
        code.place(whole);
        code.move(R1, R9);
        code.place(compare);
        code.jumpIfAbove(R1, R2, unknown);
    }

    /**
     * A datagram without a checksum is the worker's if it is to be translated, for it gets one
     * then.
     */
    private void requireChecksum() {
        Label present = new Label();
        code.jumpIfNotEqual(R8, UDP, present);
        code.loadHalf(R1, FRAME, ports + FlowTable.UDP_CHECKSUM);
        code.jumpIfNotEqual(R1, 0, present);
        code.loadByte(R1, R0, FlowTable.FLAGS);
        code.jumpIfAnyBit(R1, FlowTable.FLAG_TRANSLATED, unknown);
        code.place(present);
    }

    /** Leaves the action in R0 as it was. */
    private void tell() {
        Label done = new Label();
        code.jumpIfEqual(R8, UDP, done);
        report(R0);
        look(maps.actions(), R7);
        code.place(done);
    }

    private void count() {
        code.moveImmediate(R1, 1);
        code.atomicAddWord(R0, FlowTable.PACKETS, R1);
        code.atomicAddDouble(R0, FlowTable.BYTES, R9);
    }

    private void leaveNumber() {
        code.addImmediate(R7, 1);
        code.moveImmediate(R1, 0);
        look(maps.found(), R1);
        code.storeDouble(R0, 0, R7);
    }
}
