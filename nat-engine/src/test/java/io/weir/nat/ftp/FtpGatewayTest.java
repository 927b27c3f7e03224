package io.weir.nat.ftp;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.CLIENT_6;
import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.SERVER_6;
import static io.weir.dataplane.testing.WorkerBench.VIP;
import static io.weir.dataplane.testing.WorkerBench.VIP_6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;
import io.weir.dataplane.testing.WorkerBench;
import io.weir.nat.MasqueradeForwarder;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

class FtpGatewayTest {
    private static final int SESSIONS = 4;

    /** Notes which endpoints are taken; full after so many. */
    private static final class NotedSteering implements EndpointSteering {
        private final List<String> taken = new ArrayList<>();
        private int room = Integer.MAX_VALUE;

        @Override
        public boolean take(int protocol, Side side, long high, long low, int port) {
            if (taken.size() >= room) {
                return false;
            }
            taken.add(name(side, low, port));
            return true;
        }

        @Override
        public void giveBack(int protocol, Side side, long high, long low, int port) {
            assertThat(taken.remove(name(side, low, port))).isTrue();
        }

        private static String name(Side side, long low, int port) {
            return side + " 10." + (low >>> 16 & 0xff) + ".0." + (low & 0xff) + ":" + port;
        }
    }

    private final NotedSteering steering = new NotedSteering();
    private final WorkerBench bench = bench();

