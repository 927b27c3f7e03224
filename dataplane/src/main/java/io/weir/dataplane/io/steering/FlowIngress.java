package io.weir.dataplane.io.steering;

import static io.weir.dataplane.io.steering.BpfAssembler.R0;
import static io.weir.dataplane.io.steering.BpfAssembler.R1;
import static io.weir.dataplane.io.steering.BpfAssembler.R2;
import static io.weir.dataplane.io.steering.BpfAssembler.R3;
import static io.weir.dataplane.io.steering.BpfAssembler.R4;
import static io.weir.dataplane.io.steering.BpfAssembler.R5;
import static io.weir.dataplane.io.steering.BpfAssembler.R6;
import static io.weir.dataplane.io.steering.BpfAssembler.R7;
import static io.weir.dataplane.io.steering.BpfAssembler.R8;
import static io.weir.dataplane.io.steering.BpfAssembler.R9;

import io.weir.dataplane.io.steering.BpfAssembler.Label;
import io.weir.dataplane.offload.FlowTable;

import org.jspecify.annotations.Nullable;

/**
 * The part of the program at an interface's ingress that forwards what {@link FlowFilter} has found
 * a flow for, before the one that steers.
 */
final class FlowIngress extends FlowCode {
    private static final int HELPER_REPLACE_CHECKSUM = 11;
    private static final int HELPER_CHANGE_TAIL = 38;
    private static final int HELPER_PULL_DATA = 39;
    private static final int HELPER_CORRECT_SUM = 40;

    /** bpf_l4_csum_replace: the difference is one of the pseudo-header. */
    private static final int PSEUDO_HEADER = 1 << 4;

    /** bpf_l4_csum_replace: 0 stands for no checksum (RFC 768). */
    private static final int ZERO_IS_NONE = 1 << 5;

    private FlowIngress(BpfAssembler code, FlowMaps maps, HeaderLayout layout, Label unknown) {
        super(code, maps, layout, unknown);
    }

    /**
     * For the ingress of an interface: forwards what the filter has found a flow for. Others go on
     * behind this code with R1 as it was. Nothing without maps.
     */
    static void forward(BpfAssembler code, @Nullable FlowMaps maps) {
        if (maps == null) {
            return;
        }
        Label unknown = new Label();
        code.move(R6, R1);
        new FlowIngress(code, maps, HeaderLayout.IPV4, unknown).takeNumber();
        code.loadWord(R8, R6, FrameContext.PROTOCOL);
        for (HeaderLayout layout : HeaderLayout.values()) {
            Label other = new Label();
            code.jumpIfNotEqual(R8, layout.etherType, other);
            FlowIngress program = new FlowIngress(code, maps, layout, unknown);
            program.requireSame();
            program.rewrite();
            program.send();
            code.place(other);
        }
        code.place(unknown);
        code.move(R1, R6);
    }

    /** Leaves the flow's number in R7, for no later packet to find. */
    private void takeNumber() {
        code.moveImmediate(R1, 0);
        look(maps.found(), R1);
        code.loadDouble(R7, R0, 0);
        code.jumpIfEqual(R7, 0, unknown);
        code.moveImmediate(R1, 0);
        code.storeDouble(R0, 0, R1);
        code.addImmediate(R7, -1);
    }

    /**
     * Requires that the place has the packet's flow: not only may a filter have run for a frame
     * that never came here; a processor of a virtual machine may also have stood still between the
     * two for longer than a place stays empty. Leaves the frame's bytes in R8 and the action in R9.
     */
    private void requireSame() {
        Label present = new Label();
        code.move(R8, R7);
        code.shiftRight(R8, WAY_BITS);
        look(maps.keys(), R8);
        code.move(R1, R7);
        code.andImmediate(R1, FlowTable.WAYS - 1);
        code.shiftLeft(R1, KEY_BITS);
        code.add(R0, R1);
        code.move(R9, R0);
        readable(present);
        code.move(R1, R6);
        code.moveImmediate(R2, writtenBytes);
        code.call(HELPER_PULL_DATA);
        code.jumpIfNotEqual(R0, 0, unknown);
        readable(present);
        code.jump(unknown);
        code.place(present);
        code.loadWord(R1, R9, FlowTable.KEY_PORTS);
        code.loadWord(R2, R8, transport);
        code.jumpIfDifferent(R1, R2, unknown);
        if (layout.ipv6()) {
            look(maps.wide(), R7);
            requireAddresses(R8, layout.inFrame(layout.addresses));
        } else {
            code.loadDouble(R1, R9, 0);
            code.loadDouble(R2, R8, layout.inFrame(layout.addresses));
            code.jumpIfDifferent(R1, R2, unknown);
        }
        trim();
        look(maps.actions(), R7);
        code.move(R9, R0);
        if (layout.ipv6()) {
            // Another family's flow leaves the wide line as it was.
            code.loadByte(R1, R9, FlowTable.FLAGS);
            code.andImmediate(R1, FlowTable.FLAG_IPV6);
            code.jumpIfEqual(R1, 0, unknown);
        }
    }

