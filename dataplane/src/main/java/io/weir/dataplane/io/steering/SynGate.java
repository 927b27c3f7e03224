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
import io.weir.dataplane.offload.SynCredit;
import io.weir.dataplane.sys.SystemCallException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Where the kernel refuses SYNs of which too many wait for a worker already, before anything else
 * looks at them: TCP over IPv4 without IP options or fragments, with SYN and without ACK, FIN and
 * RST, to a service's endpoint. Such a segment is in no flow, so nothing else has to be known.
 *
 * <p>A packet socket's filter, which comes first, decides. The program at the ingress drops what
 * the filter was asked about in any case; so it drops such SYNs without further questions, whether
 * or not they were refused. A driver's program decides if there is one worker, whose credit all its
 * ports share.
 *
 * <p>Registers: R6 the frame's context, R7 an endpoint's key, R8 the frame's bytes, R9 a worker's
 * {@link SynCredit}.
 */
final class SynGate implements AutoCloseable {
    private static final String PURPOSE = "let the kernel refuse SYNs";

    private static final int HELPER_LOAD_BYTES = 26;

    private static final int XDP_DROP = 1;

    private static final int ETHERNET_BYTES = 14;
    private static final int ETHERTYPE_IPV4 = 0x0008;
    private static final int TCP = 6;

    // From the beginning of an IPv4 header without options.
    private static final int FRAGMENTS = 6;
    private static final int TRANSPORT = 9;
    private static final int DESTINATION = 16;
    private static final int DESTINATION_PORT = 22;
    private static final int TCP_FLAGS = 33;
    private static final int READ_BYTES = 34;

    /** In the machine's order: more fragments, or an offset. */
    private static final int FRAGMENT = 0xff3f;

    /** SYN, FIN, RST and ACK, of which a segment that begins a connection has the first. */
    private static final int DECIDING_FLAGS = 0x17;

    private static final int SYN = 0x02;

    // The stack: an array's index, headers.
    private static final int INDEX = -4;
    private static final int HEADER = -40;

    private final GatedEndpoints endpoints;
    private final MappedArray counts;
    private final List<SynCredit> credits = new ArrayList<>();

    private SynGate(GatedEndpoints endpoints, MappedArray counts, int workers) {
        this.endpoints = endpoints;
        this.counts = counts;
        for (int worker = 0; worker < workers; worker++) {
            credits.add(new SynCredit(counts.address() + (long) worker * SynCredit.BYTES));
        }
    }

    /**
     * Makes one for no endpoint.
     *
     * @throws SystemCallException without CAP_BPF, or if the kernel has no memory for it
     */
    static SynGate open(int workers) throws SystemCallException {
        GatedEndpoints endpoints = new GatedEndpoints(PURPOSE);
        try {
            return new SynGate(
                    endpoints, MappedArray.open(SynCredit.BYTES, workers, PURPOSE), workers);
        } catch (SystemCallException e) {
            endpoints.close();
            throw e;
        }
    }

    GatedEndpoints endpoints() {
        return endpoints;
    }

    /** Each worker's. */
    List<SynCredit> credits() {
        return Collections.unmodifiableList(credits);
    }

    /**
     * For the filter of a worker's packet sockets: rejects what is refused and counts it. Others go
     * on behind this code with R1 as it was.
     */
    void refuse(BpfAssembler code, int worker) {
        Label others = new Label();
        requireExhausted(code, worker, others);
        requireOwnIpv4(code, others);
        code.move(R1, R6);
        code.moveImmediate(R2, ETHERNET_BYTES);
        code.move(R3, FRAME);
        code.addImmediate(R3, HEADER);
        code.moveImmediate(R4, READ_BYTES);
        code.call(HELPER_LOAD_BYTES);
        code.jumpIfNotEqual(R0, 0, others);
        requireSyn(code, FRAME, HEADER, others);
        countRefused(code);
        code.moveImmediate(R0, 0);
        code.exit();
        code.place(others);
        code.move(R1, R6);
    }

    /**
     * For the driver's program of the only worker: drops what is refused and counts it. Others go
     * on behind this code with R1 as it was.
     *
     * @param counter of what is the balancer's
     * @param mac the interface's address, in the low 48 bits
     */
    void refuseAtDriver(SteeringProgram program, int counter, long mac) {
        BpfAssembler code = program.code;
        Label others = new Label();
        requireExhausted(code, 0, others);
        code.loadWord(R8, R6, FrameContext.DRIVER_DATA);
        code.loadWord(R2, R6, FrameContext.DRIVER_DATA_END);
        requireBytes(code, others);
        FrameContext.requireAddressed(code, R8, mac, others);
        code.loadHalf(R1, R8, ETHERNET_BYTES - Short.BYTES);
        code.jumpIfNotEqual(R1, ETHERTYPE_IPV4, others);
        requireSyn(code, R8, ETHERNET_BYTES, others);
        countRefused(code);
        program.count(counter);
        program.end(XDP_DROP);
        code.place(others);
        code.move(R1, R6);
    }

