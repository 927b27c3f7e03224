package io.weir.dataplane.io.steering;

import static io.weir.dataplane.io.steering.BpfAssembler.FRAME;
import static io.weir.dataplane.io.steering.BpfAssembler.R0;
import static io.weir.dataplane.io.steering.BpfAssembler.R1;
import static io.weir.dataplane.io.steering.BpfAssembler.R2;
import static io.weir.dataplane.io.steering.BpfAssembler.R3;
import static io.weir.dataplane.io.steering.BpfAssembler.R4;
import static io.weir.dataplane.io.steering.BpfAssembler.R6;
import static io.weir.dataplane.io.steering.BpfAssembler.R7;
import static io.weir.dataplane.io.steering.BpfAssembler.R8;
import static io.weir.dataplane.io.steering.BpfAssembler.R9;

import io.weir.dataplane.io.steering.BpfAssembler.Label;
import io.weir.dataplane.offload.EventRing;
import io.weir.dataplane.offload.FlowTable;

/**
 * What the programs have in common that forward known flows: IPv4 packets that are plain in the
 * sense of the worker's fast path. Others go on at {@link #unknown}.
 *
 * <p>Registers: R6 the frame's context, R7 the flow's number, R8 the protocol, R9 the packet's
 * length.
 */
class FlowCode {
    private static final int HELPER_REDIRECT = 23;

    static final int ETHERTYPE_IPV4 = 0x0008;
    static final int ETHERNET_BYTES = 14;
    static final int IPV4_BYTES = 20;
    static final int TCP = 6;
    static final int UDP = 17;
    private static final int LEAST_TCP = 40;
    private static final int LEAST_UDP = 28;

    private static final int SYN = 0x02;

    /** The TCP flags that lead out of the state ESTABLISHED, if SYN is not among them. */
    private static final int ENDING_FLAGS = 0x05;

    /** A server's part of the handshake: SYN and ACK. */
    private static final int ANSWER = 0x12;

    /** SYN, FIN, RST and ACK. */
    private static final int DECIDING_FLAGS = 0x17;

    /** In the machine's order: more fragments, or an offset. */
    private static final int FRAGMENT = 0xff3f;

    /** From the IPv4 header to the TCP flags, so that addresses lie at a multiple of 8. */
    private static final int HEADER_BYTES = 34;

    static final int HEADER = -52;
    private static final int TOTAL_LENGTH = HEADER + 2;
    private static final int FRAGMENTS = HEADER + 6;
    private static final int TIME_TO_LIVE = HEADER + 8;
    static final int TRANSPORT = HEADER + 9;
    static final int ADDRESSES = HEADER + 12;
    private static final int PORTS = HEADER + 20;
    static final int TCP_HEADER_WORDS = HEADER + 32;
    private static final int TCP_FLAGS = HEADER + 33;

    /**
     * The logarithms to the base 2 of the places of a bucket, the bytes of a key and of an event.
     */
    static final int WAY_BITS = Integer.numberOfTrailingZeros(FlowTable.WAYS);

    static final int KEY_BITS = Integer.numberOfTrailingZeros(FlowTable.KEY_BYTES);

    private static final int EVENT_BITS = Integer.numberOfTrailingZeros(EventRing.EVENT_BYTES);

    /** A key of a map. */
    private static final int INDEX = -4;

    static final int ADDRESSES_OFFSET = ETHERNET_BYTES + 12;
    static final int PORTS_OFFSET = ETHERNET_BYTES + IPV4_BYTES;

    /** What the program at the ingress reads and writes directly. */
    static final int WRITTEN_BYTES = PORTS_OFFSET + 4;

    final BpfAssembler code;
    final FlowMaps maps;
    final Label unknown = new Label();

    FlowCode(BpfAssembler code, FlowMaps maps) {
        this.code = code;
        this.maps = maps;
    }

