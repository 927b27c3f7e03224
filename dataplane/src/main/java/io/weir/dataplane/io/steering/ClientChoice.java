package io.weir.dataplane.io.steering;

import static io.weir.dataplane.io.steering.BpfAssembler.FRAME;
import static io.weir.dataplane.io.steering.BpfAssembler.R0;
import static io.weir.dataplane.io.steering.BpfAssembler.R1;
import static io.weir.dataplane.io.steering.BpfAssembler.R2;
import static io.weir.dataplane.io.steering.BpfAssembler.R3;
import static io.weir.dataplane.io.steering.BpfAssembler.R4;
import static io.weir.dataplane.io.steering.BpfAssembler.R7;
import static io.weir.dataplane.io.steering.BpfAssembler.R8;

import io.weir.dataplane.flow.ClientSpread;
import io.weir.dataplane.io.steering.BpfAssembler.Label;

/**
 * The instructions that find a packet's client and the number of the worker that has it, by the
 * function of {@link ClientSpread}.
 */
final class ClientChoice {
    private static final int IPIP = 4;
    private static final int IPV6_IN_IP = 41;
    private static final int GRE = 47;
    private static final int GRE_BYTES = 4;
    private static final int GRE_CHECKSUM = 0x80;
    private static final int GRE_CHECKSUM_BYTES = 4;
    private static final int UDP_BYTES = 8;
    private static final int GUE_BYTES = 4;
    private static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;

    // EtherTypes as the little-endian machine reads them.
    private static final int ETHERTYPE_IPV4 = 0x0008;
    private static final int ETHERTYPE_IPV6 = 0xdd86;

    /** Where on the stack the client's address ends up, and what is read of the frame. */
    private static final int CLIENT = SteeringProgram.SOURCE + EndpointMap.ADDRESS_OFFSET;

    private static final int OTHER = SteeringProgram.DESTINATION + EndpointMap.ADDRESS_OFFSET;
    private static final int HEADER = SteeringProgram.HEADER;

    private final SteeringProgram program;
    private final BpfAssembler code;
    private final ClientSpread spread;

    private ClientChoice(SteeringProgram program, ClientSpread spread) {
        this.program = program;
        this.code = program.code;
        this.spread = spread;
    }

    /**
     * For the packet sockets of several workers on one interface (PACKET_FANOUT_EBPF): returns the
     * number of the worker that has the packet's client, 0 for what is the host's.
     */
    static long[] program(
            EndpointMap endpoints, MarkTrie trie, MasqueradeMap rules, ClientSpread spread) {
        SteeringProgram program = new SteeringProgram(endpoints, trie, rules, true);
        program.decide();
        ClientChoice choice = new ClientChoice(program, spread);
        program.code.place(program.takenAboutTunnel);
        choice.takeFromTunnel();
        choice.placeTaken();
        program.code.exit();
        program.code.place(program.host);
        program.end(0);
        return program.code.assemble();
    }

    /**
     * For the driver's program, which takes nothing about tunnels: goes on with the number of the
     * worker that has the client of what is taken in R0.
     */
    static void placeTaken(SteeringProgram program, ClientSpread spread) {
        new ClientChoice(program, spread).placeTaken();
    }

    private void placeTaken() {
        code.place(program.takenFromServer);
        takeFrom(OTHER);
        code.place(program.takenFromClient);
        choose();
    }

    /** For a packet socket that is to get nothing yet. */
    static long[] nobody() {
        BpfAssembler code = new BpfAssembler();
        code.moveImmediate(R0, 0);
        code.exit();
        return code.assemble();
    }

