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

import io.weir.dataplane.flow.ClientSpread;
import io.weir.dataplane.io.steering.BpfAssembler.Label;

import org.jspecify.annotations.Nullable;

/**
 * The steering program's form for an interface's driver (XDP), which sees nothing but the bytes of
 * a frame.
 *
 * <p>It takes the bulk of what is the balancer's: TCP and UDP with their ports, without IP options,
 * extension headers and fragments. It passes on everything else, of which the programs behind the
 * driver take what is the balancer's.
 */
final class DriverProgram {
    // struct xdp_md of linux/bpf.h
    private static final int QUEUE = 16;

    private static final int XDP_PASS = 2;
    private static final int XDP_REDIRECT = 4;

    private static final int HELPER_REDIRECT_MAP = 51;
    static final int HELPER_FRAME_BYTES = 188;

    private static final int ETHERNET_BYTES = 14;
    private static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;
    private static final int PORTS_BYTES = 4;

    // EtherTypes as the little-endian machine reads them.
    private static final int ETHERTYPE_IPV4 = 0x0008;
    private static final int ETHERTYPE_IPV6 = 0xdd86;

    /** Not SCTP: its checksum may be left to the hardware, which does not show in the frame. */
    private static final int[] TRANSPORTS = {6, 17};

    private final SteeringProgram program;
    private final BpfAssembler code;

    private DriverProgram(SteeringProgram program) {
        this.program = program;
        this.code = program.code;
    }

    /**
     * Hands what is the balancer's to the socket that its worker has for the receive queue, and
     * counts it; passes it on where there is no socket.
     *
     * @param counter a per-CPU array of one 64-bit number
     * @param mac the interface's address, in the low 48 bits
     * @param longest the longest frame to take, in bytes
     * @param flows what is forwarded here; null for nothing
     * @param gate where SYNs are refused if there is one worker; null for nowhere
     */
    static long[] program(
            EndpointMap endpoints,
            MarkTrie trie,
            MasqueradeMap rules,
            int counter,
            SocketMap sockets,
            long mac,
            int longest,
            @Nullable FlowMaps flows,
            @Nullable SynGate gate) {
        SteeringProgram program = new SteeringProgram(endpoints, trie, rules, false);
        DriverProgram driver = new DriverProgram(program);
        // Whose a frame is of several workers', nobody knows so early.
        SynGate known = sockets.spread().workers() == 1 ? gate : null;
        if (known != null) {
            known.refuseAtDriver(program, counter, mac);
        }
        FlowDriver.redirect(program.code, flows, mac);
        driver.decide(mac, longest);
        driver.findSocket(sockets.spread());
        driver.redirect(sockets.descriptor(), counter, known);
        program.code.place(program.host);
        program.end(XDP_PASS);
        return program.code.assemble();
    }

    /** Leaves the socket's place in the map in R2. */
    private void findSocket(ClientSpread spread) {
        if (spread.workers() == 1) {
            program.placeTaken();
            code.loadWord(R2, R6, QUEUE);
            return;
        }
        ClientChoice.placeTaken(program, spread);
        code.loadWord(R2, R6, QUEUE);
        code.jumpIfGreater(R2, SocketMap.MOST_QUEUES - 1, program.host);
        SocketMap.addWorker(code, R2, R0);
    }

    private void redirect(int sockets, int counter, @Nullable SynGate gate) {
        Label passed = new Label();
        code.loadMap(R1, sockets);
        code.moveImmediate(R3, XDP_PASS);
        code.call(HELPER_REDIRECT_MAP);
        code.move(R7, R0);
        code.jumpIfNotEqual(R7, XDP_REDIRECT, passed);
        program.count(counter);
        if (gate != null) {
            gate.accept(code, 0);
        }
        code.place(passed);
        code.move(R0, R7);
        code.exit();
    }

    /** R2 and R3 are where the frame begins and ends, as far as it is in one piece. */
    private void decide(long mac, int longest) {
        Label ipv6 = new Label();
        Label ported = new Label();
        code.move(R6, R1);
        code.call(HELPER_FRAME_BYTES);
        code.jumpIfGreater(R0, longest, program.host);
        code.loadWord(R2, R6, FrameContext.DRIVER_DATA);
        code.loadWord(R3, R6, FrameContext.DRIVER_DATA_END);
        requireBytes(ETHERNET_BYTES + IPV4_BYTES + PORTS_BYTES);
        FrameContext.requireAddressed(code, R2, mac, program.host);
        code.moveImmediate(R9, 0);
        code.loadHalf(R1, R2, 12);
        code.jumpIfEqual(R1, ETHERTYPE_IPV6, ipv6);
        code.jumpIfNotEqual(R1, ETHERTYPE_IPV4, program.host);

        readIpv4();
        code.jump(ported);
        code.place(ipv6);
        readIpv6();
        code.place(ported);
        program.requireOneOf(R8, TRANSPORTS);
        program.decidePorted();
        program.decideOpened();
    }

    private void readIpv4() {
        code.loadByte(R1, R2, ETHERNET_BYTES);
        code.jumpIfNotEqual(R1, 0x45, program.host); // version 4, no options
        code.loadHalf(R1, R2, ETHERNET_BYTES + 6);
        code.fromNetworkHalf(R1);
        code.jumpIfAnyBit(R1, 0x3fff, program.host); // more fragments, or an offset
        code.loadByte(R8, R2, ETHERNET_BYTES + 9);
        program.readIpv4Address(SteeringProgram.SOURCE, R2, ETHERNET_BYTES + 12);
        program.readIpv4Address(SteeringProgram.DESTINATION, R2, ETHERNET_BYTES + 16);
        readPorts(ETHERNET_BYTES + IPV4_BYTES);
    }

    private void readIpv6() {
        requireBytes(ETHERNET_BYTES + IPV6_BYTES + PORTS_BYTES);
        code.loadByte(R1, R2, ETHERNET_BYTES);
        code.shiftRight(R1, 4);
        code.jumpIfNotEqual(R1, 6, program.host);
        code.loadByte(R8, R2, ETHERNET_BYTES + 6);
        program.readIpv6Addresses(R2, ETHERNET_BYTES);
        readPorts(ETHERNET_BYTES + IPV6_BYTES);
    }

    private void readPorts(int offset) {
        code.loadWord(R1, R2, offset);
        code.storeWord(FRAME, SteeringProgram.SOURCE_PORT, R1);
    }

    private void requireBytes(int bytes) {
        code.move(R1, R2);
        code.addImmediate(R1, bytes);
        code.jumpIfAbove(R1, R3, program.host);
    }
}
