package io.weir.nat;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.CLI_MAC;
import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;
import io.weir.dataplane.testing.SlowChecksum;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

class MasqueradeForwarderTest {
    private static final String TO_SERVER =
            "srv 02:00:00:00:00:02 > 02:00:00:00:02:0b 10.1.0.11:4000 > 10.2.0.11:";
    private static final String TO_CLIENT = "cli 02:00:00:00:00:01 > 02:00:00:00:01:0b 10.1.0.100:";

    private final WorkerBench bench = new WorkerBench(context -> new MasqueradeForwarder());

    @BeforeEach
    void services() {
        bench.service(ServiceId.TCP, 80, ForwardingMethod.MASQUERADE, 8080);
        bench.service(ServiceId.UDP, 53, ForwardingMethod.MASQUERADE, 5353);
        bench.service(ServiceId.SCTP, 2905, ForwardingMethod.MASQUERADE, 3905);
    }

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static FrameBuilder syn() {
        return Frames.tcp().from(CLIENT, 4000).to(VIP, 80).syn();
    }

    private static FrameBuilder question() {
        return Frames.udp().from(CLIENT, 4000).to(VIP, 53).payload("who?");
    }

    private static FrameBuilder answer() {
        return Frames.udp().from(SERVER, 5353).to(CLIENT, 4000).payload("me");
    }

    @Test
    void translatesTcpBothWays() {
        assertThat(bench.fromClient(syn().seq(7).id(9).dontFragment()))
                .containsExactly(TO_SERVER + "8080 tcp S seq 7 win 65535 ttl 63 id 9 df");
        assertThat(bench.fromServer(Frames.tcp().from(SERVER, 8080).to(CLIENT, 4000).syn().ack(8)))
                .containsExactly(
                        TO_CLIENT + "80 > 10.1.0.11:4000 tcp SA seq 0 ack 8 win 65535 ttl 63");
    }

    @Test
    void translatesUdpBothWays() {
        assertThat(bench.fromClient(question()))
                .containsExactly(TO_SERVER + "5353 udp len 4 ttl 63");
        assertThat(bench.fromServer(answer()))
                .containsExactly(TO_CLIENT + "53 > 10.1.0.11:4000 udp len 2 ttl 63");
    }