    /** The client is at its place; leaves the worker's number in R0. */
    private void choose() {
        loadHalf(R1, CLIENT, R3);
        loadHalf(R2, CLIENT + Long.BYTES, R3);
        code.loadNumber(R3, spread.mask());
        code.xor(R1, R3);
        code.loadNumber(R3, spread.firstFactor());
        code.multiply(R1, R3);
        fold();
        code.xor(R1, R2);
        code.loadNumber(R4, spread.secondFactor());
        code.multiply(R1, R4);
        fold();
        code.multiply(R1, R3);
        code.shiftRight(R1, 32);
        code.moveImmediate(R2, spread.workers());
        code.multiply(R1, R2);
        code.shiftRight(R1, 32);
        code.move(R0, R1);
    }

    private void fold() {
        code.move(R4, R1);
        code.shiftRight(R4, 32);
        code.xor(R1, R4);
    }

    /** Loads eight bytes of an address, of which the stack is only sure to align four. */
    private void loadHalf(int to, int from, int spare) {
        code.loadWord(to, FRAME, from);
        code.fromNetworkWord(to);
        code.shiftLeft(to, 32);
        code.loadWord(spare, FRAME, from + Integer.BYTES);
        code.fromNetworkWord(spare);
        code.add(to, spare);
    }

    /** The client is elsewhere on the stack; goes on to {@link #choose}. */
    private void takeFrom(int address) {
        for (int word = 0; word < 16; word += Integer.BYTES) {
            code.loadWord(R1, FRAME, address + word);
            code.storeWord(FRAME, CLIENT + word, R1);
        }
        code.jump(program.takenFromClient);
    }

    /**
     * The client is the source of the packet in a tunnel whose outer protocol is in R8 and behind
     * whose outer IP header R7 points; goes on to {@link #choose}.
     */
    private void takeFromTunnel() {
        Label gre = new Label();
        Label ipv4 = new Label();
        Label ipv6 = new Label();
        code.jumpIfEqual(R8, IPIP, ipv4);
        code.jumpIfEqual(R8, IPV6_IN_IP, ipv6);
        code.jumpIfEqual(R8, GRE, gre);
        code.addImmediate(R7, UDP_BYTES);
        program.loadHeader(GUE_BYTES);
        code.loadByte(R1, FRAME, HEADER);
        code.andImmediate(R1, 0x1f); // the length of what follows, in words
        code.shiftLeft(R1, 2);
        code.add(R7, R1);
        code.addImmediate(R7, GUE_BYTES);
        code.loadByte(R1, FRAME, HEADER + 1);
        code.jumpIfEqual(R1, IPIP, ipv4);
        code.jumpIfEqual(R1, IPV6_IN_IP, ipv6);
        code.jump(program.host);

        code.place(gre);
        readGre(ipv4, ipv6);
        code.place(ipv4);
        program.loadHeader(IPV4_BYTES);
        mapIpv4();
        code.jump(program.takenFromClient);
        code.place(ipv6);
        program.loadHeader(IPV6_BYTES);
        takeFrom(HEADER + 8);
    }

    private void readGre(Label ipv4, Label ipv6) {
        Label plain = new Label();
        program.loadHeader(GRE_BYTES);
        code.addImmediate(R7, GRE_BYTES);
        code.loadByte(R1, FRAME, HEADER);
        code.andImmediate(R1, GRE_CHECKSUM);
        code.jumpIfEqual(R1, 0, plain);
        code.addImmediate(R7, GRE_CHECKSUM_BYTES);
        code.place(plain);
        code.loadHalf(R1, FRAME, HEADER + 2);
        code.jumpIfEqual(R1, ETHERTYPE_IPV4, ipv4);
        code.jumpIfEqual(R1, ETHERTYPE_IPV6, ipv6);
        code.jump(program.host);
    }

    private void mapIpv4() {
        code.storeWordImmediate(FRAME, CLIENT, 0);
        code.storeWordImmediate(FRAME, CLIENT + 4, 0);
        code.storeWordImmediate(FRAME, CLIENT + 8, 0xffff0000);
        code.loadWord(R1, FRAME, HEADER + 12);
        code.storeWord(FRAME, CLIENT + 12, R1);
    }
}
