package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.io.EndpointSteering.Side;
import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.mark.MarkedTraffic;
import io.weir.dataplane.mark.RandomMarks;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.NamespaceLab;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Runs the program in the kernel on single frames (BPF_PROG_TEST_RUN); no frame is sent. */
class SteeringProgramTest {
    private static final int TAKEN = 2; // TCX_DROP
    private static final int LEFT = -1; // TCX_NEXT

    /** The loopback's address, whose receiver the test run pretends to be. */
    private static final String HERE = "00:00:00:00:00:00";

    private static final String ELSEWHERE = "02:00:00:00:00:99";
    private static final String PEER = "02:00:00:00:00:01";

    private static final String VIP = "192.0.2.10";
    private static final String REAL = "10.0.0.5";
    private static final String OWN = "10.0.0.1";
    private static final String CLIENT = "198.51.100.7";

    private KernelSteering steering;
    private BothPrograms programs;

    @BeforeEach
    void open() throws SystemCallException {
        NamespaceLab.assumeRoot();
        steering = KernelSteering.open();
        programs = new BothPrograms(steering);
    }

    @AfterEach
    void close() {
        if (steering != null) {
            programs.close();
            steering.close();
        }
    }

    private static Endpoint endpoint(int protocol, String address, int port) {
        return new Endpoint(protocol, IpAddress.parse(address), port);
    }

    private static Prefix host(String address) {
        return Prefix.host(IpAddress.parse(address));
    }

    private void ordinaryRules() throws SteeringException {
        steering.update(
                new SteeringRules(
                        Set.of(endpoint(6, VIP, 80), endpoint(17, VIP, 0)),
                        Set.of(endpoint(6, REAL, 8080))));
        steering.updateHost(Set.of(host(OWN), host(VIP)));
    }

    private int run(byte[] frame) throws SystemCallException {
        return programs.run(frame);
    }

    private int run(FrameBuilder frame) throws SystemCallException {
        return run(frame.macs(PEER, HERE).bytes());
    }

    @Test
    void withoutRulesNothingIsTaken() throws SystemCallException {
        assertThat(run(Frames.tcp().syn().from(CLIENT, 4000).to(VIP, 80))).isEqualTo(LEFT);
    }

