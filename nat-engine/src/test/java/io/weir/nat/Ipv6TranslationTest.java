package io.weir.nat;

import static io.weir.dataplane.testing.WorkerBench.CLIENT_6;
import static io.weir.dataplane.testing.WorkerBench.SERVER_6;
import static io.weir.dataplane.testing.WorkerBench.VIP_6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Random;

class Ipv6TranslationTest {
    private static final String TO_SERVER =
            "srv 02:00:00:00:00:02 > 02:00:00:00:02:0b [fd01::11]:4000 > [fd02::11]:";
    private static final String TO_CLIENT = "cli 02:00:00:00:00:01 > 02:00:00:00:01:0b ";

    private final WorkerBench bench = new WorkerBench(context -> new MasqueradeForwarder());

    @BeforeEach
    void services() {
        bench.service6(ServiceId.TCP, 80, ForwardingMethod.MASQUERADE, 8080);
        bench.service6(ServiceId.UDP, 53, ForwardingMethod.MASQUERADE, 5353);
    }

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static FrameBuilder syn() {
        return Frames.tcp().from(CLIENT_6, 4000).to(VIP_6, 80).syn();
    }

    private static FrameBuilder question() {
        return Frames.udp().from(CLIENT_6, 4000).to(VIP_6, 53).payload("who?");
    }

    private static FrameBuilder answer() {
        return Frames.udp().from(SERVER_6, 5353).to(CLIENT_6, 4000).payload("me");
    }

    @Test
    void translatesTcpBothWays() {
        assertThat(bench.fromClient(syn().seq(7)))
                .containsExactly(TO_SERVER + "8080 tcp S seq 7 win 65535 ttl 63");
        FrameBuilder reply = Frames.tcp().from(SERVER_6, 8080).to(CLIENT_6, 4000).syn().ack(8);
        assertThat(bench.fromServer(reply))
                .containsExactly(
                        TO_CLIENT
                                + "[fd01::100]:80 > [fd01::11]:4000 tcp SA seq 0 ack 8"
                                + " win 65535 ttl 63");
    }

    @Test
    void translatesUdpBothWays() {
        assertThat(bench.fromClient(question()))
                .containsExactly(TO_SERVER + "5353 udp len 4 ttl 63");
        assertThat(bench.fromServer(answer()))
                .containsExactly(TO_CLIENT + "[fd01::100]:53 > [fd01::11]:4000 udp len 2 ttl 63");
    }

    @Test
    void aWrongChecksumStaysWrongAndAMissingOneIsMade() {
        assertThat(bench.fromClient(syn().wrongChecksum()))
                .containsExactly(TO_SERVER + "8080 tcp S seq 0 win 65535 bad-checksum ttl 63");
        assertThat(bench.fromClient(question().wrongChecksum()))
                .containsExactly(TO_SERVER + "5353 udp len 4 bad-checksum ttl 63");
        assertThat(bench.fromClient(question().noChecksum()))
                .containsExactly(TO_SERVER + "5353 udp len 4 ttl 63");
    }

