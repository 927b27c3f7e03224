package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.offload.FlowEnds;
import io.weir.dataplane.offload.FlowTable;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.CpuAffinity;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.NamespaceLab;
import io.weir.dataplane.testing.Seed;
import io.weir.dataplane.testing.TestConnection;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Runs frames through both halves in the kernel (BPF_PROG_TEST_RUN); no frame is sent. */
class FlowProgramTest {
    private static final int REDIRECTED = 7; // TC_ACT_REDIRECT
    private static final int REJECTED = 0;
    private static final int LEFT = -1;
    private static final int PASSED = 2; // XDP_PASS
    private static final int REDIRECTED_BY_DRIVER = 4; // XDP_REDIRECT
    private static final int BUCKET_BITS = 6;
    private static final int LINK = 17;
    private static final int LONGEST = 1400;

    /** The loopback's address, whose receiver the test run pretends to be. */
    private static final String HERE = "00:00:00:00:00:00";

    private static final String PEER = "02:00:00:00:00:01";
    private static final String SERVER_MAC = "02:aa:bb:cc:dd:ee";
    private static final String OUT_MAC = "02:11:22:33:44:55";
    private static final String CLIENT = "198.51.100.7";
    private static final String VIP = "192.0.2.10";
    private static final String REAL = "10.0.0.5";

    /** Both programs have to run on the same processor, as they do for a frame that arrives. */
    private final ExecutorService processor = Executors.newSingleThreadExecutor();

    private FlowMaps maps;
    private FlowTable table;
    private Descriptor finder;
    private Descriptor forwarder;
    private Descriptor driver;
    private int nextPlace;

    @BeforeEach
    void open() throws SystemCallException {
        NamespaceLab.assumeRoot();
        int cpu = CpuAffinity.allowed().getFirst();
        run(
                () -> {
                    CpuAffinity.pin(cpu);
                    return cpu;
                });
        maps = FlowMaps.open(BUCKET_BITS, Seed.ofThisRun().value(), 1);
        table = maps.tables().getFirst();
        // As a program of another type: a test run gives a socket's filter no Ethernet header.
        BpfAssembler find = new BpfAssembler();
        FlowFilter.find(find, maps);
        finder = load(find);
        BpfAssembler forward = new BpfAssembler();
        FlowIngress.forward(forward, maps);
        forwarder = load(forward);
        BpfAssembler redirect = new BpfAssembler();
        FlowDriver.redirect(redirect, maps, 0);
        redirect.moveImmediate(BpfAssembler.R0, PASSED);
        redirect.exit();
        driver = Bpf.loadProgram(Bpf.PROGRAM_XDP, redirect.assemble(), "test");
    }

    private static Descriptor load(BpfAssembler code) throws SystemCallException {
        code.moveImmediate(BpfAssembler.R0, LEFT);
        code.exit();
        return Bpf.loadProgram(Bpf.PROGRAM_SCHED_CLS, code.assemble(), "test");
    }

    @AfterEach
    void close() {
        if (maps != null) {
            driver.close();
            forwarder.close();
            finder.close();
            maps.close();
        }
    }

    private static long mac(String text) {
        return Long.parseLong(text.replace(":", ""), 16);
    }

    /** One direction of a connection, before and after. */
    private record Flow(
            int protocol,
            String source,
            int sourcePort,
            String destination,
            int destinationPort,
            String newSource,
            int newSourcePort,
            String newDestination,
            int newDestinationPort) {
        static Flow toServer(int protocol, int clientPort, int serverPort) {
            return new Flow(
                    protocol, CLIENT, clientPort, VIP, 80, CLIENT, clientPort, REAL, serverPort);
        }

        static Flow direct(int protocol, int clientPort) {
            return new Flow(protocol, CLIENT, clientPort, VIP, 80, CLIENT, clientPort, VIP, 80);
        }

        FlowEnds ends() {
            boolean reply = !source.equals(newSource) || sourcePort != newSourcePort;
            return reply
                    ? new TestConnection(
                                    protocol,
                                    destination,
                                    destinationPort,
                                    newSource,
                                    newSourcePort,
                                    source,
                                    sourcePort)
                            .toClient()
                    : new TestConnection(
                                    protocol,
                                    source,
                                    sourcePort,
                                    destination,
                                    destinationPort,
                                    newDestination,
                                    newDestinationPort)
                            .toServer();
        }

        FrameBuilder builder() {
            return protocol == 6 ? Frames.tcp().ack(7) : Frames.udp();
        }

        FrameBuilder before(FrameBuilder builder) {
            return builder.macs(PEER, HERE)
                    .from(source, sourcePort)
                    .to(destination, destinationPort);
        }

        FrameBuilder after(FrameBuilder builder) {
            return builder.macs(OUT_MAC, SERVER_MAC)
                    .from(newSource, newSourcePort)
                    .to(newDestination, newDestinationPort);
        }
    }

