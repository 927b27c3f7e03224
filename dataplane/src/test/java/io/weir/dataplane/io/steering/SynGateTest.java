package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.offload.SynCredit;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.NamespaceLab;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Runs frames through the programs that refuse SYNs (BPF_PROG_TEST_RUN); no frame is sent. */
class SynGateTest {
    private static final int ACCEPTED = -1;
    private static final int REJECTED = 0;
    private static final int TAKEN = 2; // TCX_DROP
    private static final int LEFT = -1; // TCX_NEXT

    /** The loopback's address, whose receiver the test run pretends to be. */
    private static final String HERE = "00:00:00:00:00:00";

    private static final String PEER = "02:00:00:00:00:01";
    private static final String CLIENT = "198.51.100.7";
    private static final String VIP = "192.0.2.10";
    private static final String EVERY_PORT = "192.0.2.11";
    private static final String CLIENT_6 = "2001:db8::7";
    private static final String VIP_6 = "2001:db8::10";
    private static final Set<Endpoint> SERVICES =
            Set.of(
                    endpoint(6, VIP, 80),
                    endpoint(17, VIP, 80),
                    endpoint(6, VIP_6, 80),
                    endpoint(6, EVERY_PORT, 0));

    /** As a host sends it: with options. */
    private static final FrameBuilder SYN =
            toService().syn().tcpOptions((byte) 2, (byte) 4, (byte) 5, (byte) 0xb4);

    private EndpointMap endpoints;
    private MarkTrie marks;
    private MasqueradeMap masquerades;
    private SynGate gate;
    private Descriptor counter;
    private Descriptor first;
    private Descriptor second;
    private Descriptor ingress;

    @BeforeEach
    void open() throws Exception {
        NamespaceLab.assumeRoot();
        endpoints = new EndpointMap("test");
        marks = new MarkTrie("test");
        masquerades = new MasqueradeMap("test");
        gate = SynGate.open(2);
        counter = Bpf.createMap(Bpf.MAP_PERCPU_ARRAY, Integer.BYTES, Long.BYTES, 1, 0, "test");
        first = loadFilter(0);
        second = loadFilter(1);
        ingress =
                Bpf.loadProgram(
                        Bpf.PROGRAM_SCHED_CLS,
                        StackPrograms.forIngress(
                                endpoints, marks, masquerades, counter.number(), null, gate),
                        "test");
    }

    // As a program of another type: a test run gives a socket's filter no Ethernet header.
    private Descriptor loadFilter(int worker) throws SystemCallException {
        return Bpf.loadProgram(
                Bpf.PROGRAM_SCHED_CLS,
                StackPrograms.forSocket(endpoints, marks, masquerades, null, gate, worker),
                "test");
    }

    @AfterEach
    void close() {
        if (ingress != null) {
            ingress.close();
            second.close();
            first.close();
            counter.close();
            gate.close();
            masquerades.close();
            marks.close();
            endpoints.close();
        }
    }

    private static Endpoint endpoint(int protocol, String address, int port) {
        return new Endpoint(protocol, IpAddress.parse(address), port);
    }

    private static FrameBuilder toService() {
        return Frames.tcp().from(CLIENT, 4000).to(VIP, 80);
    }

    private void serve() throws Exception {
        SteeringRules rules = new SteeringRules(SERVICES, Set.of());
        endpoints.replace(EndpointMap.entries(rules, Set.of(), Set.of()));
        gate.endpoints().add(SERVICES);
    }

    private static int run(Descriptor program, FrameBuilder packet) throws SystemCallException {
        return Bpf.testRun(program.number(), packet.macs(PEER, HERE).bytes(), "test");
    }

    /** Lets a program run until it has accepted as many packets as may wait. */
    private static void exhaust(Descriptor filter) throws SystemCallException {
        byte[] frame = SYN.macs(PEER, HERE).bytes();
        for (int i = 0; i < SynCredit.MOST_WAITING; i++) {
            if (Bpf.testRun(filter.number(), frame, "test") != ACCEPTED) {
                throw new AssertionError("SYN " + i + " is refused");
            }
        }
    }

