package io.weir.bench.rate;

import static io.weir.dataplane.io.steering.BpfAssembler.FRAME;
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

import io.weir.dataplane.io.steering.BpfAssembler;
import io.weir.dataplane.io.steering.BpfAssembler.Label;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The XDP program that writes the packets of a flood, each in full: live frames come back with what
 * their receiver made of them.
 *
 * <p>Registers: R6 the frame, R7 the last 32 bits of the source's address, R8 its port, R9 the
 * address's sum, R4 the TCP flags, R5 whether the packet is an intruder.
 */
final class FloodProgram {
    /** Entry 0, for the program alone: the number of the next packet, and when it is due. */
    static final int STATE = 0;

    /** Entry 1, for the program to read: TCP flags, intruders, the nanoseconds between packets. */
    static final int CONTROL = 1;

    static final int ENTRIES = 2;
    static final int VALUE_BYTES = 16;
    static final int NUMBER_OFFSET = 0;
    static final int DUE_OFFSET = 8;
    static final int FLAGS_OFFSET = 0;
    static final int INTRUDERS_OFFSET = 4;
    static final int GAP_OFFSET = 8;

    private static final int XDP_DROP = 1;
    private static final int XDP_TX = 3;
    private static final int HELPER_MAP_LOOKUP = 1;
    private static final int HELPER_TIME = 5;
    private static final int KEY = -4;

    /** Some 25 ns each: a packet waits 0.1 ms at most. */
    private static final int MOST_LOOKS = 4096;

    /** What a source that was late catches up with. */
    private static final int MOST_BEHIND_NANOS = 200_000;

    private final BpfAssembler code = new BpfAssembler();
    private final FloodTraffic traffic;
    private final byte[] template;

    private FloodProgram(FloodTraffic traffic) {
        this.traffic = traffic;
        this.template = traffic.template();
    }

    /**
     * The program's instructions.
     *
     * @param map an array of {@link #ENTRIES} values of {@link #VALUE_BYTES}
     */
    static long[] assemble(FloodTraffic traffic, int map) {
        FloodProgram program = new FloodProgram(traffic);
        Label drop = new Label();
        program.findFrame(drop);
        program.wait(map, drop);
        program.chooseFlow();
        program.write();
        program.code.moveImmediate(R0, XDP_TX);
        program.code.exit();
        program.code.place(drop);
        program.code.moveImmediate(R0, XDP_DROP);
        program.code.exit();
        return program.code.assemble();
    }

    private void findFrame(Label drop) {
        code.loadWord(R6, R1, 0);
        code.loadWord(R2, R1, 4);
        code.move(R3, R6);
        code.addImmediate(R3, template.length);
        code.jumpIfAbove(R3, R2, drop);
    }

    /** Waits until the packet is due, but not for ever; leaves its number in R7. */
    private void wait(int map, Label drop) {
        Label again = new Label();
        Label due = new Label();
        find(map, CONTROL, drop);
        code.move(R9, R0);
        find(map, STATE, drop);
        code.move(R8, R0);
        code.moveImmediate(R7, MOST_LOOKS);
        code.place(again);
        code.call(HELPER_TIME);
        code.loadDouble(R1, R8, DUE_OFFSET);
        code.jumpIfAbove(R0, R1, due);
        code.addImmediate(R7, -1);
        code.jumpIfNotEqual(R7, 0, again);
        code.place(due);
        late(R0);
        code.loadDouble(R7, R8, NUMBER_OFFSET);
        code.move(R1, R7);
        code.addImmediate(R1, 1);
        code.storeDouble(R8, NUMBER_OFFSET, R1);
        code.loadWord(R4, R9, FLAGS_OFFSET);
        code.loadWord(R5, R9, INTRUDERS_OFFSET);
        code.and(R5, R7);
    }

    /** Sets when the next packet is due: a gap later, though not long ago if this one was late. */
    private void late(int now) {
        Label recent = new Label();
        code.loadDouble(R1, R8, DUE_OFFSET);
        code.move(R2, now);
        code.addImmediate(R2, -MOST_BEHIND_NANOS);
        code.jumpIfAbove(R1, R2, recent);
        code.move(R1, R2);
        code.place(recent);
        code.loadDouble(R2, R9, GAP_OFFSET);
        code.add(R1, R2);
        code.storeDouble(R8, DUE_OFFSET, R1);
    }