    private int open(Flow flow) {
        FlowEnds ends = flow.ends();
        int place = table.bucket(ends) + nextPlace++ % FlowTable.WAYS;
        table.putWayOut(place, ends, LINK, LONGEST, true);
        table.putEthernet(place, mac(SERVER_MAC), mac(OUT_MAC), 0x0800);
        if (ends.translated()) {
            table.putTranslation(place, ends);
        }
        table.open(place, ends);
        return place;
    }

    private int run(Callable<Integer> program) {
        try {
            return processor.submit(program).get();
        } catch (ExecutionException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void leaveProcessor() {
        processor.close();
    }

    private int find(byte[] frame) {
        return run(() -> Bpf.testRun(finder.number(), frame, "test"));
    }

    private int forward(byte[] frame) {
        return run(() -> Bpf.testRunInPlace(forwarder.number(), frame, "test"));
    }

    private void isForwarded(byte[] frame, byte[] expected) throws SystemCallException {
        assertThat(find(frame)).as("of the filter").isEqualTo(REJECTED);
        byte[] changed = frame.clone();
        assertThat(forward(changed)).as("at the ingress").isEqualTo(REDIRECTED);
        assertThat(changed).isEqualTo(Arrays.copyOf(expected, frame.length));
        byte[] redirected = frame.clone();
        assertThat(Bpf.testRunInPlace(driver.number(), redirected, "test"))
                .as("at the driver")
                .isEqualTo(REDIRECTED_BY_DRIVER);
        assertThat(redirected).isEqualTo(Arrays.copyOf(expected, frame.length));
    }

    private void isLeft(byte[] frame) throws SystemCallException {
        assertThat(find(frame)).as("of the filter").isEqualTo(LEFT);
        byte[] same = frame.clone();
        assertThat(forward(same)).as("at the ingress").isEqualTo(LEFT);
        assertThat(same).isEqualTo(frame);
        assertThat(Bpf.testRunInPlace(driver.number(), same, "test"))
                .as("at the driver")
                .isEqualTo(PASSED);
        assertThat(same).isEqualTo(frame);
    }

    @Test
    void packetsOfRandomFlowsLeaveAsIfTheyWereBuiltAnew() throws SystemCallException {
        Random random = Seed.ofThisRun().random();
        for (int i = 0; i < 2_000; i++) {
            int protocol = random.nextBoolean() ? 6 : 17;
            String from = address(random);
            String to = address(random);
            int port = 1 + random.nextInt(65535);
            int toPort = 1 + random.nextInt(65535);
            boolean reply = random.nextBoolean();
            boolean direct = random.nextInt(4) == 0;
            String other = direct ? (reply ? from : to) : address(random);
            int otherPort =
                    direct || random.nextBoolean()
                            ? reply ? port : toPort
                            : 1 + random.nextInt(65535);
            Flow flow =
                    reply
                            ? new Flow(
                                    protocol, from, port, to, toPort, other, otherPort, to, toPort)
                            : new Flow(
                                    protocol, from, port, to, toPort, from, port, other, otherPort);
            int place = open(flow);
            int hops = 2 + random.nextInt(254);
            int service = random.nextInt(256);
            int id = random.nextInt(65536);
            byte[] payload = new byte[random.nextInt(LONGEST - 60)];
            random.nextBytes(payload);
            long rest = random.nextLong();
            boolean unchecked = protocol == 17 && random.nextInt(8) == 0;
            byte[] frame =
                    flow.before(varied(flow, rest, unchecked))
                            .ttl(hops)
                            .tos(service)
                            .id(id)
                            .payload(payload)
                            .bytes();
            byte[] expected =
                    flow.after(varied(flow, rest, unchecked))
                            .ttl(hops - 1)
                            .tos(service)
                            .id(id)
                            .payload(payload)
                            .bytes();
            if (frame.length < 48) {
                isLeft(frame); // too short to be looked at
            } else {
                isForwarded(frame, expected);
                assertThat(table.packets(place)).isEqualTo(2);
                assertThat(table.bytes(place)).isEqualTo(2L * (frame.length - 14));
            }
            table.close(place);
            isLeft(frame);
        }
    }

    private static FrameBuilder varied(Flow flow, long rest, boolean unchecked) {
        FrameBuilder builder = flow.builder();
        if (flow.protocol == 6) {
            builder.seq(rest & 0xffff_ffffL).window((int) (rest >>> 32) & 0xffff);
            if ((rest & 1) != 0) {
                builder.psh();
            }
            if ((rest & 2) != 0) {
                builder.tcpOptions((byte) 1, (byte) 1, (byte) 1, (byte) 0);
            }
        }
        return unchecked ? builder.noChecksum() : builder;
    }

    private static String address(Random random) {
        return IpAddress.v4(random.nextInt()).toString();
    }

    @Test
    void whatIsNotPlainIsLeft() throws SystemCallException {
        Flow flow = Flow.toServer(6, 40_000, 8080);
        open(flow);
        byte[] payload = new byte[64];
        isForwarded(
                flow.before(flow.builder()).payload(payload).bytes(),
                flow.after(flow.builder()).ttl(63).payload(payload).bytes());

        isLeft(flow.before(flow.builder()).payload(payload).ttl(1).bytes());
        isLeft(flow.before(flow.builder()).payload(payload).ttl(0).bytes());
        isLeft(flow.before(flow.builder()).payload(payload).syn().bytes());
        isLeft(flow.before(flow.builder()).payload(payload).syn().fin().bytes());
        isLeft(flow.before(flow.builder()).payload(payload).syn().rst().bytes());
        isLeft(flow.before(Frames.tcp()).payload(payload).bytes());
        isLeft(flow.before(flow.builder()).payload(payload).ipOptions(new byte[4]).bytes());
        isLeft(flow.before(flow.builder()).payload(new byte[LONGEST - 39]).bytes());
        isLeft(flow.before(flow.builder()).payload(payload).from(CLIENT, 40_001).bytes());
        isLeft(flow.before(flow.builder()).payload(payload).to(VIP, 81).bytes());
        isLeft(flow.before(flow.builder()).payload(payload).to(REAL, 80).bytes());
        isLeft(flow.before(flow.builder()).payload(payload).from("198.51.100.8", 40_000).bytes());
        isLeft(flow.before(Frames.udp()).payload(payload).bytes());
        isLeft(flow.before(flow.builder()).payload(payload).macs(PEER, SERVER_MAC).bytes());
    }

    @Test
    void whatIsDamagedIsLeft() throws SystemCallException {
        Flow flow = Flow.direct(6, 40_000);
        open(flow);
        byte[] right = flow.before(flow.builder()).payload(new byte[64]).bytes();
        // Any one bit of the IP header, but what makes it another header that is right.
        for (int bit = 0; bit < 160; bit++) {
            byte[] frame = right.clone();
            frame[14 + bit / 8] ^= (byte) (1 << bit % 8);
            isLeft(frame);
        }
        byte[] fragment = right.clone();
        fragment[20] ^= 0x20;
        fragment[24] ^= 0x20; // and its checksum
        isLeft(fragment);
        isLeft(Arrays.copyOf(right, right.length - 1)); // shorter than it says
    }

    @Test
    void paddingGoesNoFurther() throws SystemCallException {
        Flow flow = Flow.toServer(6, 40_000, 80);
        open(flow);
        byte[] packet = flow.before(flow.builder()).bytes();
        byte[] padded = Arrays.copyOf(packet, packet.length + 6);
        Arrays.fill(padded, packet.length, padded.length, (byte) 0x5a);

        isForwarded(padded, flow.after(flow.builder()).ttl(63).bytes());
    }

    @Test
    void theLongestPacketLeaves() throws SystemCallException {
        Flow flow = Flow.direct(17, 40_000);
        open(flow);
        byte[] payload = new byte[LONGEST - 28];

        isForwarded(
                flow.before(flow.builder()).payload(payload).bytes(),
                flow.after(flow.builder()).ttl(63).payload(payload).bytes());
        isLeft(flow.before(flow.builder()).payload(new byte[LONGEST - 27]).bytes());
    }

    @Test
    void aChecksumLeftToHardwareIsForTheSockets() throws SystemCallException {
        Flow tcp = Flow.toServer(6, 40_000, 8080);
        Flow udp = Flow.direct(17, 40_000);
        for (Flow flow : new Flow[] {tcp, udp}) {
            open(flow);
            byte[] frame =
                    flow.before(flow.builder()).payload(new byte[64]).partialChecksum().bytes();
            byte[] same = frame.clone();
            assertThat(Bpf.testRunInPlace(driver.number(), same, "test")).isEqualTo(PASSED);
            assertThat(same).isEqualTo(frame);
        }
    }

    @Test
    void onlyADriverThatSendsItGetsIt() throws SystemCallException {
        Flow flow = Flow.toServer(6, 40_000, 8080);
        int place = open(flow);
        table.putWayOut(place, flow.ends(), LINK, LONGEST, false);
        byte[] frame = flow.before(flow.builder()).payload(new byte[64]).bytes();

        assertThat(Bpf.testRun(driver.number(), frame, "test")).isEqualTo(PASSED);
        assertThat(find(frame)).isEqualTo(REJECTED);
    }

    @Test
    void aBucketHasRoomForFour() throws SystemCallException {
        Flow[] flows = new Flow[FlowTable.WAYS];
        int bucket = table.bucket(Flow.toServer(6, 1024, 8000).ends());
        int port = 1024;
        for (int found = 0; found < flows.length; port++) {
            Flow flow = Flow.toServer(6, port, 8000 + found);
            if (table.bucket(flow.ends()) == bucket) {
                flows[found++] = flow;
            }
        }
        for (Flow flow : flows) {
            open(flow);
        }
        byte[] payload = new byte[64];
        for (Flow flow : flows) {
            isForwarded(
                    flow.before(flow.builder()).payload(payload).bytes(),
                    flow.after(flow.builder()).ttl(63).payload(payload).bytes());
        }
    }

    @Test
    void whatAnotherFrameLeftIsNotUsed() throws SystemCallException {
        Flow flow = Flow.toServer(6, 40_000, 8080);
        open(flow);
        byte[] payload = new byte[64];
        byte[] known = flow.before(flow.builder()).payload(payload).bytes();
        byte[] other = flow.before(flow.builder()).payload(payload).from(CLIENT, 40_001).bytes();

        assertThat(find(known)).isEqualTo(REJECTED);
        assertThat(forward(other)).isEqualTo(LEFT);
        // Nor is it there for the next, even of that flow.
        assertThat(forward(known)).isEqualTo(LEFT);
    }

    @Test
    void aFlowThatEndsBetweenTheProgramsStillForwardsThatFrame() throws SystemCallException {
        Flow flow = Flow.toServer(6, 40_000, 8080);
        int place = open(flow);
        byte[] payload = new byte[64];
        byte[] frame = flow.before(flow.builder()).payload(payload).bytes();

        assertThat(find(frame)).isEqualTo(REJECTED);
        table.close(place);
        byte[] changed = frame.clone();
        assertThat(forward(changed)).isEqualTo(REDIRECTED);
        assertThat(changed).isEqualTo(flow.after(flow.builder()).ttl(63).payload(payload).bytes());
        isLeft(frame);
    }
}