    /** Leaves the frame's context in R6. */
    private void requireExhausted(BpfAssembler code, int worker, Label others) {
        code.move(R6, R1);
        code.storeWordImmediate(FRAME, INDEX, worker);
        look(code, counts.number(), others);
        code.move(R9, R0);
        code.loadDouble(R1, R9, SynCredit.ACCEPTED);
        code.loadDouble(R2, R9, SynCredit.MOST_ACCEPTED);
        code.jumpIfAbove(R2, R1, others);
    }

    private static void countRefused(BpfAssembler code) {
        code.moveImmediate(R1, 1);
        code.atomicAddDouble(R9, SynCredit.REFUSED, R1);
    }

    private static void requireBytes(BpfAssembler code, Label others) {
        code.move(R1, R8);
        code.addImmediate(R1, ETHERNET_BYTES + READ_BYTES);
        code.jumpIfAbove(R1, R2, others);
    }

    /** For the same programs, where they have accepted a packet. */
    void accept(BpfAssembler code, int worker) {
        Label none = new Label();
        code.storeWordImmediate(FRAME, INDEX, worker);
        look(code, counts.number(), none);
        code.moveImmediate(R1, 1);
        code.atomicAddDouble(R0, SynCredit.ACCEPTED, R1);
        code.place(none);
    }

    /**
     * For the program at the ingress: jumps with every SYN to an endpoint. Others go on behind this
     * code with R1 as it was.
     */
    void take(BpfAssembler code, Label taken) {
        Label others = new Label();
        code.move(R6, R1);
        requireOwnIpv4(code, others);
        code.loadWord(R8, R6, FrameContext.DATA);
        code.loadWord(R2, R6, FrameContext.DATA_END);
        requireBytes(code, others);
        requireSyn(code, R8, ETHERNET_BYTES, others);
        code.jump(taken);
        code.place(others);
        code.move(R1, R6);
    }

    private static void requireOwnIpv4(BpfAssembler code, Label others) {
        FrameContext.requireOwn(code, others);
        code.loadWord(R1, R6, FrameContext.PROTOCOL);
        code.jumpIfNotEqual(R1, ETHERTYPE_IPV4, others);
    }

    /** The IP header is at an offset from a register. */
    private void requireSyn(BpfAssembler code, int base, int header, Label others) {
        code.loadByte(R1, base, header + TCP_FLAGS);
        code.andImmediate(R1, DECIDING_FLAGS);
        code.jumpIfNotEqual(R1, SYN, others);
        code.loadByte(R1, base, header);
        code.jumpIfNotEqual(R1, 0x45, others);
        code.loadByte(R1, base, header + TRANSPORT);
        code.jumpIfNotEqual(R1, TCP, others);
        code.loadHalf(R1, base, header + FRAGMENTS);
        code.jumpIfAnyBit(R1, FRAGMENT, others);
        code.loadHalf(R7, base, header + DESTINATION_PORT);
        code.shiftLeft(R7, GatedEndpoints.PORT_SHIFT);
        code.loadWord(R1, base, header + DESTINATION);
        code.add(R7, R1);
        code.loadNumber(R1, GatedEndpoints.PRESENT);
        code.add(R7, R1);
        requireEndpoint(code, others);
    }

    private void requireEndpoint(BpfAssembler code, Label others) {
        Label found = new Label();
        code.move(R1, R7);
        code.loadNumber(R2, GatedEndpoints.FACTOR);
        code.multiply(R1, R2);
        code.shiftRight(R1, Long.SIZE - GatedEndpoints.BUCKET_BITS);
        code.storeWord(FRAME, INDEX, R1);
        look(code, endpoints.descriptor(), others);
        for (int way = 0; way < GatedEndpoints.WAYS; way++) {
            code.loadDouble(R1, R0, way * Long.BYTES);
            code.jumpIfSame(R1, R7, found);
        }
        code.jump(others);
        code.place(found);
    }

    private static void look(BpfAssembler code, int map, Label missing) {
        code.loadMap(R1, map);
        code.move(R2, FRAME);
        code.addImmediate(R2, INDEX);
        code.call(SteeringProgram.HELPER_MAP_LOOKUP);
        code.jumpIfEqual(R0, 0, missing);
    }

    @Override
    public void close() {
        counts.close();
        endpoints.close();
    }
}
