package io.weir.dataplane.io.steering;

import static io.weir.dataplane.io.steering.BpfAssembler.FRAME;
import static io.weir.dataplane.io.steering.BpfAssembler.R0;
import static io.weir.dataplane.io.steering.BpfAssembler.R1;
import static io.weir.dataplane.io.steering.BpfAssembler.R2;
import static io.weir.dataplane.io.steering.BpfAssembler.R5;
import static io.weir.dataplane.io.steering.BpfAssembler.R6;
import static io.weir.dataplane.io.steering.BpfAssembler.R7;
import static io.weir.dataplane.io.steering.BpfAssembler.R8;
import static io.weir.dataplane.io.steering.BpfAssembler.R9;

import io.weir.dataplane.io.steering.BpfAssembler.Label;
import io.weir.dataplane.offload.FlowTable;

import org.jspecify.annotations.Nullable;

/**
 * The part of the program at an interface's driver (XDP) that forwards known flows, before the one
 * that steers.
 */
final class FlowDriver extends FlowCode {
    private static final int HELPER_ADJUST_TAIL = 65;
    private static final int HELPER_LOAD_DRIVER_BYTES = 189;

    private static final int PACKET_LENGTH = -64;
    private static final int FLOW_NUMBER = -72;

    private FlowDriver(BpfAssembler code, FlowMaps maps, HeaderLayout layout, Label unknown) {
        super(code, maps, layout, unknown);
    }

    /**
     * For an interface's driver (XDP): forwards a packet of a known flow to a driver that sends
     * what is redirected to it. Others go on behind this code with R1 as it was.
     *
     * @param mac the interface's address, in the low 48 bits
     */
    static void redirect(BpfAssembler code, @Nullable FlowMaps maps, long mac) {
        if (maps == null) {
            return;
        }
        Label unknown = new Label();
        code.move(R6, R1);
        new FlowDriver(code, maps, HeaderLayout.IPV4, unknown).requireAddressed(mac);
        for (HeaderLayout layout : HeaderLayout.values()) {
            Label other = new Label();
            code.jumpIfNotEqual(R7, layout.etherType, other);
            new FlowDriver(code, maps, layout, unknown).redirect();
            code.place(other);
        }
        code.place(unknown);
        code.move(R1, R6);
    }

    private void redirect() {
        requireHeader(HELPER_LOAD_DRIVER_BYTES);
        search();
        requireDriver();
        trimAtDriver();
        translateAtDriver();
        rewriteHeaders();
        send();
    }

    /** Leaves the EtherType in R7. */
    private void requireAddressed(long mac) {
        bytesAtDriver(ETHERNET_BYTES);
        FrameContext.requireAddressed(code, R8, mac, unknown);
        code.loadHalf(R7, R8, ETHERNET_BYTES - 2);
    }

    /** Leaves the frame's bytes in R8 and their end in R2, at least so many apart. */
    private void bytesAtDriver(int bytes) {
        code.loadWord(R8, R6, FrameContext.DRIVER_DATA);
        code.loadWord(R2, R6, FrameContext.DRIVER_DATA_END);
        code.move(R1, R8);
        code.addImmediate(R1, bytes);
        code.jumpIfAbove(R1, R2, unknown);
    }

    /** Requires a driver that sends it; leaves the action in R9, length and number on the stack. */
    private void requireDriver() {
        code.loadByte(R1, R0, FlowTable.FLAGS);
        code.andImmediate(R1, FlowTable.FLAG_DRIVER);
        code.jumpIfEqual(R1, 0, unknown);
        code.loadHalf(R1, R0, FlowTable.LONGEST);
        code.jumpIfAbove(R9, R1, unknown);
        code.storeDouble(FRAME, PACKET_LENGTH, R9);
        code.storeDouble(FRAME, FLOW_NUMBER, R7);
        code.move(R9, R0);
    }

    /** Cuts off what follows the packet. */
    private void trimAtDriver() {
        Label exact = new Label();
        code.loadDouble(R7, FRAME, PACKET_LENGTH);
        code.addImmediate(R7, ETHERNET_BYTES);
        code.move(R1, R6);
        code.call(DriverProgram.HELPER_FRAME_BYTES);
        code.jumpIfSame(R7, R0, exact);
        code.jumpIfAbove(R7, R0, unknown);
        code.moveImmediate(R2, -1);
        code.multiply(R2, R0);
        code.add(R2, R7);
        code.move(R1, R6);
        code.call(HELPER_ADJUST_TAIL);
        code.jumpIfNotEqual(R0, 0, unknown);
        code.place(exact);
    }

    /** Leaves the frame's bytes in R8. */
    private void translateAtDriver() {
        Label udp = new Label();
        Label done = new Label();
        sumPseudoHeader();
        code.loadByte(R1, FRAME, protocol);
        code.jumpIfEqual(R1, UDP, udp);
        translateAtDriver(transport + FlowTable.TCP_CHECKSUM, false);
        code.jump(done);
        code.place(udp);
        translateAtDriver(transport + FlowTable.UDP_CHECKSUM, true);
        code.place(done);
        code.moveImmediate(R1, 1);
        code.atomicAddWord(R9, FlowTable.PACKETS, R1);
        code.loadDouble(R1, FRAME, PACKET_LENGTH);
        code.atomicAddDouble(R9, FlowTable.BYTES, R1);
    }

    /** Leaves it in R5, in the order in which the machine reads headers. */
    private void sumPseudoHeader() {
        code.loadDouble(R5, FRAME, PACKET_LENGTH);
        code.addImmediate(R5, -layout.bytes);
        code.fromNetworkHalf(R5);
        code.loadByte(R1, FRAME, protocol);
        code.shiftLeft(R1, 8);
        code.add(R5, R1);
        for (int word = 0; word < layout.addressBytes; word += Integer.BYTES) {
            code.loadWord(R1, FRAME, addresses + word);
            code.add(R5, R1);
        }
        fold(R5, R1, 32);
        fold(R5, R1, 16);
        fold(R5, R1, 16);
    }

    /**
     * Adjusts checksum, addresses and ports, having told of what the worker has to know. A packet
     * whose local sender has left the checksum to hardware, so that it is that of the
     * pseudo-header, goes on to the sockets, which fill it in.
     */
    private void translateAtDriver(int checksum, boolean udp) {
        Label nonzero = new Label();
        Label done = new Label();
        bytesAtDriver(Math.max(writtenBytes, checksum + Short.BYTES));
        code.loadHalf(R1, R8, checksum);
        code.jumpIfSame(R1, R5, unknown);
        if (!udp) {
            code.loadDouble(R7, FRAME, FLOW_NUMBER);
            report(R9);
            code.loadHalf(R1, R8, checksum);
        }
        code.loadByte(R2, R9, FlowTable.FLAGS);
        code.andImmediate(R2, FlowTable.FLAG_TRANSLATED);
        code.jumpIfEqual(R2, 0, done);
        if (udp) {
            code.jumpIfEqual(R1, 0, unknown); // the worker makes one
        }
        adjust(FlowTable.TRANSPORT_DIFFERENCE);
        if (udp) {
            code.jumpIfNotEqual(R1, 0, nonzero);
            code.moveImmediate(R1, 0xffff);
        }
        code.place(nonzero);
        code.storeHalf(R8, checksum, R1);
        if (layout.ipv6()) {
            code.loadDouble(R7, FRAME, FLOW_NUMBER);
        }
        rewriteEnds();
        code.place(done);
    }
}
