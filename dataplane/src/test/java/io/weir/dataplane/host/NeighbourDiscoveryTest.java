package io.weir.dataplane.host;

import static io.weir.dataplane.testing.WorkerBench.CLI;
import static io.weir.dataplane.testing.WorkerBench.CLI_MAC;
import static io.weir.dataplane.testing.WorkerBench.SRV;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;

class NeighbourDiscoveryTest {
    private static final String CLIENT_MAC = "02:00:00:00:01:0b";
    private static final String GROUP_MAC = "33:33:ff:00:01:00";
    private static final String SOLICITED_NODE = "ff02::1:ff00:100";

    private final WorkerBench bench = unknown();

    private static WorkerBench unknown() {
        WorkerBench.Options options = new WorkerBench.Options();
        options.neighboursKnown = false;
        return new WorkerBench(options);
    }

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static byte[] body(String target, int option, String mac) {
        byte[] address = InetAddress.ofLiteral(target).getAddress();
        return ByteBuffer.allocate(24)
                .put(address)
                .put((byte) option)
                .put((byte) 1)
                .put(HexFormat.ofDelimiter(":").parseHex(mac))
                .array();
    }

    private static FrameBuilder solicitation(String from, String target) {
        return Frames.icmp(135, 0, 0)
                .from(from)
                .to(SOLICITED_NODE)
                .ttl(255)
                .macs(CLIENT_MAC, GROUP_MAC)
                .payload(body(target, 1, CLIENT_MAC));
    }

    private static FrameBuilder advertisement(String target, String mac) {
        return Frames.icmp(136, 0, 0x6000_0000)
                .from(target)
                .to("fd02::1")
                .ttl(255)
                .macs(mac, WorkerBench.SRV_MAC)
                .payload(body(target, 2, mac));
    }

    private List<byte[]> exchanged(int link, byte[] frame) {
        bench.inject(link, frame);
        bench.run();
        return bench.frames(link);
    }

    @Test
    void answersForItsAddressesAndLearnsWhoAsks() {
        List<byte[]> answers = exchanged(CLI, solicitation("fd01::11", "fd01::100").bytes());
        assertThat(answers).hasSize(1);
        byte[] answer = answers.getFirst();
        assertThat(HexFormat.ofDelimiter(":").formatHex(answer, 0, 6)).isEqualTo(CLIENT_MAC);
        assertThat(answer[54]).isEqualTo((byte) 136);
        // Solicited and to override what was known (RFC 4861 section 4.4), hop limit 255.
        assertThat(answer[58]).isEqualTo((byte) 0x60);
        assertThat(answer[21]).isEqualTo((byte) 255);
        assertThat(HexFormat.ofDelimiter(":").formatHex(answer, 80, 86)).isEqualTo(CLI_MAC);
        // Known now: an echo needs no question.
        FrameBuilder ping = Frames.icmp(128, 0, 1).from("fd01::11").to("fd01::100");
        assertThat(bench.fromClient(ping))
                .singleElement()
                .asString()
                .startsWith("cli " + CLI_MAC + " > " + CLIENT_MAC + " fd01::100 > fd01::11 icmp");
    }

    @Test
    void tellsEverybodyWhenSomebodyTriesItsAddress() {
        List<byte[]> answers = exchanged(CLI, solicitation("::", "fd01::100").bytes());
        assertThat(answers).hasSize(1);
        assertThat(HexFormat.ofDelimiter(":").formatHex(answers.getFirst(), 0, 6))
                .isEqualTo("33:33:00:00:00:01");
        assertThat(answers.getFirst()[58]).isEqualTo((byte) 0x20);
    }

    @Test
    void ignoresWhatRfc4861Forbids() {
        FrameBuilder[] bad = {
            solicitation("fd01::11", "fd01::100").ttl(254),
            solicitation("fd01::11", "fd01::100").wrongChecksum(),
            solicitation("fd01::11", "fd01::99"),
            solicitation("fd01::11", "ff02::1"),
            solicitation("fd01::1", "fd01::100"),
            solicitation("fd01::11", "fd01::100").payload(new byte[8]),
            solicitation("fd01::11", "fd01::100").payload(withoutLength()),
            Frames.icmp(134, 0, 0).from("fe80::1").to("ff02::1").ttl(255).payload(new byte[16]),
        };
        for (FrameBuilder packet : bad) {
            assertThat(exchanged(CLI, packet.macs(CLIENT_MAC, GROUP_MAC).bytes())).isEmpty();
        }
        assertThat(bench.drops(DropReason.HOST_IGNORED)).isEqualTo(bad.length);
    }

    private static byte[] withoutLength() {
        byte[] body = body("fd01::100", 1, CLIENT_MAC);
        body[17] = 0;
        return body;
    }

    @Test
    void asksForANextHopAndSendsWhatWaited() {
        FrameBuilder through = Frames.udp().from("fd01::11", 1).to("fd02::11", 9).payload("x");
        bench.inject(CLI, through.macs(CLIENT_MAC, CLI_MAC).bytes());
        bench.run();
        List<byte[]> questions = bench.frames(SRV);
        assertThat(questions).hasSize(1);
        byte[] question = questions.getFirst();
        assertThat(HexFormat.ofDelimiter(":").formatHex(question, 0, 6))
                .isEqualTo("33:33:ff:00:00:11");
        assertThat(question[54]).isEqualTo((byte) 135);
        List<byte[]> sent = exchanged(SRV, advertisement("fd02::11", "02:00:00:00:02:0b").bytes());
        assertThat(sent).hasSize(1);
        assertThat(HexFormat.ofDelimiter(":").formatHex(sent.getFirst(), 0, 6))
                .isEqualTo("02:00:00:00:02:0b");
    }

    @Test
    void learnsNobodyFromAnAdvertisementThatWasNotAskedFor() {
        assertThat(exchanged(SRV, advertisement("fd02::12", "02:00:00:00:02:0c").bytes()))
                .isEmpty();
        FrameBuilder through = Frames.udp().from("fd01::11", 1).to("fd02::12", 9).payload("x");
        bench.inject(CLI, through.macs(CLIENT_MAC, CLI_MAC).bytes());
        bench.run();
        assertThat(bench.frames(SRV))
                .singleElement()
                .satisfies(q -> assertThat(q[54]).isEqualTo((byte) 135));
    }

    @Test
    void givesUpOnWhoDoesNotAnswer() {
        FrameBuilder through = Frames.udp().from("fd01::11", 1).to("fd02::11", 9).payload("x");
        bench.inject(CLI, through.macs(CLIENT_MAC, CLI_MAC).bytes());
        bench.pass(4_000);
        assertThat(bench.drops(DropReason.NEIGHBOUR_UNREACHABLE)).isEqualTo(1);
    }
}