    /** Jumps with the frame's bytes in R8 if enough of them are in one piece. */
    private void readable(Label present) {
        code.loadWord(R8, R6, FrameContext.DATA);
        code.loadWord(R2, R6, FrameContext.DATA_END);
        code.move(R1, R8);
        code.addImmediate(R1, writtenBytes);
        Label missing = new Label();
        code.jumpIfAbove(R1, R2, missing);
        code.jump(present);
        code.place(missing);
    }

    /** Cuts off what follows the packet, such as a short frame's padding. */
    private void trim() {
        Label exact = new Label();
        code.loadHalf(R2, R8, layout.inFrame(layout.length));
        code.fromNetworkHalf(R2);
        code.addImmediate(R2, ETHERNET_BYTES + layout.lengthBase());
        code.loadWord(R1, R6, FrameContext.LENGTH);
        code.jumpIfSame(R1, R2, exact);
        code.move(R1, R6);
        code.moveImmediate(R3, 0);
        code.call(HELPER_CHANGE_TAIL);
        code.jumpIfNotEqual(R0, 0, unknown);
        code.loadWord(R8, R6, FrameContext.DATA);
        code.loadWord(R2, R6, FrameContext.DATA_END);
        code.move(R1, R8);
        code.addImmediate(R1, writtenBytes);
        code.jumpIfAbove(R1, R2, unknown);
        code.place(exact);
    }

    private void rewrite() {
        Label translated = new Label();
        rewriteHeaders();
        code.loadByte(R1, R9, FlowTable.FLAGS);
        code.andImmediate(R1, FlowTable.FLAG_TRANSLATED);
        code.jumpIfEqual(R1, 0, translated);
        translate(translated);
        code.place(translated);
        if (layout.ipv6()) {
            correctSum();
        }
    }

    /** Spoils R8. */
    private void translate(Label translated) {
        Label tcp = new Label();
        rewriteEnds();
        code.loadByte(R1, R8, layout.inFrame(layout.protocol));
        code.moveImmediate(R8, 0);
        code.jumpIfEqual(R1, TCP, tcp);
        code.moveImmediate(R8, ZERO_IS_NONE);
        code.place(tcp);
        replaceChecksum(FlowTable.ADDRESS_DIFFERENCE, PSEUDO_HEADER);
        code.loadWord(R4, R9, FlowTable.PORT_DIFFERENCE);
        code.jumpIfEqual(R4, 0, translated);
        replaceChecksum(FlowTable.PORT_DIFFERENCE, 0);
    }

    /**
     * Corrects the sum over the whole packet that some hardware has made. That of an IPv4 packet
     * stays as it is, for its header has a checksum; and that is what the kernel supposes when it
     * is told of new addresses.
     */
    private void correctSum() {
        code.move(R1, R6);
        code.loadHalf(R2, R9, FlowTable.IP_DIFFERENCE);
        code.call(HELPER_CORRECT_SUM);
    }

    /** Lets the kernel adjust the checksum, of which it knows what is left to hardware. */
    private void replaceChecksum(int difference, int flags) {
        code.move(R1, R6);
        code.loadByte(R2, R9, FlowTable.CHECKSUM_OFFSET);
        code.moveImmediate(R3, 0);
        code.loadWord(R4, R9, difference);
        code.move(R5, R8);
        code.addImmediate(R5, flags);
        code.call(HELPER_REPLACE_CHECKSUM);
    }
}
