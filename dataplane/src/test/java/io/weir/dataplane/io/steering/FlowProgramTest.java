package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.offload.FlowTable;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.NamespaceLab;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Arrays;
import java.util.Random;

/** Runs frames through both halves in the kernel (BPF_PROG_TEST_RUN); no frame is sent. */
class FlowProgramTest {
    private static final int BUCKET_BITS = 6;
    private static final int LONGEST = FlowPrograms.LONGEST;

    private FlowPrograms programs;
    private FlowTable table;

    @BeforeEach
    void open() throws SystemCallException {
        NamespaceLab.assumeRoot();
        programs = new FlowPrograms(BUCKET_BITS, Seed.ofThisRun().value());
        table = programs.table();
    }

    @AfterEach
    void close() {
        if (programs != null) {
            programs.close();
        }
    }

    @ParameterizedTest
    @EnumSource(HeaderLayout.class)
    void packetsOfRandomFlowsLeaveAsIfTheyWereBuiltAnew(HeaderLayout family) {
        Random random = Seed.ofThisRun().random();
        for (int i = 0; i < 1_000; i++) {
            TestFlow flow = randomFlow(family, random);
            int place = programs.open(flow);
            int hops = 2 + random.nextInt(254);
            int service = random.nextInt(256);
            int id = random.nextInt(65536);
            byte[] payload = new byte[random.nextInt(LONGEST - 80)];
            random.nextBytes(payload);
            long rest = random.nextLong();
            boolean unchecked = flow.protocol() == 17 && random.nextInt(8) == 0;
            FrameBuilder packet =
                    flow.before(varied(flow, rest, unchecked))
                            .ttl(hops)
                            .tos(service)
                            .id(id)
                            .payload(payload);
            byte[] frame = packet.bytes();
            if (Arrays.equals(frame, packet.partialChecksum().bytes())) {
                table.close(place);
                continue; // one in 65,536 looks as if its checksum were left to hardware
            }
            byte[] expected =
                    flow.after(varied(flow, rest, unchecked))
                            .ttl(hops - 1)
                            .tos(service)
                            .id(id)
                            .payload(payload)
                            .bytes();
            if (frame.length < 14 + family.readBytes() || (unchecked && flow.ends().translated())) {
                programs.isLeft(frame); // too short to be looked at, or for the worker
            } else {
                programs.isForwarded(frame, expected);
                assertThat(table.packets(place)).isEqualTo(2);
                assertThat(table.bytes(place)).isEqualTo(2L * (frame.length - 14));
            }
            table.close(place);
            programs.isLeft(frame);
        }
    }

    private static TestFlow randomFlow(HeaderLayout family, Random random) {
        int protocol = random.nextBoolean() ? 6 : 17;
        String from = address(family, random);
        String to = address(family, random);
        int port = 1 + random.nextInt(65535);
        int toPort = 1 + random.nextInt(65535);
        boolean reply = random.nextBoolean();
        boolean direct = random.nextInt(4) == 0;
        String other = direct ? (reply ? from : to) : address(family, random);
        int same = reply ? port : toPort;
        int otherPort = direct || random.nextBoolean() ? same : 1 + random.nextInt(65535);
        return reply
                ? new TestFlow(protocol, from, port, to, toPort, other, otherPort, to, toPort)
                : new TestFlow(protocol, from, port, to, toPort, from, port, other, otherPort);
    }