    @Test
    void synsAreRefusedOnceTooManyWaitForTheirWorker() throws Exception {
        serve();
        exhaust(first);
        SynCredit credit = gate.credits().getFirst();
        assertThat(credit.takeRefused()).isZero();
        assertThat(run(first, SYN)).isEqualTo(REJECTED);
        assertThat(run(first, SYN)).isEqualTo(REJECTED);
        assertThat(credit.takeRefused()).isEqualTo(2);
        assertThat(run(second, SYN)).isEqualTo(ACCEPTED);
        credit.startCycle(0, 2);
        assertThat(run(first, SYN)).isEqualTo(ACCEPTED);
        assertThat(run(first, SYN)).isEqualTo(ACCEPTED);
        assertThat(run(first, SYN)).isEqualTo(REJECTED);
        assertThat(gate.credits().getLast().takeRefused()).isZero();
    }

    @Test
    void otherPacketsAreAcceptedAndCountToo() throws Exception {
        serve();
        FrameBuilder data = toService().ack(1);
        exhaust(first);
        assertThat(run(first, data)).isEqualTo(ACCEPTED);
        SynCredit credit = gate.credits().getFirst();
        credit.startCycle(0, 1);
        assertThat(run(first, SYN)).isEqualTo(REJECTED);
        credit.startCycle(0, 2);
        assertThat(run(first, SYN)).isEqualTo(ACCEPTED);
    }

    @Test
    void nothingElseIsRefused() throws Exception {
        serve();
        exhaust(first);
        byte[] quoted = toService().syn().packet();
        List<FrameBuilder> packets =
                List.of(
                        toService().syn().ack(1),
                        toService().ack(1),
                        toService().fin().ack(1),
                        toService().rst(),
                        toService().syn().rst(),
                        toService().flags(0),
                        toService().syn().ipOptions((byte) 1, (byte) 1, (byte) 1, (byte) 0),
                        toService().syn().to(EVERY_PORT, 80),
                        toService().syn().to(VIP, 81),
                        Frames.tcp().from(VIP, 80).to(CLIENT, 4000).syn(),
                        Frames.tcp().from(CLIENT_6, 4000).to(VIP_6, 80).syn(),
                        Frames.udp().from(CLIENT, 4000).to(VIP, 80).payload(new byte[40]),
                        Frames.icmpError(3, 3, quoted).from(CLIENT).to(VIP));
        for (FrameBuilder packet : packets) {
            assertThat(run(first, packet)).as("%s", packet).isEqualTo(run(second, packet));
        }
        for (byte[] fragment :
                toService().syn().payload(new byte[64]).macs(PEER, HERE).fragments(32)) {
            assertThat(Bpf.testRun(first.number(), fragment, "test")).isEqualTo(ACCEPTED);
        }
        byte[] toOther = toService().syn().macs(PEER, "02:00:00:00:00:09").bytes();
        assertThat(Bpf.testRun(first.number(), toOther, "test")).isEqualTo(REJECTED);
        assertThat(Bpf.testRun(ingress.number(), toOther, "test")).isEqualTo(LEFT);
        assertThat(gate.credits().getFirst().takeRefused()).isZero();
    }

    @Test
    void theHostGetsNoSynToAServiceRefusedOrNot() throws Exception {
        serve();
        assertThat(run(ingress, SYN)).isEqualTo(TAKEN);
        exhaust(first);
        assertThat(run(ingress, SYN)).isEqualTo(TAKEN);
        assertThat(run(ingress, toService().syn().to(VIP, 81))).isEqualTo(LEFT);
    }