    @Test
    void aChecksumThatIsNotCompleteCoversTheAddressesAlone() {
        for (FrameBuilder packet : List.of(syn(), question())) {
            byte[] frame =
                    packet.partialChecksum().macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).bytes();
            bench.injectOffloaded(frame, 0);
        }
        bench.run();
        assertThat(bench.words())
                .containsExactly(
                        TO_SERVER + "8080 tcp S seq 0 win 65535 partial-checksum ttl 63",
                        TO_SERVER + "5353 udp len 4 partial-checksum ttl 63");
    }

    @Test
    void checksumsStayRightWhateverTheContent() {
        Random random = Seed.ofThisRun().random();
        for (int round = 0; round < 2_000; round++) {
            byte[] payload = new byte[random.nextInt(40)];
            random.nextBytes(payload);
            int port = 1 + random.nextInt(65_535);
            String client = "2001:db8::" + Integer.toHexString(1 + random.nextInt(0xfffe));
            FrameBuilder packet =
                    (random.nextBoolean() ? Frames.tcp().syn().to(VIP_6, 80) : udp())
                            .from(client, port)
                            .seq(random.nextLong())
                            .payload(payload);
            List<String> words = bench.fromClient(packet);
            assertThat(words).as(Seed.ofThisRun() + " round " + round).hasSize(1);
            assertThat(words.getFirst())
                    .as(Seed.ofThisRun() + " round " + round)
                    .contains("> [fd02::11]:")
                    .doesNotContain("bad-checksum");
        }
    }

    private static FrameBuilder udp() {
        return Frames.udp().to(VIP_6, 53);
    }

    @Test
    void translatesErrorsFromBothSides() {
        bench.fromClient(syn());
        byte[] seenByServer = Frames.tcp().from(CLIENT_6, 4000).to(SERVER_6, 8080).packet();
        assertThat(bench.fromServer(error(2, 0, seenByServer).from("fd02::fe").to(CLIENT_6)))
                .singleElement()
                .asString()
                .startsWith(TO_CLIENT + "fd01::100 > fd01::11 icmp")
                .contains("[fd01::11]:4000 > [fd01::100]:80")
                // The quoted checksum stays as it was; the message's own is right.
                .endsWith("bad-checksum] ttl 63");
        byte[] seenByClient = Frames.tcp().from(VIP_6, 80).to(CLIENT_6, 4000).packet();
        // From the clients' side a wrong checksum comes out right (recorded: ipv6-icmp-1).
        FrameBuilder damaged = error(3, 0, seenByClient).from(CLIENT_6).to(VIP_6).wrongChecksum();
        assertThat(bench.fromClient(damaged))
                .singleElement()
                .asString()
                .contains("fd01::11 > fd02::11 icmp")
                .contains("[fd02::11]:8080 > [fd01::11]:4000")
                .endsWith("ttl 63");
    }

    @Test
    void dropsDamagedErrorsOfTheServersSide() {
        bench.fromClient(syn());
        byte[] quoted = Frames.tcp().from(CLIENT_6, 4000).to(SERVER_6, 8080).packet();
        FrameBuilder damaged = error(1, 4, quoted).from(SERVER_6).to(CLIENT_6).wrongChecksum();
        assertThat(bench.fromServer(damaged)).isEmpty();
        assertThat(bench.drops(DropReason.ICMP_INVALID)).isEqualTo(1);
    }

    @Test
    void routesErrorsAboutNobodysPackets() {
        byte[] quoted = Frames.tcp().from(CLIENT_6, 4001).to(SERVER_6, 8080).packet();
        assertThat(bench.fromServer(error(1, 4, quoted).from(SERVER_6).to(CLIENT_6)))
                .singleElement()
                .asString()
                .startsWith(TO_CLIENT + "fd02::11 > fd01::11 icmp");
    }

    private static FrameBuilder error(int type, int code, byte[] quoted) {
        return Frames.icmpError(type, code, quoted);
    }

    @Test
    void tellsClientsWhatIsTooBig() {
        WorkerBench.Options options = new WorkerBench.Options();
        options.serverMtu = 1400;
        try (WorkerBench narrow = new WorkerBench(options, context -> new MasqueradeForwarder())) {
            narrow.service6(ServiceId.TCP, 80, ForwardingMethod.MASQUERADE, 8080);
            narrow.fromClient(syn());
            FrameBuilder data = Frames.tcp().from(CLIENT_6, 4000).to(VIP_6, 80).ack(1);
            narrow.inject(
                    WorkerBench.CLI,
                    data.payload(new byte[1340])
                            .macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC)
                            .bytes());
            narrow.inject(
                    WorkerBench.CLI,
                    data.payload(new byte[1341])
                            .macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC)
                            .bytes());
            narrow.run();
            assertThat(narrow.frames(WorkerBench.SRV)).hasSize(1);
            List<byte[]> told = narrow.frames(WorkerBench.CLI);
            assertThat(told).hasSize(1);
            assertThat(told.getFirst()).hasSize(14 + 1280);
            assertThat(FrameWords.frame(told.getFirst()))
                    .contains("fd01::100 > fd01::11 icmp")
                    .endsWith("payload-length 1361]");
            // RFC 4443 section 3.2: type 2, and the size of the link.
            assertThat(told.getFirst()[54]).isEqualTo((byte) 2);
            assertThat((told.getFirst()[60] & 0xff) << 8 | (told.getFirst()[61] & 0xff))
                    .isEqualTo(1400);
            assertThat(narrow.faults()).isEmpty();
        }
    }
}