    final void requireHeader(int loadBytes) {
        code.move(R1, R6);
        code.moveImmediate(R2, ETHERNET_BYTES);
        code.move(R3, FRAME);
        code.addImmediate(R3, HEADER);
        code.moveImmediate(R4, HEADER_BYTES);
        code.call(loadBytes);
        code.jumpIfNotEqual(R0, 0, unknown);
        code.loadByte(R1, FRAME, HEADER);
        code.jumpIfNotEqual(R1, 0x45, unknown);
        code.loadHalf(R1, FRAME, FRAGMENTS);
        code.jumpIfAnyBit(R1, FRAGMENT, unknown);
        code.loadByte(R1, FRAME, TIME_TO_LIVE);
        code.jumpIfLess(R1, 2, unknown);
        code.loadHalf(R9, FRAME, TOTAL_LENGTH);
        code.fromNetworkHalf(R9);
        requireChecksum();
        requireTransport();
    }

    private void requireChecksum() {
        code.loadWord(R1, FRAME, HEADER);
        for (int word = 4; word < IPV4_BYTES; word += 4) {
            code.loadWord(R2, FRAME, HEADER + word);
            code.add(R1, R2);
        }
        fold(R1, R2, 32);
        fold(R1, R2, 16);
        fold(R1, R2, 16);
        code.jumpIfNotEqual(R1, 0xffff, unknown);
    }

    /** Adds what is above the lowest bits of a sum to these. */
    final void fold(int sum, int spare, int bits) {
        code.move(spare, sum);
        code.shiftRight(spare, bits);
        code.shiftLeft(sum, Long.SIZE - bits);
        code.shiftRight(sum, Long.SIZE - bits);
        code.add(sum, spare);
    }

    private void requireTransport() {
        Label udp = new Label();
        Label plain = new Label();
        code.loadByte(R8, FRAME, TRANSPORT);
        code.jumpIfEqual(R8, UDP, udp);
        code.jumpIfNotEqual(R8, TCP, unknown);
        code.jumpIfLess(R9, LEAST_TCP, unknown);
        code.loadByte(R1, FRAME, TCP_FLAGS);
        code.andImmediate(R1, DECIDING_FLAGS);
        code.jumpIfEqual(R1, 0, unknown);
        code.jumpIfEqual(R1, ANSWER, plain);
        code.jumpIfAnyBit(R1, SYN, unknown);
        code.jump(plain);
        code.place(udp);
        code.jumpIfLess(R9, LEAST_UDP, unknown);
        code.place(plain);
    }

    /** Leaves the flow's number in R7 and its action in R0. */
    final void search() {
        Label found = new Label();
        loadKey();
        code.loadNumber(R3, FlowTable.addressFactor(maps.seed));
        code.multiply(R1, R3);
        code.xor(R1, R2);
        code.loadNumber(R3, FlowTable.factor(maps.seed));
        code.multiply(R1, R3);
        code.shiftRight(R1, Long.SIZE - maps.bucketBits);
        code.move(R7, R1);
        look(maps.keys(), R7);
        loadKey();
        code.shiftLeft(R7, WAY_BITS);
        for (int way = 0; way < FlowTable.WAYS; way++) {
            Label other = new Label();
            code.loadDouble(R3, R0, way * FlowTable.KEY_BYTES);
            code.jumpIfDifferent(R3, R1, other);
            code.loadDouble(R3, R0, way * FlowTable.KEY_BYTES + FlowTable.KEY_PORTS);
            code.jumpIfDifferent(R3, R2, other);
            code.addImmediate(R7, way);
            code.jump(found);
            code.place(other);
        }
        code.jump(unknown);
        code.place(found);
        look(maps.actions(), R7);
    }

    /** Leaves the two words of the packet's key in R1 and R2. */
    private void loadKey() {
        code.loadDouble(R1, FRAME, ADDRESSES);
        code.loadWord(R2, FRAME, PORTS);
        code.move(R3, R8);
        code.shiftLeft(R3, 32);
        code.add(R2, R3);
    }

    /** Leaves the address of an array's entry in R0. */
    final void look(int map, int index) {
        code.storeWord(FRAME, INDEX, index);
        code.loadMap(R1, map);
        code.move(R2, FRAME);
        code.addImmediate(R2, INDEX);
        code.call(SteeringProgram.HELPER_MAP_LOOKUP);
        code.jumpIfEqual(R0, 0, unknown);
    }