    @Test
    void programsKnowTheEndpointsThatAreThere() throws Exception {
        Random random = Seed.ofThisRun().random();
        Set<Endpoint> present = new HashSet<>();
        for (int round = 0; round < 10; round++) {
            Set<Endpoint> wanted = new HashSet<>();
            for (Endpoint endpoint : present) {
                if (random.nextBoolean()) {
                    wanted.add(endpoint);
                }
            }
            gate.endpoints().retain(wanted);
            for (int i = random.nextInt(100); i > 0; i--) {
                String address = "192.0.2." + (1 + random.nextInt(20));
                wanted.add(endpoint(6, address, 1 + random.nextInt(8)));
            }
            gate.endpoints().add(wanted);
            present = wanted;
            for (int i = 0; i < 100; i++) {
                String address = "192.0.2." + (1 + random.nextInt(20));
                int port = 1 + random.nextInt(8);
                // None has missed its place, of 160 among 16,384: four more would have to share it.
                assertThat(run(ingress, Frames.tcp().from(CLIENT, 1).to(address, port).syn()))
                        .as("%s:%d in round %d of %s", address, port, round, Seed.ofThisRun())
                        .isEqualTo(present.contains(endpoint(6, address, port)) ? TAKEN : LEFT);
            }
        }
        assertThat(present).isNotEmpty();
    }

    @Test
    void endpointsThatFindNoPlaceAreAsWithoutTheGate() throws Exception {
        Set<Endpoint> many = new HashSet<>();
        for (int i = 0; i < 40_000; i++) {
            many.add(endpoint(6, "10." + (i >> 14) + "." + (i >> 7 & 127) + "." + (i & 127), 80));
        }
        gate.endpoints().add(many);
        int taken = 0;
        for (int i = 0; i < 1_000; i++) {
            String address = "10." + (i >> 14) + "." + (i >> 7 & 127) + "." + (i & 127);
            if (run(ingress, Frames.tcp().from(CLIENT, 1).to(address, 80).syn()) == TAKEN) {
                taken++;
            }
        }
        assertThat(taken).isBetween(1, 999);
        gate.endpoints().retain(Set.of());
        gate.endpoints().add(Set.of(endpoint(6, VIP, 80)));
        assertThat(run(ingress, SYN)).isEqualTo(TAKEN);
    }

    @Test
    void atTheDriverTheOnlyWorkersSynsAreRefused() throws Exception {
        KernelSteering steering = KernelSteering.openForwarding(3, 1, 1);
        try (BothPrograms programs = new BothPrograms(steering)) {
            steering.update(new SteeringRules(SERVICES, Set.of()));
            byte[] syn = SYN.macs(PEER, HERE).bytes();
            for (int i = 0; i < SynCredit.MOST_WAITING; i++) {
                if (!programs.isRedirected(syn)) {
                    throw new AssertionError("SYN " + i + " is refused");
                }
            }
            assertThat(programs.isRedirected(syn)).isFalse();
            assertThat(programs.isRedirected(toService().ack(1).macs(PEER, HERE).bytes())).isTrue();
            SynCredit credit = steering.synCredits().getFirst();
            assertThat(credit.takeRefused()).isEqualTo(1);
            credit.startCycle(0, 2);
            assertThat(programs.isRedirected(syn)).isTrue();
            assertThat(programs.isRedirected(syn)).isFalse();
            assertThat(steering.takenPackets()).isEqualTo(SynCredit.MOST_WAITING + 4);
        } finally {
            steering.close();
            steering.freeMemory();
        }
    }

    @Test
    void theGateKnowsTheServicesOfTheRulesInForce() throws Exception {
        KernelSteering steering = KernelSteering.openForwarding(3, 1, 2);
        try {
            assertThat(steering.synCredits()).hasSize(2);
            assertThat(steering.socketFilter(0)).isNotEqualTo(steering.socketFilter(1));
            int program = steering.ingressProgram();
            byte[] frame = SYN.macs(PEER, HERE).bytes();
            assertThat(Bpf.testRun(program, frame, "test")).isEqualTo(LEFT);
            steering.update(new SteeringRules(SERVICES, Set.of()));
            assertThat(Bpf.testRun(program, frame, "test")).isEqualTo(TAKEN);
            steering.update(SteeringRules.NONE);
            assertThat(Bpf.testRun(program, frame, "test")).isEqualTo(LEFT);
        } finally {
            steering.close();
            steering.freeMemory();
        }
    }
}
