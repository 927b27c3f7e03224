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
 * What the programs have in common that forward known flows of one family: packets without options,
 * extension headers or fragments that leave their connection as it is, or that are told of. Others
 * go on at {@link #unknown}.
 *
 * <p>Registers: R6 the frame's context, R7 the flow's number, R8 the protocol, R9 the packet's
 * length.
 */
class FlowCode {
    private static final int HELPER_REDIRECT = 23;

    static final int ETHERNET_BYTES = 14;
    static final int TCP = 6;
    static final int UDP = 17;
    private static final int TCP_BYTES = 20;
    static final int UDP_BYTES = 8;

    private static final int SYN = 0x02;

    /** The TCP flags that lead out of the state ESTABLISHED, if SYN is not among them. */
    private static final int ENDING_FLAGS = 0x05;

    /** A server's part of the handshake: SYN and ACK. */
    private static final int ANSWER = 0x12;

    /** SYN, FIN, RST and ACK. */
    private static final int DECIDING_FLAGS = 0x17;

    /** In the machine's order: more fragments, or an offset. */
    private static final int FRAGMENT = 0xff3f;

    private static final int IPV4_FRAGMENTS = 6;
    private static final int IPV4_CHECKSUM = 10;
    private static final int TCP_HEADER_WORDS = 12;
    private static final int TCP_FLAGS = 13;

    /**
     * The logarithms to the base 2 of the places of a bucket, the bytes of a key and of an event.
     */
    static final int WAY_BITS = Integer.numberOfTrailingZeros(FlowTable.WAYS);

    static final int KEY_BITS = Integer.numberOfTrailingZeros(FlowTable.KEY_BYTES);

    private static final int EVENT_BITS = Integer.numberOfTrailingZeros(EventRing.EVENT_BYTES);

    /** A key of a map. */
    private static final int INDEX = -4;

    final BpfAssembler code;
    final FlowMaps maps;
    final HeaderLayout layout;
    final Label unknown;

    // On the stack.
    final int addresses;
    final int ports;
    final int protocol;
    final int tcpHeaderWords;
    private final int tcpFlags;

    // In the frame.
    final int transport;

    /** What the program at the ingress reads and writes directly. */
    final int writtenBytes;

    /**
     * Prepares to write.
     *
     * @param unknown where packets go on that it does not forward
     */
    FlowCode(BpfAssembler code, FlowMaps maps, HeaderLayout layout, Label unknown) {
        this.code = code;
        this.maps = maps;
        this.layout = layout;
        this.unknown = unknown;
        addresses = layout.onStack(layout.addresses);
        ports = layout.onStack(layout.bytes);
        protocol = layout.onStack(layout.protocol);
        tcpHeaderWords = ports + TCP_HEADER_WORDS;
        tcpFlags = ports + TCP_FLAGS;
        transport = layout.inFrame(layout.bytes);
        writtenBytes = transport + Integer.BYTES;
    }

    /** Leaves the header on the stack, the protocol in R8 and the packet's length in R9. */
    final void requireHeader(int loadBytes) {
        code.move(R1, R6);
        code.moveImmediate(R2, ETHERNET_BYTES);
        code.move(R3, FRAME);
        code.addImmediate(R3, layout.stack);
        code.moveImmediate(R4, layout.readBytes());
        code.call(loadBytes);
        code.jumpIfNotEqual(R0, 0, unknown);
        code.loadByte(R1, FRAME, layout.stack);
        if (layout.ipv6()) {
            code.shiftRight(R1, 4);
            code.jumpIfNotEqual(R1, 6, unknown);
        } else {
            code.jumpIfNotEqual(R1, 0x45, unknown);
            code.loadHalf(R1, FRAME, layout.onStack(IPV4_FRAGMENTS));
            code.jumpIfAnyBit(R1, FRAGMENT, unknown);
        }
        code.loadByte(R1, FRAME, layout.onStack(layout.hops));
        code.jumpIfLess(R1, 2, unknown);
        code.loadHalf(R9, FRAME, layout.onStack(layout.length));
        code.fromNetworkHalf(R9);
        if (layout.ipv6()) {
            code.addImmediate(R9, layout.bytes);
        } else {
            requireChecksum();
        }
        requireTransport();
    }

    private void requireChecksum() {
        code.loadWord(R1, FRAME, layout.stack);
        for (int word = 4; word < layout.bytes; word += 4) {
            code.loadWord(R2, FRAME, layout.onStack(word));
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
        code.loadByte(R8, FRAME, protocol);
        code.jumpIfEqual(R8, UDP, udp);
        code.jumpIfNotEqual(R8, TCP, unknown);
        code.jumpIfLess(R9, layout.bytes + TCP_BYTES, unknown);
        code.loadByte(R1, FRAME, tcpFlags);
        code.andImmediate(R1, DECIDING_FLAGS);
        code.jumpIfEqual(R1, 0, unknown);
        code.jumpIfEqual(R1, ANSWER, plain);
        code.jumpIfAnyBit(R1, SYN, unknown);
        code.jump(plain);
        code.place(udp);
        code.jumpIfLess(R9, layout.bytes + UDP_BYTES, unknown);
        code.place(plain);
    }

    /** Leaves the flow's number in R7 and its action in R0. */
    final void search() {
        Label found = new Label();
        loadHash();
        int fewer = layout.ipv6() ? FlowTable.IPV6_FEWER_BITS : 0;
        code.shiftRight(R1, Long.SIZE - (maps.bucketBits - fewer));
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
        if (layout.ipv6()) {
            look(maps.wide(), R7);
            requireAddresses(FRAME, addresses);
        }
        look(maps.actions(), R7);
    }

    /** As {@link FlowTable#bucket} does, in R1. */
    private void loadHash() {
        loadDigest();
        loadRest();
        code.xor(R1, R2);
        code.loadNumber(R3, FlowTable.factor(maps.seed));
        code.multiply(R1, R3);
        code.move(R2, R1);
        code.shiftRight(R2, 32);
        code.xor(R1, R2);
        code.loadNumber(R3, FlowTable.lastFactor(maps.seed));
        code.multiply(R1, R3);
    }

    /** Leaves the two words of the packet's key in R1 and R2. */
    private void loadKey() {
        if (layout.ipv6()) {
            loadDigest();
        } else {
            code.loadDouble(R1, FRAME, addresses);
        }
        loadRest();
    }

    /** Leaves ports and protocol in R2. */
    private void loadRest() {
        code.loadWord(R2, FRAME, ports);
        code.move(R3, R8);
        if (layout.ipv6()) {
            code.addImmediate(R3, FlowTable.KEY_IPV6);
        }
        code.shiftLeft(R3, 32);
        code.add(R2, R3);
    }

    /** Leaves the digest of both addresses in R1. */
    private void loadDigest() {
        code.moveImmediate(R1, 0);
        for (int word = 0; word < layout.addressBytes / Integer.BYTES; word++) {
            code.loadWord(R2, FRAME, addresses + word * Integer.BYTES);
            code.loadNumber(R3, FlowTable.addressFactor(maps.seed, word));
            code.multiply(R2, R3);
            code.add(R1, R2);
        }
    }

    /** Requires that the addresses in the wide line at R0 are those at a place. */
    final void requireAddresses(int base, int offset) {
        for (int at = 0; at < layout.addressBytes; at += Long.BYTES) {
            code.loadDouble(R1, R0, at);
            code.loadDouble(R2, base, offset + at);
            code.jumpIfDifferent(R1, R2, unknown);
        }
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
        code.loadByte(R1, FRAME, tcpFlags);
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
        code.loadByte(R3, FRAME, tcpFlags);
        code.shiftLeft(R3, EventRing.FLAGS_SHIFT);
        code.add(R2, R3);
        code.loadHalf(R3, FRAME, ports);
        code.loadHalf(R4, FRAME, ports + 2);
        code.xor(R3, R4);
        code.shiftLeft(R3, EventRing.PORTS_SHIFT);
        code.add(R2, R3);
        code.andImmediate(R1, EventRing.CAPACITY - 1);
        code.shiftLeft(R1, EVENT_BITS);
        code.add(R0, R1);
        code.storeDouble(R0, EventRing.EVENTS, R2);
    }

    /** Ethernet addresses and the IP header without its addresses. */
    final void rewriteHeaders() {
        code.loadDouble(R1, R9, FlowTable.ETHERNET);
        code.storeDouble(R8, 0, R1);
        code.loadWord(R1, R9, FlowTable.ETHERNET + 8);
        code.storeWord(R8, 8, R1);
        code.loadByte(R1, R8, layout.inFrame(layout.hops));
        code.addImmediate(R1, -1);
        code.storeByte(R8, layout.inFrame(layout.hops), R1);
        if (!layout.ipv6()) {
            code.loadHalf(R1, R8, layout.inFrame(IPV4_CHECKSUM));
            adjust(FlowTable.IP_DIFFERENCE);
            code.storeHalf(R8, layout.inFrame(IPV4_CHECKSUM), R1);
        }
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

    /** The flow's number is in R7. Spoils R0. */
    final void rewriteEnds() {
        int at = layout.inFrame(layout.addresses);
        if (layout.ipv6()) {
            look(maps.wide(), R7);
            for (int word = 0; word < layout.addressBytes; word += Long.BYTES) {
                code.loadDouble(R1, R0, FlowTable.WIDE_NEW + word);
                code.storeDouble(R8, at + word, R1);
            }
        } else {
            code.loadDouble(R1, R9, FlowTable.ADDRESSES);
            code.storeDouble(R8, at, R1);
        }
        code.loadWord(R1, R9, FlowTable.PORTS);
        code.storeWord(R8, transport, R1);
    }

    final void send() {
        code.loadWord(R1, R9, FlowTable.INTERFACE);
        code.moveImmediate(R2, 0);
        code.call(HELPER_REDIRECT);
        code.exit();
    }
}