    private WorkerBench bench() {
        WorkerBench.Options options = new WorkerBench.Options();
        options.gateway = context -> new FtpGateway(context, SESSIONS);
        options.steering = steering;
        WorkerBench made = new WorkerBench(options, context -> new MasqueradeForwarder());
        return made.service(ServiceId.TCP, 21, ForwardingMethod.MASQUERADE, 21);
    }

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        assertThat(bench.worker().director().expectations().unknownPorts()).isEqualTo(waiting());
        assertThat(bench.worker().director().followedConnections())
                .isEqualTo(connections().stream().filter(line -> line.contains(":21 > ")).count());
        bench.close();
    }

    private int waiting() {
        return (int) connections().stream().filter(line -> line.contains(":0 >")).count();
    }

    private List<String> connections() {
        TreeSet<String> lines = new TreeSet<>();
        bench.worker()
                .director()
                .connections(
                        entry ->
                                lines.add(
                                        "%s %s:%d > %s:%d > %s:%d"
                                                .formatted(
                                                        entry.state(),
                                                        entry.client(),
                                                        entry.clientPort(),
                                                        entry.virtual(),
                                                        entry.virtualPort(),
                                                        entry.server(),
                                                        entry.serverPort())));
        return List.copyOf(lines);
    }

    private static FrameBuilder client(int port) {
        return Frames.tcp().from(CLIENT, port).to(VIP, 21);
    }

    private static FrameBuilder server(int port) {
        return Frames.tcp().from(SERVER, 21).to(CLIENT, port);
    }

    /** A control connection in which both sides have said nothing: both are at 100. */
    private void connect(int port) {
        bench.fromClient(client(port).syn().seq(99));
        bench.fromServer(server(port).syn().seq(99).ack(100));
        bench.fromClient(client(port).seq(100).ack(100));
    }

    private List<String> says(int port, String command) {
        return bench.fromClient(client(port).seq(100).ack(100).payload(command));
    }

    private static String passive(String address) {
        return "227 Entering Passive Mode (" + address + ",232,122).\r\n";
    }

    /** What the balancer made of a server's segment: sequence, text, and whether all is right. */
    private String answers(FrameBuilder packet) {
        byte[] frame = packet.macs("02:00:00:00:02:0b", WorkerBench.SRV_MAC).bytes();
        bench.inject(WorkerBench.SRV, frame);
        bench.run();
        List<byte[]> frames = bench.frames(WorkerBench.CLI);
        return frames.isEmpty() ? "nothing" : text(frames.getFirst());
    }

    private static String text(byte[] frame) {
        String words = FrameWords.frame(frame);
        assertThat(words).doesNotContain("bad-");
        int from = 14 + (frame[14] & 15) * 4;
        from += (frame[from + 12] & 0xf0) >> 2;
        String payload =
                new String(
                        Arrays.copyOfRange(frame, from, frame.length), StandardCharsets.US_ASCII);
        return words.replaceAll(".* seq (\\d+) .*", "$1") + " " + payload;
    }

    @Test
    void aPassiveDataConnectionGoesToTheServerThatOfferedIt() {
        connect(4000);
        says(4000, "PASV\r\n");
        assertThat(answers(server(4000).seq(100).ack(106).payload(passive("10,2,0,11"))))
                .isEqualTo("100 " + passive("10,1,0,100"));
        assertThat(connections())
                .containsExactly(
                        "ESTABLISHED 10.1.0.11:4000 > 10.1.0.100:21 > 10.2.0.11:21",
                        "LISTEN 10.1.0.11:0 > 10.1.0.100:59514 > 10.2.0.11:59514");
        assertThat(steering.taken)
                .containsExactly("VIRTUAL 10.1.0.100:59514", "SERVER 10.2.0.11:59514");

        FrameBuilder data = Frames.tcp().from(CLIENT, 5000).to(VIP, 59514).syn();
        assertThat(bench.fromClient(data))
                .singleElement()
                .asString()
                .contains("10.1.0.11:5000 > 10.2.0.11:59514 tcp S");
        assertThat(bench.fromServer(Frames.tcp().from(SERVER, 59514).to(CLIENT, 5000).syn().ack(1)))
                .singleElement()
                .asString()
                .contains("10.1.0.100:59514 > 10.1.0.11:5000 tcp SA");
        assertThat(connections())
                .containsExactly(
                        "ESTABLISHED 10.1.0.11:4000 > 10.1.0.100:21 > 10.2.0.11:21",
                        "SYN_RECV 10.1.0.11:5000 > 10.1.0.100:59514 > 10.2.0.11:59514");
        assertThat(steering.taken).hasSize(2);

        bench.fromClient(Frames.tcp().from(CLIENT, 5000).to(VIP, 59514).ack(1));
        bench.fromServer(Frames.tcp().from(SERVER, 59514).to(CLIENT, 5000).rst());
        bench.pass(12_000);
        assertThat(connections()).hasSize(1);
        assertThat(steering.taken).isEmpty();
    }

    @Test
    void onlyASynMayComeFromAnUnknownPort() {
        connect(4000);
        says(4000, "EPSV\r\n");
        answers(server(4000).seq(100).ack(106).payload("229 Passive (|||5001|)\r\n"));
        bench.fromClient(Frames.tcp().from(CLIENT, 6000).to(VIP, 5001).ack(1));
        bench.fromClient(Frames.tcp().from(CLIENT, 6000).to(VIP, 5001).rst());
        bench.fromClient(Frames.tcp().from("10.1.0.12", 6000).to(VIP, 5001).syn());
        assertThat(connections()).contains("LISTEN 10.1.0.11:0 > 10.1.0.100:5001 > 10.2.0.11:5001");
    }

    @Test
    void numbersFollowWhatTheTextHasGrownBy() {
        connect(4000);
        says(4000, "PASV\r\n");
        String text = passive("10,2,0,11");
        answers(server(4000).seq(100).ack(106).payload(text));
        int end = 100 + text.length();
        assertThat(answers(server(4000).seq(end).ack(106).payload("226 done\r\n")))
                .isEqualTo(end + 1 + " 226 done\r\n");
        assertThat(bench.fromClient(client(4000).seq(106).ack(end + 11)))
                .singleElement()
                .asString()
                .contains("seq 106 ack " + (end + 10));
    }

    @Test
    void aReplyThatComesAgainIsTranslatedAgain() {
        connect(4000);
        says(4000, "PASV\r\n");
        FrameBuilder reply = server(4000).seq(100).ack(106).payload(passive("10,2,0,11"));
        assertThat(answers(reply)).isEqualTo("100 " + passive("10,1,0,100"));
        for (int again = 0; again < 3; again++) {
            assertThat(answers(reply)).isEqualTo("100 " + passive("10,1,0,100"));
        }
        FrameBuilder more =
                server(4000).seq(100).ack(106).payload(passive("10,2,0,11") + "226 done\r\n");
        assertThat(answers(more)).isEqualTo("100 " + passive("10,1,0,100") + "226 done\r\n");
        assertThat(waiting()).isEqualTo(1);
        int end = 100 + passive("10,2,0,11").length();
        assertThat(answers(server(4000).seq(end).ack(106))).isEqualTo(end + 1 + " ");
    }

    @Test
    void selectiveAcknowledgementsFollowToo() {
        connect(4000);
        says(4000, "PASV\r\n");
        String text = passive("10,2,0,11");
        answers(server(4000).seq(100).ack(106).payload(text));
        int end = 101 + text.length();
        byte[] sack = HexFormat.of().parseHex("01050a%08x%08x00".formatted(end + 10, end + 20));
        bench.inject(
                WorkerBench.CLI,
                client(4000)
                        .seq(106)
                        .ack(end)
                        .tcpOptions(sack)
                        .macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC)
                        .bytes());
        bench.run();
        byte[] sent = bench.frames(WorkerBench.SRV).getLast();
        assertThat(FrameWords.frame(sent)).contains("ack " + (end - 1)).doesNotContain("bad-");
        assertThat(HexFormat.of().formatHex(sent, 54, 66))
                .isEqualTo("01050a%08x%08x00".formatted(end + 9, end + 19));
    }

    @Test
    void anActiveDataConnectionComesFromTheVirtualAddress() {
        connect(4000);
        assertThat(says(4000, "PORT 10,1,0,11,126,18\r\n")).hasSize(1);
        assertThat(connections()).contains("LISTEN 10.1.0.11:32274 > 10.1.0.100:20 > 10.2.0.11:20");
        assertThat(steering.taken).containsExactly("VIRTUAL 10.1.0.100:20", "SERVER 10.2.0.11:20");
        assertThat(bench.fromServer(Frames.tcp().from(SERVER, 20).to(CLIENT, 32274).syn()))
                .singleElement()
                .asString()
                .contains("10.1.0.100:20 > 10.1.0.11:32274 tcp S");
        assertThat(bench.fromClient(Frames.tcp().from(CLIENT, 32274).to(VIP, 20).syn().ack(1)))
                .singleElement()
                .asString()
                .contains("10.1.0.11:32274 > 10.2.0.11:20 tcp SA");
        bench.fromServer(Frames.tcp().from(SERVER, 20).to(CLIENT, 32274).ack(1));
        assertThat(connections())
                .contains("ESTABLISHED 10.1.0.11:32274 > 10.1.0.100:20 > 10.2.0.11:20");
        says(4000, "EPRT |1|10.1.0.11|32274|\r\n");
        assertThat(connections()).contains("LISTEN 10.1.0.11:32274 > 10.1.0.100:20 > 10.2.0.11:20");
    }

    @Test
    void aNewCommandTakesThePlaceOfAConnectionThatDidNotCome() {
        connect(4000);
        for (int round = 0; round < 20; round++) {
            says(4000, "PORT 10,1,0,11,1," + round + "\r\n");
            says(4000, "PASV\r\n");
            String text = "227 (10,2,0,11,2," + round + ")\r\n";
            answers(server(4000).seq(100 + 100L * round).ack(106).payload(text));
        }
        assertThat(connections())
                .containsExactly(
                        "ESTABLISHED 10.1.0.11:4000 > 10.1.0.100:21 > 10.2.0.11:21",
                        "LISTEN 10.1.0.11:0 > 10.1.0.100:531 > 10.2.0.11:531");
        assertThat(steering.taken).hasSize(2);
    }

    @Test
    void aConnectionThatDoesNotComeIsForgotten() {
        connect(4000);
        says(4000, "PASV\r\n");
        answers(server(4000).seq(100).ack(106).payload(passive("10,2,0,11")));
        bench.pass(119_000);
        assertThat(connections()).hasSize(2);
        bench.pass(20_000);
        assertThat(connections()).hasSize(1);
        assertThat(steering.taken).isEmpty();
    }

    @Test
    void whatTheServerWasNotAskedForIsLeftAlone() {
        connect(4000);
        String text = passive("10,2,0,11");
        assertThat(answers(server(4000).seq(100).ack(100).payload(text))).isEqualTo("100 " + text);
        says(4000, "EPSV\r\n");
        assertThat(answers(server(4000).seq(200).ack(100).payload(text))).isEqualTo("200 " + text);
        assertThat(connections()).hasSize(1);
    }

    @Test
    void theMiddleOfALineIsNoReply() {
        connect(4000);
        says(4000, "STAT x\r\nPASV\r\n");
        answers(server(4000).seq(100).ack(116).payload("213-status of "));
        String text = passive("10,2,0,99");
        assertThat(answers(server(4000).seq(114).ack(116).payload(text))).isEqualTo("114 " + text);
        int end = 114 + text.length();
        assertThat(answers(server(4000).seq(end).ack(116).payload(passive("10,2,0,11"))))
                .isEqualTo(end + " " + passive("10,1,0,100"));
        assertThat(connections()).hasSize(2);
    }

    @Test
    void commandsWaitWhenThereAreTooManySessions() {
        for (int i = 0; i <= SESSIONS; i++) {
            connect(4000 + i);
            assertThat(says(4000 + i, "PASV\r\n")).hasSize(i < SESSIONS ? 1 : 0);
        }
        assertThat(bench.drops(DropReason.FTP_LIMIT)).isEqualTo(1);
        assertThat(bench.fromClient(client(4000 + SESSIONS).seq(100).ack(100).payload("NOOP\r\n")))
                .hasSize(1);
        bench.fromServer(server(4000).seq(100).rst());
        bench.pass(12_000);
        assertThat(says(4000 + SESSIONS, "PASV\r\n")).hasSize(1);
    }

    @Test
    void repliesWaitWhenNoMoreEndpointsCanBeTaken() {
        connect(4000);
        says(4000, "PASV\r\n");
        for (int room = 0; room < 2; room++) {
            steering.room = room;
            FrameBuilder reply = server(4000).seq(100).ack(106).payload(passive("10,2,0,11"));
            assertThat(answers(reply)).isEqualTo("nothing");
            assertThat(steering.taken).isEmpty();
            assertThat(connections()).hasSize(1);
        }
        assertThat(bench.drops(DropReason.FTP_LIMIT)).isEqualTo(2);
        steering.room = 2;
        assertThat(answers(server(4000).seq(100).ack(106).payload(passive("10,2,0,11"))))
                .isEqualTo("100 " + passive("10,1,0,100"));
    }

    @Test
    void aShorterTextIsAllRightToo() {
        connect(4000);
        says(4000, "PASV\r\n");
        String text = passive("010,002,000,0011");
        assertThat(answers(server(4000).seq(100).ack(106).payload(text)))
                .isEqualTo("100 " + passive("10,1,0,100"));
        int end = 100 + text.length();
        assertThat(answers(server(4000).seq(end).ack(106).payload("226 done\r\n")))
                .isEqualTo(end - 6 + " 226 done\r\n");
    }

    @Test
    void aNewConnectionBetweenTheSameEndsBeginsWithItsOwnNumbers() {
        connect(4000);
        says(4000, "PASV\r\n");
        answers(server(4000).seq(100).ack(106).payload(passive("10,2,0,11")));
        connect(4000);
        assertThat(answers(server(4000).seq(500).ack(100).payload("220 ready\r\n")))
                .isEqualTo("500 220 ready\r\n");
    }

    @Test
    void aControlConnectionThatBeginsAnewLeavesItsDataConnections() {
        connect(4000);
        says(4000, "PASV\r\n");
        answers(server(4000).seq(100).ack(106).payload(passive("10,2,0,11")));
        bench.fromClient(client(4000).seq(106).ack(150).fin());
        bench.fromServer(server(4000).seq(149).ack(107).fin());
        connect(4000);
        assertThat(answers(server(4000).seq(100).ack(100).payload("220 ready\r\n")))
                .isEqualTo("100 220 ready\r\n");
        assertThat(connections())
                .containsExactly(
                        "ESTABLISHED 10.1.0.11:4000 > 10.1.0.100:21 > 10.2.0.11:21",
                        "LISTEN 10.1.0.11:0 > 10.1.0.100:59514 > 10.2.0.11:59514",
                        "TIME_WAIT 10.1.0.11:4000 > 10.1.0.100:21 > 10.2.0.11:21");
    }

    @Test
    void followsIpv6() {
        ServiceId id = ServiceId.of(ServiceId.TCP, WorkerBench.address(VIP_6), 21);
        bench.worker().director().addService(id, ServiceSettings.of("first"));
        ServerId real = new ServerId(WorkerBench.address(SERVER_6), 21);
        ServerSettings masquerade = ServerSettings.of(ForwardingMethod.MASQUERADE, 1);
        bench.worker().director().addServer(id, real, masquerade);
        FrameBuilder client = Frames.tcp().from(CLIENT_6, 4000).to(VIP_6, 21).seq(100);
        FrameBuilder server = Frames.tcp().from(SERVER_6, 21).to(CLIENT_6, 4000).seq(100);
        bench.fromClient(Frames.tcp().from(CLIENT_6, 4000).to(VIP_6, 21).seq(99).syn());
        bench.fromServer(Frames.tcp().from(SERVER_6, 21).to(CLIENT_6, 4000).seq(99).syn().ack(100));
        bench.fromClient(client.ack(100).payload("EPSV\r\n"));
        bench.fromServer(server.ack(106).payload("229 Passive (|||5001|)\r\n"));
        assertThat(bench.fromClient(Frames.tcp().from(CLIENT_6, 5000).to(VIP_6, 5001).syn()))
                .singleElement()
                .asString()
                .contains("fd02::11")
                .contains("5001 tcp S");
        bench.fromClient(client.seq(106).payload("EPRT |2|fd01::11|5555|\r\n"));
        assertThat(bench.fromServer(Frames.tcp().from(SERVER_6, 20).to(CLIENT_6, 5555).syn()))
                .singleElement()
                .asString()
                .contains("fd01::100")
                .contains("5555 tcp S");
    }

    @Test
    void otherPortsAreNotFollowed() {
        bench.service(ServiceId.TCP, 2121, ForwardingMethod.MASQUERADE, 21);
        bench.fromClient(Frames.tcp().from(CLIENT, 4000).to(VIP, 2121).syn());
        bench.fromClient(Frames.tcp().from(CLIENT, 4000).to(VIP, 2121).ack(1).payload("PASV\r\n"));
        String text = passive("10,2,0,11");
        assertThat(answers(server(4000).seq(100).ack(106).payload(text))).isEqualTo("100 " + text);
    }

    @Test
    void survivesWhateverBothSidesSay() {
        Random random = Seed.ofThisRun().random();
        String[] words = {
            "PASV\r\n", "EPSV\r\n", "PORT 10,1,0,11,4,", "EPRT |1|10.1.0.11|", "227 (", "229 (|||",
            "10,2,0,11,", "5", "|)\r\n", "\r\n", "\n", " "
        };
        for (int round = 0; round < 20_000; round++) {
            int port = 4000 + random.nextInt(8);
            if (random.nextInt(20) == 0) {
                connect(port);
            }
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(6); i > 0; i--) {
                text.append(words[random.nextInt(words.length)]);
            }
            long at = 100L + random.nextInt(400);
            boolean fromClient = random.nextBoolean();
            FrameBuilder packet = fromClient ? client(port) : server(port);
            packet.seq(at).ack(100L + random.nextInt(400)).payload(text.toString());
            List<String> sent = fromClient ? bench.fromClient(packet) : bench.fromServer(packet);
            assertThat(sent.toString())
                    .as("%s round %d", Seed.ofThisRun(), round)
                    .doesNotContain("bad-");
            if (random.nextInt(50) == 0) {
                bench.fromClient(
                        Frames.tcp().from(CLIENT, 7000).to(VIP, 1 + random.nextInt(1500)).syn());
            }
            if (random.nextInt(500) == 0) {
                bench.pass(20_000);
            }
            assertThat(waiting()).as("%s round %d", Seed.ofThisRun(), round).isLessThan(9 + 8);
        }
        bench.pass(2_000_000);
        assertThat(connections()).isEmpty();
        assertThat(steering.taken).isEmpty();
    }
}