    private static FrameBuilder varied(TestFlow flow, long rest, boolean unchecked) {
        FrameBuilder builder = flow.builder();
        if (flow.protocol() == 6) {
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

    private static String address(HeaderLayout family, Random random) {
        return (family.ipv6()
                        ? IpAddress.v6(random.nextLong(), random.nextLong())
                        : IpAddress.v4(random.nextInt()))
                .toString();
    }

    @ParameterizedTest
    @EnumSource(HeaderLayout.class)
    void whatIsNotPlainIsLeft(HeaderLayout family) {
        TestFlow flow = TestFlow.toServer(family, 6, 40_000, 8080);
        programs.open(flow);
        byte[] payload = new byte[64];
        programs.isForwarded(
                flow.before().payload(payload).bytes(), flow.after().payload(payload).bytes());

        String client = TestFlow.client(family);
        int longer = LONGEST - family.bytes - 20 + 1;
        programs.isLeft(flow.before().payload(payload).ttl(1).bytes());
        programs.isLeft(flow.before().payload(payload).ttl(0).bytes());
        programs.isLeft(flow.before().payload(payload).syn().bytes());
        programs.isLeft(flow.before().payload(payload).syn().fin().bytes());
        programs.isLeft(flow.before().payload(payload).syn().rst().bytes());
        programs.isLeft(flow.before(Frames.tcp()).payload(payload).bytes());
        programs.isLeft(flow.before().payload(new byte[longer]).bytes());
        programs.isLeft(flow.before().payload(payload).from(client, 40_001).bytes());
        programs.isLeft(flow.before().payload(payload).to(TestFlow.virtual(family), 81).bytes());
        programs.isLeft(flow.before().payload(payload).to(TestFlow.server(family), 80).bytes());
        programs.isLeft(flow.before().payload(payload).from(other(family), 40_000).bytes());
        programs.isLeft(flow.before(Frames.udp()).payload(payload).bytes());
        programs.isLeft(
                flow.before().payload(payload).macs(TestFlow.PEER, TestFlow.OUT_MAC).bytes());
        FrameBuilder optioned = flow.before().payload(payload);
        programs.isLeft(
                family.ipv6()
                        ? optioned.extension(60, new byte[8]).bytes()
                        : optioned.ipOptions(new byte[4]).bytes());
        for (byte[] fragment : flow.before().payload(payload).fragments(48)) {
            programs.isLeft(fragment);
        }
    }

    private static String other(HeaderLayout family) {
        return family.ipv6() ? "2001:db8::8" : "198.51.100.8";
    }

    @ParameterizedTest
    @EnumSource(HeaderLayout.class)
    void whatIsDamagedIsLeft(HeaderLayout family) {
        TestFlow flow = TestFlow.direct(family, 6, 40_000);
        programs.open(flow);
        byte[] right = flow.before().payload(new byte[64]).bytes();
        // Any one bit of the IP header, but of IPv6 what makes it another header that is right.
        for (int bit = 0; bit < 8 * family.bytes; bit++) {
            byte[] frame = right.clone();
            frame[14 + bit / 8] ^= (byte) (1 << bit % 8);
            if (!family.ipv6() || !isRight(frame, right)) {
                programs.isLeft(frame);
            }
        }
        if (!family.ipv6()) {
            byte[] fragment = right.clone();
            fragment[20] ^= 0x20;
            fragment[24] ^= 0x20; // and its checksum
            programs.isLeft(fragment);
        }
        programs.isLeft(Arrays.copyOf(right, right.length - 1)); // shorter than it says
    }

    // Traffic class and flow label say nothing, neither do most hop limits; what follows a shorter
    // packet is padding.
    private static boolean isRight(byte[] frame, byte[] right) {
        int bytes = frame[18] << 8 | (frame[19] & 0xff);
        return (frame[14] & 0xf0) == 0x60
                && bytes <= right.length - 54
                && bytes >= 20
                && frame[20] == right[20]
                && Arrays.equals(frame, 22, 54, right, 22, 54);
    }

    @ParameterizedTest
    @EnumSource(HeaderLayout.class)
    void paddingGoesNoFurther(HeaderLayout family) {
        TestFlow flow = TestFlow.toServer(family, 6, 40_000, 80);
        programs.open(flow);
        byte[] packet = flow.before().bytes();
        byte[] padded = Arrays.copyOf(packet, packet.length + 6);
        Arrays.fill(padded, packet.length, padded.length, (byte) 0x5a);

        programs.isForwarded(padded, flow.after().bytes());
    }

    @ParameterizedTest
    @EnumSource(HeaderLayout.class)
    void theLongestPacketLeaves(HeaderLayout family) {
        TestFlow flow = TestFlow.direct(family, 17, 40_000);
        programs.open(flow);
        byte[] payload = new byte[LONGEST - family.bytes - 8];

        programs.isForwarded(
                flow.before().payload(payload).bytes(), flow.after().payload(payload).bytes());
        programs.isLeft(flow.before().payload(new byte[payload.length + 1]).bytes());
    }

    @ParameterizedTest
    @EnumSource(HeaderLayout.class)
    void aChecksumLeftToHardwareIsForTheSockets(HeaderLayout family) {
        TestFlow tcp = TestFlow.toServer(family, 6, 40_000, 8080);
        TestFlow udp = TestFlow.direct(family, 17, 40_000);
        for (TestFlow flow : new TestFlow[] {tcp, udp}) {
            programs.open(flow);
            byte[] frame = flow.before().payload(new byte[64]).partialChecksum().bytes();
            byte[] same = frame.clone();
            assertThat(programs.redirect(same)).isEqualTo(FlowPrograms.PASSED);
            assertThat(same).isEqualTo(frame);
        }
    }

    @ParameterizedTest
    @EnumSource(HeaderLayout.class)
    void aSumThatHardwareHasMadeStaysRight(HeaderLayout family) {
        TestFlow[] flows = {
            TestFlow.toServer(family, 6, 40_000, 8080),
            TestFlow.toServer(family, 17, 40_000, 80),
            TestFlow.direct(family, 6, 40_001)
        };
        for (TestFlow flow : flows) {
            programs.open(flow);
            byte[] frame = flow.before().payload("an even payload!").bytes();
            assertThat(programs.find(frame)).isEqualTo(FlowPrograms.REJECTED);
            assertThat(programs.forwardSummed(frame)).isEqualTo(FlowPrograms.REDIRECTED);
        }
    }

    @ParameterizedTest
    @EnumSource(HeaderLayout.class)
    void onlyADriverThatSendsItGetsIt(HeaderLayout family) {
        TestFlow flow = TestFlow.toServer(family, 6, 40_000, 8080);
        int place = programs.open(flow);
        table.putWayOut(place, flow.ends(), FlowPrograms.LINK, LONGEST, false);
        byte[] frame = flow.before().payload(new byte[64]).bytes();

        assertThat(programs.redirect(frame.clone())).isEqualTo(FlowPrograms.PASSED);
        assertThat(programs.find(frame)).isEqualTo(FlowPrograms.REJECTED);
    }

    @ParameterizedTest
    @EnumSource(HeaderLayout.class)
    void aBucketHasRoomForFour(HeaderLayout family) {
        TestFlow[] flows = new TestFlow[FlowTable.WAYS];
        int bucket = table.bucket(TestFlow.toServer(family, 6, 1024, 8000).ends());
        int port = 1024;
        for (int found = 0; found < flows.length; port++) {
            TestFlow flow = TestFlow.toServer(family, 6, port, 8000 + found);
            if (table.bucket(flow.ends()) == bucket) {
                flows[found++] = flow;
            }
        }
        for (TestFlow flow : flows) {
            programs.open(flow);
        }
        byte[] payload = new byte[64];
        for (TestFlow flow : flows) {
            programs.isForwarded(
                    flow.before().payload(payload).bytes(), flow.after().payload(payload).bytes());
        }
    }

    @ParameterizedTest
    @EnumSource(HeaderLayout.class)
    void whatAnotherFrameLeftIsNotUsed(HeaderLayout family) {
        TestFlow flow = TestFlow.toServer(family, 6, 40_000, 8080);
        programs.open(flow);
        byte[] payload = new byte[64];
        byte[] known = flow.before().payload(payload).bytes();
        byte[][] others = {
            flow.before().payload(payload).from(TestFlow.client(family), 40_001).bytes(),
            flow.before().payload(payload).from(other(family), 40_000).bytes()
        };
        for (byte[] other : others) {
            assertThat(programs.find(known)).isEqualTo(FlowPrograms.REJECTED);
            assertThat(programs.forward(other)).isEqualTo(FlowPrograms.LEFT);
            // Nor is it there for the next, even of that flow.
            assertThat(programs.forward(known.clone())).isEqualTo(FlowPrograms.LEFT);
        }
    }

    @ParameterizedTest
    @EnumSource(HeaderLayout.class)
    void whatTheOtherFamilyLeftIsNotUsed(HeaderLayout family) {
        HeaderLayout other = family.ipv6() ? HeaderLayout.IPV4 : HeaderLayout.IPV6;
        int port = 40_000;
        TestFlow flow = TestFlow.toServer(family, 6, port, 8080);
        while (table.bucket(flow.ends()) >= table.capacity() >> FlowTable.IPV6_FEWER_BITS) {
            flow = TestFlow.toServer(family, 6, ++port, 8080);
        }
        TestFlow same = TestFlow.toServer(other, 6, port, 8080);
        int place = programs.open(flow);
        byte[] frame = flow.before().payload(new byte[64]).bytes();
        assertThat(programs.find(frame)).isEqualTo(FlowPrograms.REJECTED);
        // With the same ports, in the same place, before the ingress has seen the frame.
        table.close(place);
        table.putWayOut(place, same.ends(), FlowPrograms.LINK, LONGEST, true);
        table.putTranslation(place, same.ends());
        table.open(place, same.ends());
        assertThat(programs.forward(frame.clone())).isEqualTo(FlowPrograms.LEFT);
    }

    @ParameterizedTest
    @EnumSource(HeaderLayout.class)
    void aFlowThatEndsBetweenTheProgramsStillForwardsThatFrame(HeaderLayout family) {
        TestFlow flow = TestFlow.toServer(family, 6, 40_000, 8080);
        int place = programs.open(flow);
        byte[] payload = new byte[64];
        byte[] frame = flow.before().payload(payload).bytes();

        assertThat(programs.find(frame)).isEqualTo(FlowPrograms.REJECTED);
        table.close(place);
        byte[] changed = frame.clone();
        assertThat(programs.forward(changed)).isEqualTo(FlowPrograms.REDIRECTED);
        assertThat(changed).isEqualTo(flow.after().payload(payload).bytes());
        programs.isLeft(frame);
    }
}