    /**
     * Tells the worker of a TCP segment that may change its connection's state; where the worker
     * has not kept up, it gets the segment itself. The flow's number is in R7. Spoils R0.
     *
     * @param action the register that has the flow's action
     */
    final void report(int action) {
        Label first = new Label();
        Label told = new Label();
        Label quiet = new Label();
        code.loadByte(R1, FRAME, TCP_FLAGS);
        code.loadByte(R2, action, FlowTable.FLAGS);
        code.jumpIfAnyBit(R1, SYN, first);
        code.jumpIfAnyBit(R2, FlowTable.FLAG_OPENING, told);
        code.jumpIfAnyBit(R1, ENDING_FLAGS, told);
        code.jump(quiet);
        code.place(first);
        code.andImmediate(R2, FlowTable.FLAG_ANSWER);
        code.jumpIfEqual(R2, 0, unknown);
        code.place(told);
        writeEvent(action);
        code.place(quiet);
    }

    private void writeEvent(int action) {
        code.loadByte(R1, action, FlowTable.WORKER);
        look(maps.events(), R1);
        code.loadDouble(R1, R0, EventRing.BEGUN);
        code.loadDouble(R2, R0, EventRing.LAST);
        code.jumpIfAbove(R1, R2, unknown);
        code.moveImmediate(R1, 1);
        code.atomicFetchAddDouble(R0, EventRing.BEGUN, R1);
        code.move(R2, R1);
        code.shiftRight(R2, EventRing.BITS);
        code.addImmediate(R2, 1);
        code.shiftLeft(R2, EventRing.LAP_SHIFT);
        code.add(R2, R7);
        code.loadByte(R3, FRAME, TCP_FLAGS);
        code.shiftLeft(R3, EventRing.FLAGS_SHIFT);
        code.add(R2, R3);
        code.loadHalf(R3, FRAME, PORTS);
        code.loadHalf(R4, FRAME, PORTS + 2);
        code.xor(R3, R4);
        code.shiftLeft(R3, EventRing.PORTS_SHIFT);
        code.add(R2, R3);
        code.andImmediate(R1, EventRing.CAPACITY - 1);
        code.shiftLeft(R1, EVENT_BITS);
        code.add(R0, R1);
        code.storeDouble(R0, EventRing.EVENTS, R2);
    }

    /** Ethernet addresses and the IPv4 header without its addresses. */
    final void rewriteHeaders() {
        code.loadDouble(R1, R9, FlowTable.ETHERNET);
        code.storeDouble(R8, 0, R1);
        code.loadWord(R1, R9, FlowTable.ETHERNET + 8);
        code.storeWord(R8, 8, R1);
        code.loadByte(R1, R8, ETHERNET_BYTES + 8);
        code.addImmediate(R1, -1);
        code.storeByte(R8, ETHERNET_BYTES + 8, R1);
        code.loadHalf(R1, R8, ETHERNET_BYTES + 10);
        adjust(FlowTable.IP_DIFFERENCE);
        code.storeHalf(R8, ETHERNET_BYTES + 10, R1);
    }

    /** Adds what the action says to the sum that the checksum in R1 is of (RFC 1624). */
    final void adjust(int difference) {
        code.moveImmediate(R2, 0xffff);
        code.xor(R1, R2);
        code.loadHalf(R3, R9, difference);
        code.add(R1, R3);
        fold(R1, R3, 16);
        fold(R1, R3, 16);
        code.xor(R1, R2);
    }

    final void rewriteEnds() {
        code.loadDouble(R1, R9, FlowTable.ADDRESSES);
        code.storeDouble(R8, ADDRESSES_OFFSET, R1);
        code.loadWord(R1, R9, FlowTable.PORTS);
        code.storeWord(R8, PORTS_OFFSET, R1);
    }

    final void send() {
        code.loadWord(R1, R9, FlowTable.INTERFACE);
        code.moveImmediate(R2, 0);
        code.call(HELPER_REDIRECT);
        code.exit();
    }
}