    private void find(int map, int entry, Label missing) {
        code.storeWordImmediate(FRAME, KEY, entry);
        code.loadMap(R1, map);
        code.move(R2, FRAME);
        code.addImmediate(R2, KEY);
        code.call(HELPER_MAP_LOOKUP);
        code.jumpIfEqual(R0, 0, missing);
    }

    /** Makes of the number in R7 address, port and the address's sum; flags in R4 may change. */
    private void chooseFlow() {
        code.moveImmediate(R1, FloodTraffic.MULTIPLIER);
        code.multiply(R7, R1);
        code.shiftLeft(R7, 32);
        Label usual = new Label();
        Label chosen = new Label();
        code.jumpIfEqual(R5, 0, usual);
        code.shiftRight(R7, 64 - FloodTraffic.MOST_FLOW_BITS);
        code.moveImmediate(R4, FloodTraffic.TCP_SYN);
        code.jump(chosen);
        code.place(usual);
        if (traffic.flowBits() == 0) {
            code.moveImmediate(R7, 0);
        } else {
            code.shiftRight(R7, 64 - traffic.flowBits());
        }
        code.place(chosen);
        code.move(R8, R7);
        code.andImmediate(R8, (1 << FloodTraffic.PORT_BITS) - 1);
        code.addImmediate(R8, FloodTraffic.FIRST_PORT);
        code.shiftRight(R7, FloodTraffic.PORT_BITS);
        code.addImmediate(R7, traffic.firstSourceWord());
        code.shiftLeft(R7, 32); // the addition was of a number with sign
        code.shiftRight(R7, 32);
        code.move(R9, R7);
        code.shiftRight(R9, 16);
        code.move(R1, R7);
        code.andImmediate(R1, 0xffff);
        code.add(R9, R1);
    }

    private void write() {
        ByteBuffer words = ByteBuffer.wrap(template).order(ByteOrder.nativeOrder());
        for (int at = 0; at < template.length; at += Integer.BYTES) {
            code.storeWordImmediate(R6, at, words.getInt(at));
        }
        if (traffic.hasHeaderChecksum()) {
            code.move(R1, R9);
            storeChecksum(FloodTraffic.ipv4Sum(template), FloodTraffic.IPV4_CHECKSUM_OFFSET);
        }
        code.move(R1, R9);
        code.add(R1, R8);
        if (traffic.protocol() == FloodTraffic.TCP) {
            code.add(R1, R4);
            code.storeByte(R6, traffic.tcpFlagsOffset(), R4);
        }
        storeChecksum(traffic.transportSum(template), traffic.transportChecksumOffset());
        code.fromNetworkWord(R7);
        storeUnalignedWord();
        code.fromNetworkHalf(R8);
        code.storeHalf(R6, traffic.sourcePortOffset(), R8);
    }

    /** Stores the address by halves: it lies 26 or 34 bytes into the frame. */
    private void storeUnalignedWord() {
        code.storeHalf(R6, traffic.sourceAddressOffset(), R7);
        code.shiftRight(R7, 16);
        code.storeHalf(R6, traffic.sourceAddressOffset() + 2, R7);
    }

    /** Stores the checksum of a sum in R1 and what the template adds to it. */
    private void storeChecksum(int templateSum, int offset) {
        code.addImmediate(R1, templateSum);
        for (int fold = 0; fold < 2; fold++) {
            code.move(R2, R1);
            code.shiftRight(R2, 16);
            code.andImmediate(R1, 0xffff);
            code.add(R1, R2);
        }
        Label some = new Label();
        code.jumpIfEqual(R1, 0xffff, some); // a checksum of 0 would say that there is none
        code.moveImmediate(R2, 0xffff);
        code.xor(R1, R2);
        code.place(some);
        code.fromNetworkHalf(R1);
        code.storeHalf(R6, offset, R1);
    }
}