    @Test
    void packetsToVirtualEndpointsAreTakenAndCounted() throws Exception {
        ordinaryRules();
        assertThat(run(Frames.tcp().syn().from(CLIENT, 4000).to(VIP, 80))).isEqualTo(TAKEN);
        assertThat(run(Frames.udp().from(CLIENT, 4000).to(VIP, 12345))).isEqualTo(TAKEN);
        assertThat(steering.takenPackets()).isEqualTo(4); // by either program
        assertThat(run(Frames.tcp().syn().from(CLIENT, 4000).to(VIP, 81))).isEqualTo(LEFT);
        assertThat(run(Frames.sctp().from(CLIENT, 4000).to(VIP, 80))).isEqualTo(LEFT);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 4000).to(OWN, 80))).isEqualTo(LEFT);
        assertThat(run(Frames.ping(1, 1).from(CLIENT).to(VIP))).isEqualTo(LEFT);
        assertThat(steering.takenPackets()).isEqualTo(4);
    }

    @Test
    void sctpIsTakenLikeTheOthers() throws Exception {
        steering.update(
                new SteeringRules(
                        Set.of(endpoint(132, VIP, 2905)), Set.of(endpoint(132, REAL, 3905))));
        steering.updateHost(Set.of(host(OWN), host(VIP)));
        assertThat(run(Frames.sctp().from(CLIENT, 4000).to(VIP, 2905).chunk(1))).isEqualTo(TAKEN);
        assertThat(run(Frames.sctp().from(REAL, 3905).to(CLIENT, 4000).chunk(2))).isEqualTo(TAKEN);
        assertThat(run(Frames.sctp().from(CLIENT, 4000).to(VIP, 2906).chunk(1))).isEqualTo(LEFT);
        assertThat(run(Frames.sctp().from(REAL, 3905).to(OWN, 4000).chunk(2))).isEqualTo(LEFT);
        byte[] quoted = Frames.sctp().from(CLIENT, 4000).to(REAL, 3905).chunk(1).packet();
        assertThat(run(Frames.icmpError(3, 3, quoted).from(REAL).to(CLIENT))).isEqualTo(TAKEN);
    }

    @Test
    void framesForOtherHostsAndBroadcastsAreLeft() throws Exception {
        ordinaryRules();
        FrameBuilder frame = Frames.tcp().syn().from(CLIENT, 4000).to(VIP, 80);
        assertThat(run(frame.macs(PEER, ELSEWHERE).bytes())).isEqualTo(LEFT);
        assertThat(run(frame.macs(PEER, "ff:ff:ff:ff:ff:ff").bytes())).isEqualTo(LEFT);
        assertThat(run(Frames.arpRequest(PEER, CLIENT, VIP))).isEqualTo(LEFT);
    }

    @Test
    void optionsMoveThePorts() throws Exception {
        ordinaryRules();
        FrameBuilder frame = Frames.tcp().syn().ipOptions(new byte[40]).from(CLIENT, 1);
        assertThat(run(frame.to(VIP, 80))).isEqualTo(TAKEN);
        assertThat(run(frame.to(VIP, 81))).isEqualTo(LEFT);
    }

    @Test
    void serversRepliesAreTakenButNotThoseToTheHostItself() throws Exception {
        ordinaryRules();
        assertThat(run(Frames.tcp().syn().ack(1).from(REAL, 8080).to(CLIENT, 4000)))
                .isEqualTo(TAKEN);
        assertThat(run(Frames.tcp().syn().ack(1).from(REAL, 8080).to(OWN, 4000))).isEqualTo(LEFT);
        assertThat(run(Frames.tcp().syn().ack(1).from(REAL, 8080).to(VIP, 4000))).isEqualTo(LEFT);
        assertThat(run(Frames.tcp().syn().from(REAL, 8080).to(VIP, 80))).isEqualTo(TAKEN);
        assertThat(run(Frames.tcp().syn().ack(1).from(REAL, 22).to(CLIENT, 4000))).isEqualTo(LEFT);
    }

    @Test
    void everyFragmentIsTakenByItsAddress() throws Exception {
        ordinaryRules();
        for (byte[] fragment :
                Frames.udp()
                        .from(CLIENT, 1)
                        .to(VIP, 9)
                        .payload(new byte[3000])
                        .macs(PEER, HERE)
                        .fragments(1000)) {
            assertThat(run(fragment)).isEqualTo(TAKEN);
        }
        for (byte[] fragment :
                Frames.tcp()
                        .from(REAL, 8080)
                        .to(CLIENT, 9)
                        .payload(new byte[3000])
                        .macs(PEER, HERE)
                        .fragments(1000)) {
            assertThat(run(fragment)).isEqualTo(TAKEN);
        }
        for (byte[] fragment :
                Frames.tcp()
                        .from(REAL, 8080)
                        .to(OWN, 9)
                        .payload(new byte[3000])
                        .macs(PEER, HERE)
                        .fragments(1000)) {
            assertThat(run(fragment)).isEqualTo(LEFT);
        }
    }

    @Test
    void errorsAboutBalancedPacketsAreTaken() throws Exception {
        ordinaryRules();
        byte[] reply = Frames.tcp().ack(1).from(VIP, 80).to(CLIENT, 4000).packet();
        byte[] translated = Frames.tcp().ack(1).from(CLIENT, 4000).to(REAL, 8080).packet();
        byte[] routed = Frames.tcp().ack(1).from(CLIENT, 4000).to(VIP, 80).packet();
        byte[] check = Frames.tcp().ack(1).from(OWN, 4000).to(REAL, 8080).packet();
        byte[] foreign = Frames.tcp().ack(1).from(CLIENT, 4000).to(REAL, 22).packet();
        for (int type : new int[] {3, 4, 11, 12}) {
            assertThat(run(Frames.icmpError(type, 0, reply).from(CLIENT).to(VIP))).isEqualTo(TAKEN);
            assertThat(run(Frames.icmpError(type, 0, translated).from(REAL).to(CLIENT)))
                    .isEqualTo(TAKEN);
            assertThat(run(Frames.icmpError(type, 0, routed).from(REAL).to(CLIENT)))
                    .isEqualTo(TAKEN);
            assertThat(run(Frames.icmpError(type, 0, check).from(REAL).to(OWN))).isEqualTo(LEFT);
            assertThat(run(Frames.icmpError(type, 0, foreign).from(REAL).to(CLIENT)))
                    .isEqualTo(LEFT);
        }
        assertThat(run(Frames.icmpError(5, 0, reply).from(CLIENT).to(VIP))).isEqualTo(LEFT);
        // RFC 792 asks for no more than 8 bytes behind the quoted IP header.
        assertThat(run(Frames.icmpError(3, 3, Arrays.copyOf(reply, 28)).from(CLIENT).to(VIP)))
                .isEqualTo(TAKEN);
        assertThat(run(Frames.icmpError(3, 3, Arrays.copyOf(reply, 22)).from(CLIENT).to(VIP)))
                .isEqualTo(LEFT);
    }

    @Test
    void lyingAndShortPacketsAreLeft() throws Exception {
        ordinaryRules();
        byte[] frame = Frames.tcp().syn().from(CLIENT, 1).to(VIP, 80).macs(PEER, HERE).bytes();
        // The test run itself refuses frames without a whole IP header.
        for (int length = 34; length < 38; length++) {
            assertThat(run(Arrays.copyOf(frame, length))).isEqualTo(LEFT);
        }
        for (int firstByte : new int[] {0x44, 0x40, 0x55, 0x65, 0x05, 0x4f}) {
            byte[] changed = frame.clone();
            changed[14] = (byte) firstByte;
            assertThat(run(changed)).isEqualTo(LEFT);
        }
    }

    private static MarkRule tcpRule(String destination, int first, int last, int mark) {
        return MarkRule.of(6, host(destination), first, last, mark);
    }

    private void marks(List<MarkRule> rules, Integer... served) throws SteeringException {
        MarkedTraffic traffic = new MarkedTraffic(rules, Set.of(served), Set.of());
        steering.update(new SteeringRules(Set.of(), Set.of(), traffic));
    }

    @Test
    void packetsThatGetAServedMarkAreTaken() throws Exception {
        steering.updateHost(Set.of(host(OWN), host(VIP)));
        MarkRule range = tcpRule(VIP, 10000, 20000, 21);
        marks(List.of(range, tcpRule(VIP, 21, 21, 21), tcpRule(VIP, 80, 80, 80)), 21);
        for (int port : new int[] {21, 10000, 15000, 16384, 20000}) {
            assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, port))).isEqualTo(TAKEN);
        }
        for (int port : new int[] {0, 20, 22, 80, 9999, 20001, 65535}) {
            assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, port))).isEqualTo(LEFT);
        }
        assertThat(run(Frames.udp().from(CLIENT, 1).to(VIP, 10000))).isEqualTo(LEFT);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(OWN, 10000))).isEqualTo(LEFT);
        byte[] reply = Frames.tcp().ack(1).from(VIP, 12000).to(CLIENT, 4000).packet();
        assertThat(run(Frames.icmpError(3, 4, reply).from(CLIENT).to(VIP))).isEqualTo(TAKEN);
    }

    @Test
    void aRuleForANetworkTakesNoMoreThanTheHostsAddresses() throws Exception {
        steering.updateHost(Set.of(host(VIP), Prefix.of(IpAddress.parse("10.9.0.0"), 16)));
        marks(List.of(MarkRule.of(0, Prefix.any(false), 80, 80, 5)), 5);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, 80))).isEqualTo(TAKEN);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to("10.9.3.4", 80))).isEqualTo(TAKEN);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to("10.8.3.4", 80))).isEqualTo(LEFT);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(REAL, 80))).isEqualTo(LEFT);
        steering.updateHost(Set.of(host(VIP)));
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to("10.9.3.4", 80))).isEqualTo(LEFT);
    }

    @Test
    void anExceptionBehindAWideRuleIsTheHosts() throws Exception {
        steering.updateHost(Set.of(host(VIP)));
        MarkRule wide = MarkRule.of(6, Prefix.any(false), 0, MarkRule.LAST_PORT, 7);
        marks(List.of(wide, tcpRule(VIP, 22, 22, 0)), 7);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, 22))).isEqualTo(LEFT);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, 23))).isEqualTo(TAKEN);
    }

    @Test
    void tooManyCombinationsAreRefusedAndChangeNothing() throws Exception {
        List<MarkRule> before = List.of(tcpRule(VIP, 80, 80, 5));
        steering.updateHost(Set.of(host(VIP)));
        marks(before, 5);
        List<MarkRule> rules = new ArrayList<>();
        Set<Prefix> addresses = new HashSet<>();
        for (int i = 0; i < 400; i++) {
            IpAddress address = IpAddress.v4(0x0a090000 + i);
            addresses.add(Prefix.host(address));
            Prefix source = Prefix.host(IpAddress.v4(0xc6336400 + i));
            rules.add(MarkRule.of(6, Prefix.host(address), 80, 80, 5));
            rules.add(new MarkRule(6, source, Prefix.any(false), 81, 81, 5, -1));
        }
        steering.updateHost(addresses);
        assertThatThrownBy(() -> marks(rules, 5))
                .isInstanceOf(SteeringException.class)
                .hasMessageContaining("combinations");
        steering.updateHost(Set.of(host(VIP)));
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, 80))).isEqualTo(TAKEN);
    }

    @Test
    void changesOfRulesLeaveNothingBehind() throws Exception {
        steering.updateHost(Set.of(host(VIP)));
        for (int round = 0; round < 300; round++) {
            int port = 1 + round % 7;
            marks(List.of(tcpRule(VIP, port, port + 1000, 5)), 5);
            assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, port))).isEqualTo(TAKEN);
            assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, port - 1))).isEqualTo(LEFT);
        }
        steering.update(SteeringRules.NONE);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 1).to(VIP, 500))).isEqualTo(LEFT);
    }

    @Test
    void agreesWithTheModelOnRandomPacketsAndRules() throws Exception {
        Random random = Seed.ofThisRun().random();
        int taken = 0;
        for (int round = 0; round < 60; round++) {
            Model model = Model.random(random);
            steering.update(model.rules());
            steering.updateHost(model.own());
            model.expected().forEach(e -> assertThat(take(e)).isTrue());
            for (int i = 0; i < 200; i++) {
                RandomPacket packet = RandomPacket.next(random);
                boolean expected = packet.isTakenBy(model);
                taken += expected ? 1 : 0;
                assertThat(run(packet.frame(PEER, packet.elsewhere() ? ELSEWHERE : HERE)))
                        .as("%s %s %s", Seed.ofThisRun(), packet, model)
                        .isEqualTo(expected ? TAKEN : LEFT);
            }
            model.expected().forEach(this::giveBack);
        }
        assertThat(taken).isGreaterThan(500);
    }

    private record Expected(Side side, IpAddress address, int port) {
        long high() {
            return address.high();
        }

        long low() {
            return address.ipv6() ? address.low() : EndpointSteering.mappedLow(address.v4());
        }
    }

    private boolean take(Expected e) {
        return steering.expected().take(6, e.side(), e.high(), e.low(), e.port());
    }

    private void giveBack(Expected e) {
        steering.expected().giveBack(6, e.side(), e.high(), e.low(), e.port());
    }

    @Test
    void expectedEndpointsAreTakenAtAddressesThatHaveRules() throws Exception {
        ordinaryRules();
        Expected virtual = new Expected(Side.VIRTUAL, IpAddress.parse(VIP), 5000);
        Expected server = new Expected(Side.SERVER, IpAddress.parse(REAL), 5000);
        FrameBuilder data = Frames.tcp().syn().from(CLIENT, 4000).to(VIP, 5000);
        FrameBuilder answer = Frames.tcp().syn().ack(1).from(REAL, 5000).to(CLIENT, 4000);
        assertThat(run(data)).isEqualTo(LEFT);
        assertThat(run(answer)).isEqualTo(LEFT);
        for (Expected endpoint : List.of(virtual, virtual, server)) {
            assertThat(take(endpoint)).isTrue();
        }
        assertThat(run(data)).isEqualTo(TAKEN);
        assertThat(run(answer)).isEqualTo(TAKEN);
        assertThat(run(Frames.tcp().from(CLIENT, 4000).to(VIP, 5001))).isEqualTo(LEFT);
        assertThat(run(Frames.tcp().from(REAL, 5000).to(OWN, 4000))).isEqualTo(LEFT);
        assertThat(run(Frames.icmpError(3, 4, answer.packet()).from(CLIENT).to(REAL)))
                .isEqualTo(LEFT);
        assertThat(run(Frames.icmpError(3, 4, data.to(REAL, 5000).packet()).from(REAL).to(CLIENT)))
                .isEqualTo(TAKEN);

        steering.update(new SteeringRules(Set.of(endpoint(6, VIP, 81)), Set.of()));
        data.to(VIP, 5000);
        assertThat(run(data)).isEqualTo(TAKEN);
        assertThat(run(answer)).isEqualTo(LEFT);
        giveBack(virtual);
        assertThat(run(data)).isEqualTo(TAKEN);
        giveBack(virtual);
        assertThat(run(data)).isEqualTo(LEFT);
        giveBack(virtual);
        giveBack(server);
    }

    @Test
    void expectedEndpointsHaveALimit() {
        for (int i = 0; i < ExpectedEndpoints.CAPACITY; i++) {
            assertThat(steering.expected().take(6, Side.VIRTUAL, 0, i >> 15, i & 0x7fff)).isTrue();
        }
        assertThat(steering.expected().take(6, Side.VIRTUAL, 0, 1000, 1)).isFalse();
        assertThat(steering.expected().take(6, Side.VIRTUAL, 0, 0, 1)).isTrue();
        steering.expected().giveBack(6, Side.VIRTUAL, 0, 0, 2);
        assertThat(steering.expected().take(6, Side.VIRTUAL, 0, 1000, 1)).isTrue();
    }

    @Test
    void expectedEndpointsAgreeWithAModel() throws Exception {
        steering.update(new SteeringRules(Set.of(endpoint(6, VIP, 80)), Set.of()));
        Random random = Seed.ofThisRun().random();
        Map<Integer, Integer> model = new HashMap<>();
        for (int round = 0; round < 3_000; round++) {
            int port = 1000 + random.nextInt(200);
            Expected endpoint = new Expected(Side.VIRTUAL, IpAddress.parse(VIP), port);
            if (random.nextInt(3) == 0) {
                assertThat(take(endpoint)).isTrue();
                model.merge(port, 1, Integer::sum);
            } else {
                giveBack(endpoint);
                model.computeIfPresent(port, (p, count) -> count == 1 ? null : count - 1);
            }
            int other = 1000 + random.nextInt(200);
            assertThat(run(Frames.tcp().from(CLIENT, 4000).to(VIP, other)))
                    .as("%s round %d", Seed.ofThisRun(), round)
                    .isEqualTo(model.containsKey(other) ? TAKEN : LEFT);
        }
    }

    /** What the rules mean, read off their definition. */
    private record Model(SteeringRules rules, Set<Prefix> own, Set<Expected> expected) {
        /** A fragment's port. */
        private static final int ANY_PORT = -1;

        static Model random(Random random) {
            Set<Prefix> own = new HashSet<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                own.add(RandomMarks.prefix(random, random.nextBoolean()));
            }
            own.add(host(RandomPacket.address(random, random.nextBoolean())));
            MarkedTraffic marked = RandomMarks.traffic(random);
            return new Model(
                    new SteeringRules(
                            endpoints(random), endpoints(random), endpoints(random), marked),
                    own,
                    expected(random));
        }

        private static Set<Expected> expected(Random random) {
            Set<Expected> expected = new HashSet<>();
            for (int i = random.nextInt(5); i > 0; i--) {
                expected.add(
                        new Expected(
                                random.nextBoolean() ? Side.VIRTUAL : Side.SERVER,
                                IpAddress.parse(
                                        RandomPacket.address(random, random.nextInt(3) == 0)),
                                RandomPacket.port(random)));
            }
            return expected;
        }

        private static Set<Endpoint> endpoints(Random random) {
            Set<Endpoint> endpoints = new HashSet<>();
            for (int i = random.nextInt(7); i > 0; i--) {
                endpoints.add(
                        endpoint(
                                RandomPacket.transport(random),
                                RandomPacket.address(random, random.nextInt(3) == 0),
                                random.nextInt(4) == 0 ? 0 : RandomPacket.port(random)));
            }
            return endpoints;
        }

        boolean isVirtual(int protocol, String address, int port) {
            return has(rules.virtualEndpoints(), protocol, address, port)
                    || expects(Side.VIRTUAL, rules.virtualEndpoints(), protocol, address, port);
        }

        /** Whether some packet between these, or the one with this port, gets a served mark. */
        boolean isMarked(int protocol, String source, String destination, int port) {
            IpAddress to = IpAddress.parse(destination);
            if (own.stream().noneMatch(prefix -> prefix.contains(to))) {
                return false;
            }
            IpAddress from = IpAddress.parse(source);
            MarkedTraffic marked = rules.marked();
            Set<Integer> ports = new HashSet<>(Set.of(port == ANY_PORT ? 0 : port));
            if (port == ANY_PORT) {
                marked.rules().forEach(rule -> ports.add(rule.firstPort()));
                marked.rules().forEach(rule -> ports.add(Math.min(rule.lastPort() + 1, 65535)));
            }
            return ports.stream()
                    .map(p -> RandomMarks.mark(marked.rules(), protocol, from, to, p))
                    .anyMatch(mark -> marked.isServed(mark, to.ipv6()));
        }

        boolean isServer(int protocol, String address, int port) {
            return has(rules.serverEndpoints(), protocol, address, port)
                    || expects(Side.SERVER, rules.serverEndpoints(), protocol, address, port);
        }

        private boolean expects(
                Side side, Set<Endpoint> rules, int protocol, String address, int port) {
            return protocol == 6
                    && has(rules, protocol, address, ANY_PORT)
                    && expected.contains(new Expected(side, IpAddress.parse(address), port));
        }

        private static boolean has(Set<Endpoint> set, int protocol, String address, int port) {
            return set.stream()
                    .anyMatch(
                            e ->
                                    e.protocol() == protocol
                                            && e.address().equals(IpAddress.parse(address))
                                            && (port == ANY_PORT
                                                    || e.port() == 0
                                                    || e.port() == port));
        }

        boolean isTunnel(int protocol, String address, int port) {
            return has(rules.tunnelEndpoints(), protocol, address, port);
        }

        boolean isOwn(String address) {
            return own.contains(host(address));
        }
    }

    private record RandomPacket(
            int kind,
            boolean ipv6,
            boolean elsewhere,
            int protocol,
            String source,
            int sourcePort,
            String destination,
            int destinationPort,
            int icmpType,
            List<Integer> extensions) {
        private static final int PLAIN = 0;
        private static final int FRAGMENT = 1;
        private static final int ICMP = 2;
        private static final List<String> V4 =
                List.of("10.0.0.1", "10.0.0.2", "10.0.0.3", "192.0.2.1");
        private static final List<String> V6 =
                List.of("2001:db8::1", "2001:db8::2", "2001:db8:1::1");
        private static final int[] PORTS = {1, 80, 443, 65535};
        private static final int[] TRANSPORTS = {6, 17, 132};
        private static final int[] TYPES = {0, 1, 2, 3, 4, 5, 8, 11, 12, 128, 135};

        static String address(Random random, boolean ipv6) {
            List<String> pool = ipv6 ? V6 : V4;
            return pool.get(random.nextInt(pool.size()));
        }

        static int port(Random random) {
            return PORTS[random.nextInt(PORTS.length)];
        }

        static int transport(Random random) {
            return TRANSPORTS[random.nextInt(TRANSPORTS.length)];
        }

        static RandomPacket next(Random random) {
            boolean ipv6 = random.nextInt(3) == 0;
            return new RandomPacket(
                    random.nextInt(3),
                    ipv6,
                    random.nextInt(20) == 0,
                    transport(random),
                    address(random, ipv6),
                    port(random),
                    address(random, ipv6),
                    port(random),
                    TYPES[random.nextInt(TYPES.length)],
                    ipv6 && random.nextBoolean() ? extensions(random) : List.of());
        }

        private static List<Integer> extensions(Random random) {
            return random.ints(random.nextInt(4), 0, 4)
                    .mapToObj(i -> List.of(0, 43, 51, 60).get(i))
                    .toList();
        }

        private FrameBuilder transportPacket() {
            FrameBuilder builder =
                    protocol == 6
                            ? Frames.tcp().ack(1)
                            : protocol == 17 ? Frames.udp() : Frames.sctp().chunk(1);
            for (int type : extensions) {
                builder.extension(type, Ipv6SteeringTest.extension(type, (sourcePort + type) & 3));
            }
            return builder.from(source, sourcePort)
                    .to(destination, destinationPort)
                    .payload(new byte[64]);
        }

        byte[] frame(String from, String to) {
            if (kind == ICMP) {
                return Frames.icmpError(icmpType, 0, transportPacket().packet())
                        .from(ipv6 ? "2001:db8::77" : "203.0.113.77")
                        .to(source)
                        .macs(from, to)
                        .bytes();
            }
            FrameBuilder builder = transportPacket().macs(from, to);
            return kind == FRAGMENT
                    ? builder.fragments(32).get(sourcePort == 80 ? 1 : 0)
                    : builder.bytes();
        }

        boolean isTakenBy(Model model) {
            if (elsewhere) {
                return false;
            }
            if (kind == ICMP) {
                return isError() && isAboutBalancedPacket(model);
            }
            int from = kind == PLAIN ? sourcePort : Model.ANY_PORT;
            int to = kind == PLAIN ? destinationPort : Model.ANY_PORT;
            boolean reply = model.isServer(protocol, source, from) && !model.isOwn(destination);
            return model.isVirtual(protocol, destination, to)
                    || model.isMarked(protocol, source, destination, to)
                    || reply;
        }

        private boolean isError() {
            return ipv6 ? icmpType >= 1 && icmpType <= 4 : List.of(3, 4, 11, 12).contains(icmpType);
        }

        private boolean isAboutBalancedPacket(Model model) {
            if (model.isVirtual(protocol, source, sourcePort)
                    || model.isMarked(protocol, destination, source, sourcePort)) {
                return true;
            }
            if (model.isOwn(source)) {
                return model.isTunnel(protocol, destination, destinationPort);
            }
            return (model.isVirtual(protocol, destination, destinationPort)
                    || model.isMarked(protocol, source, destination, destinationPort)
                    || model.isServer(protocol, destination, destinationPort));
        }
    }
}