    @Test
    void translatesFragmentsBothWays() {
        byte[] payload = new byte[112];
        FrameBuilder question = question().id(3).payload(payload);
        List<byte[]> there =
                question.macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).fragments(80).reversed();
        assertThat(bench.send(WorkerBench.CLI, there))
                .containsExactly(
                        TO_SERVER + "5353 udp len 72 ttl 63 id 3 fragment 0+",
                        "srv 02:00:00:00:00:02 > 02:00:00:00:02:0b 10.1.0.11 > 10.2.0.11 udp len 40"
                                + " ttl 63 id 3 fragment 80");
        // What would arrive unfragmented, to see its checksum.
        byte[] whole = question().id(3).ttl(63).to(SERVER, 5353).payload(payload).transport();
        bench.send(WorkerBench.CLI, there.get(0));
        bench.inject(WorkerBench.CLI, there.get(1));
        bench.run();
        assertThat(Arrays.copyOfRange(bench.frames(WorkerBench.SRV).getFirst(), 34, 42))
                .isEqualTo(Arrays.copyOf(whole, 8));
        List<byte[]> back =
                answer().id(4)
                        .payload(payload)
                        .macs("02:00:00:00:02:0b", WorkerBench.SRV_MAC)
                        .fragments(64);
        assertThat(bench.send(WorkerBench.SRV, back))
                .containsExactly(
                        TO_CLIENT + "53 > 10.1.0.11:4000 udp len 56 ttl 63 id 4 fragment 0+",
                        "cli 02:00:00:00:00:01 > 02:00:00:00:01:0b 10.1.0.100 > 10.1.0.11 udp len"
                                + " 56 ttl 63 id 4 fragment 64");
    }

    @Test
    void aWrongChecksumStaysWrong() {
        assertThat(bench.fromClient(syn().wrongChecksum()))
                .containsExactly(TO_SERVER + "8080 tcp S seq 0 win 65535 bad-checksum ttl 63");
        assertThat(bench.fromClient(question().wrongChecksum()))
                .containsExactly(TO_SERVER + "5353 udp len 4 bad-checksum ttl 63");
        assertThat(bench.fromServer(answer().wrongChecksum()))
                .containsExactly(TO_CLIENT + "53 > 10.1.0.11:4000 udp len 2 bad-checksum ttl 63");
    }

    @Test
    void aMissingUdpChecksumIsMade() {
        assertThat(bench.fromClient(question().noChecksum()))
                .containsExactly(TO_SERVER + "5353 udp len 4 ttl 63");
        assertThat(bench.fromServer(answer().noChecksum()))
                .containsExactly(TO_CLIENT + "53 > 10.1.0.11:4000 udp len 2 ttl 63");
    }

    @Test
    void aChecksumThatIsNotCompleteCoversTheAddressesAlone() {
        bench.injectOffloaded(
                syn().partialChecksum().macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).bytes(), 0);
        bench.injectOffloaded(
                question().partialChecksum().macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).bytes(),
                0);
        bench.run();
        assertThat(bench.words())
                .containsExactly(
                        TO_SERVER + "8080 tcp S seq 0 win 65535 partial-checksum ttl 63",
                        TO_SERVER + "5353 udp len 4 partial-checksum ttl 63");
    }

    @Test
    void superFramesAreTranslatedWhole() {
        bench.fromClient(syn());
        FrameBuilder data =
                Frames.tcp().from(CLIENT, 4000).to(VIP, 80).ack(1).payload(new byte[3000]);
        data.dontFragment().partialChecksum().macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC);
        bench.injectOffloaded(data.bytes(), 1400);
        bench.run();
        assertThat(bench.words())
                .containsExactly(
                        TO_SERVER
                                + "8080 tcp A seq 0 ack 1 win 65535 len 3000 partial-checksum ttl"
                                + " 63 df");
    }

    private static FrameBuilder init() {
        return Frames.sctp().from(CLIENT, 4000).to(VIP, 2905).initChunk(1, 7);
    }

    private static FrameBuilder initAck() {
        return Frames.sctp().from(SERVER, 3905).to(CLIENT, 4000).initChunk(2, 8);
    }

    @Test
    void translatesSctpBothWays() {
        assertThat(bench.fromClient(init()))
                .containsExactly(TO_SERVER + "3905 sctp tag 0 chunk 1 ttl 63");
        assertThat(bench.fromServer(initAck().verificationTag(7)))
                .containsExactly(TO_CLIENT + "2905 > 10.1.0.11:4000 sctp tag 7 chunk 2 ttl 63");
    }

    /** Recorded: sctp-nat-1, "INIT with bad CRC". */
    @Test
    void aWrongSctpChecksumBecomesRightIfThePortChanges() {
        assertThat(bench.fromClient(init().wrongChecksum()))
                .containsExactly(TO_SERVER + "3905 sctp tag 0 chunk 1 ttl 63");
        assertThat(bench.fromServer(initAck().wrongChecksum()))
                .containsExactly(TO_CLIENT + "2905 > 10.1.0.11:4000 sctp tag 0 chunk 2 ttl 63");
    }

    @Test
    void aWrongSctpChecksumStaysWrongIfThePortStays() {
        bench.service(ServiceId.SCTP, 2906, ForwardingMethod.MASQUERADE, 2906);
        assertThat(bench.fromClient(init().to(VIP, 2906)))
                .containsExactly(TO_SERVER + "2906 sctp tag 0 chunk 1 ttl 63");
        assertThat(bench.fromClient(init().to(VIP, 2906).wrongChecksum()))
                .containsExactly(TO_SERVER + "2906 sctp tag 0 chunk 1 bad-checksum ttl 63");
        assertThat(bench.fromServer(initAck().from(SERVER, 2906).wrongChecksum()))
                .containsExactly(
                        TO_CLIENT + "2906 > 10.1.0.11:4000 sctp tag 0 chunk 2 bad-checksum ttl 63");
    }

    @Test
    void anSctpChecksumThatIsNotCompleteIsMade() {
        bench.service(ServiceId.SCTP, 2906, ForwardingMethod.MASQUERADE, 2906);
        for (int port = 2905; port <= 2906; port++) {
            FrameBuilder packet = init().to(VIP, port).partialChecksum();
            packet.macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC);
            bench.injectOffloaded(packet.bytes(), 0);
        }
        bench.run();
        assertThat(bench.words())
                .containsExactly(
                        TO_SERVER + "3905 sctp tag 0 chunk 1 ttl 63",
                        TO_SERVER + "2906 sctp tag 0 chunk 1 ttl 63");
    }

    @Test
    void translatesErrorsAboutSctp() {
        bench.fromClient(init());
        byte[] quoted = Frames.sctp().from(CLIENT, 4000).to(SERVER, 3905).chunk(1).packet();
        assertThat(bench.fromServer(Frames.icmpError(3, 3, quoted).from(SERVER).to(CLIENT)))
                .singleElement()
                .asString()
                .contains(" 10.1.0.100 > 10.1.0.11 icmp 3/3 [10.1.0.11:4000 > 10.1.0.100:2905 sctp")
                .doesNotContain("bad-ip-checksum");
    }

    @Test
    void unknownSctpRepliesAreToldUnlessTheyAbort() {
        bench.worker().director().sysctls().set(Sysctl.NAT_ICMP_SEND, 1);
        assertThat(bench.fromServer(initAck()).getFirst()).contains(" icmp 3/3 ");
        assertThat(bench.fromServer(Frames.sctp().from(SERVER, 3905).to(CLIENT, 4000).chunk(6)))
                .containsExactly(
                        "cli 02:00:00:00:00:01 > 02:00:00:00:01:0b 10.2.0.11:3905 > 10.1.0.11:4000"
                                + " sctp tag 0 chunk 6 ttl 63");
    }

    @Test
    void checksumsStayRightWhateverIsInThePacket() {
        Random random = Seed.ofThisRun().random();
        for (int round = 0; round < 3_000; round++) {
            byte[] payload = new byte[random.nextInt(40)];
            random.nextBytes(payload);
            String client = "10.1.0." + (11 + random.nextInt(20));
            int port = random.nextInt(0x10000);
            FrameBuilder packet =
                    switch (random.nextInt(3)) {
                        case 0 -> Frames.tcp().to(VIP, 80).syn().payload(payload);
                        case 1 -> Frames.udp().to(VIP, 53).payload(payload);
                        default -> Frames.sctp().to(VIP, 2905).chunk(1, 0, payload);
                    };
            List<String> words = bench.fromClient(packet.from(client, port));
            assertThat(words).as(Seed.ofThisRun() + " round " + round).hasSize(1);
            assertThat(words.getFirst())
                    .as(Seed.ofThisRun() + " round " + round)
                    .doesNotContain("bad-", "no-checksum")
                    .contains(client + ":" + port + " > 10.2.0.11:");
        }
    }

    @Test
    void neverMakesAUdpChecksumOfZero() {
        for (int word = 0; word < 0x10000; word += 1) {
            byte[] payload = {(byte) (word >> 8), (byte) word};
            byte[] frame =
                    question()
                            .payload(payload)
                            .macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC)
                            .bytes();
            bench.inject(WorkerBench.CLI, frame);
            bench.worker().runOnce();
            byte[] sent = bench.frames(WorkerBench.SRV).getFirst();
            assertThat(sent[40] | sent[41]).isNotZero();
        }
    }

    @Test
    void answersOfStrangersAreRoutedAsTheyAre() {
        bench.fromClient(question());
        assertThat(bench.fromServer(answer().from(SERVER, 5354)))
                .containsExactly(
                        "cli 02:00:00:00:00:01 > 02:00:00:00:01:0b 10.2.0.11:5354 > 10.1.0.11:4000"
                                + " udp len 2 ttl 63");
    }

    @Test
    void translatesErrorsOfTheServer() {
        bench.fromClient(question());
        byte[] quoted = Frames.udp().from(CLIENT, 4000).to(SERVER, 5353).payload("who?").packet();
        assertThat(bench.fromServer(Frames.icmpError(3, 3, quoted).from(SERVER).to(CLIENT)))
                .singleElement()
                .asString()
                .startsWith(
                        "cli 02:00:00:00:00:01 > 02:00:00:00:01:0b 10.1.0.100 > 10.1.0.11 icmp 3/3"
                                + " [10.1.0.11:4000 > 10.1.0.100:53 udp len 4")
                .endsWith("] ttl 63")
                .doesNotContain("bad-ip-checksum");
    }

    @Test
    void translatesErrorsOfTheClientsSide() {
        bench.fromClient(question());
        byte[] quoted = Frames.udp().from(VIP, 53).to(CLIENT, 4000).payload("me").packet();
        assertThat(bench.fromClient(Frames.icmpError(11, 0, quoted).from("10.1.0.254").to(VIP)))
                .singleElement()
                .asString()
                .startsWith(
                        "srv 02:00:00:00:00:02 > 02:00:00:00:02:0b 10.1.0.254 > 10.2.0.11 icmp 11/0"
                                + " [10.2.0.11:5353 > 10.1.0.11:4000 udp len 2")
                .endsWith("] ttl 63")
                .doesNotContain("bad-ip-checksum");
    }

    @Test
    void quotesMayEndAfterThePorts() {
        bench.fromClient(syn());
        byte[] whole = Frames.tcp().from(CLIENT, 4000).to(SERVER, 8080).packet();
        for (int bytes = 0; bytes < whole.length; bytes++) {
            byte[] quoted = Arrays.copyOf(whole, bytes);
            List<String> words =
                    bench.fromServer(Frames.icmpError(3, 1, quoted).from(SERVER).to(CLIENT));
            assertThat(words).as("quote of %d bytes", bytes).hasSize(1);
            boolean translated = words.getFirst().contains(" 10.1.0.100 > 10.1.0.11 icmp");
            assertThat(translated).as("quote of %d bytes", bytes).isEqualTo(bytes >= 24);
            assertThat(words.getFirst()).doesNotContain("bad-checksum");
        }
    }

    @Test
    void dropsErrorsWithAWrongChecksum() {
        bench.fromClient(question());
        byte[] quoted = Frames.udp().from(CLIENT, 4000).to(SERVER, 5353).packet();
        FrameBuilder error = Frames.icmpError(3, 3, quoted).from(SERVER).to(CLIENT);
        assertThat(bench.fromServer(error.wrongChecksum())).isEmpty();
    }

    @Test
    void aTranslatedFrameDiffersOnlyWhereItMust() {
        byte[] frame =
                syn().payload("hello").macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).bytes();
        bench.inject(WorkerBench.CLI, frame);
        bench.run();
        byte[] sent = bench.frames(WorkerBench.SRV).getFirst();
        byte[] expected =
                Frames.tcp()
                        .macs(WorkerBench.SRV_MAC, "02:00:00:00:02:0b")
                        .from(CLIENT, 4000)
                        .to(SERVER, 8080)
                        .syn()
                        .ttl(63)
                        .payload("hello")
                        .bytes();
        assertThat(FrameWords.frame(sent)).isEqualTo(FrameWords.frame(expected));
        assertThat(sent).isEqualTo(expected);
    }

    // Only the first 10 bytes of the TCP header are there, in a packet that says so.
    private static byte[] truncatedSegment() {
        byte[] whole = syn().macs("02:00:00:00:01:0b", CLI_MAC).bytes();
        ByteBuffer frame = ByteBuffer.wrap(Arrays.copyOf(whole, 14 + 30));
        frame.putShort(16, (short) 30).putShort(24, (short) 0);
        int checksum = SlowChecksum.checksum(Arrays.copyOfRange(frame.array(), 14, 34));
        return frame.putShort(24, (short) checksum).array();
    }

    // (recorded: ip-options with -m)
    @Test
    void dropsATruncatedSegmentOfAConnection() {
        bench.fromClient(syn());
        assertThat(bench.send(1, truncatedSegment())).isEmpty();
        assertThat(bench.drops(DropReason.TRANSPORT_TRUNCATED)).isEqualTo(1);
        assertThat(bench.fromClient(syn())).hasSize(1);
    }
}
