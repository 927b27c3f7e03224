package io.weir.dataplane.host;

import static io.weir.dataplane.testing.WorkerBench.CLI;
import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.SRV;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.Arrays;

/** ARP of a balancer that nobody has told any neighbour, and the packets that wait for it. */
class ArpStackTest {
    private static final String SERVER_MAC = "02:00:00:00:02:0b";
    private static final String MOVED_MAC = "02:00:00:00:02:99";
    private static final String QUESTION =
            "srv 02:00:00:00:00:02 > ff:ff:ff:ff:ff:ff arp who-has 10.2.0.11 tell 10.2.0.1";
    private static final byte[] ANSWER =
            Frames.arpReply(SERVER_MAC, SERVER, "02:00:00:00:00:02", "10.2.0.1");

    private final WorkerBench bench = new WorkerBench(unknown());

    private static WorkerBench.Options unknown() {
        WorkerBench.Options options = new WorkerBench.Options();
        options.neighboursKnown = false;
        return options;
    }

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static FrameBuilder toServer(int port) {
        return Frames.udp().from(CLIENT, port).to(SERVER, 7);
    }

    private static String arrived(int port) {
        return arrivedAt(SERVER_MAC, port);
    }

    private static String arrivedAt(String mac, int port) {
        return "srv 02:00:00:00:00:02 > "
                + mac
                + " 10.1.0.11:"
                + port
                + " > 10.2.0.11:7 udp ttl 63";
    }

    @Test
    void answersForItsAddresses() {
        assertThat(bench.send(CLI, Frames.arpRequest("02:00:00:00:01:0b", CLIENT, VIP)))
                .containsExactly(
                        "cli 02:00:00:00:00:01 > 02:00:00:00:01:0b arp 10.1.0.100 is-at"
                                + " 02:00:00:00:00:01 to 10.1.0.11");
        assertThat(bench.send(CLI, Frames.arpRequest("02:00:00:00:01:0b", CLIENT, "10.1.0.9")))
                .isEmpty();
    }

    @Test
    void answersProbesWithoutLearning() {
        assertThat(bench.send(CLI, Frames.arpRequest("02:00:00:00:01:0c", "0.0.0.0", VIP)))
                .containsExactly(
                        "cli 02:00:00:00:00:01 > 02:00:00:00:01:0c arp 10.1.0.100 is-at"
                                + " 02:00:00:00:00:01 to 0.0.0.0");
    }

    @Test
    void packetsWaitForTheAnswerInOrder() {
        assertThat(bench.fromClient(toServer(1))).containsExactly(QUESTION);
        assertThat(bench.fromClient(toServer(2))).isEmpty();
        assertThat(bench.send(SRV, ANSWER)).containsExactly(arrived(1), arrived(2));
        assertThat(bench.fromClient(toServer(3))).containsExactly(arrived(3));
    }

    @Test
    void asksAgainAndGivesUp() {
        assertThat(bench.fromClient(toServer(1))).containsExactly(QUESTION);
        bench.pass(1_300);
        assertThat(bench.words()).containsExactly(QUESTION);
        bench.pass(2_000);
        assertThat(bench.words()).hasSize(1);
        assertThat(bench.drops(DropReason.NEIGHBOUR_UNREACHABLE)).isEqualTo(1);
        bench.send(SRV, ANSWER);
        assertThat(bench.words()).isEmpty();
        assertThat(bench.fromClient(toServer(2))).containsExactly(arrived(2));
    }

    @Test
    void aDeadNeighbourIsNotAskedForWithEveryPacket() {
        bench.fromClient(toServer(1));
        bench.pass(3_300);
        bench.words();
        int questions = 0;
        for (int i = 0; i < 50; i++) {
            questions += bench.fromClient(toServer(i)).size();
        }
        assertThat(questions).isLessThanOrEqualTo(1);
    }

    @Test
    void queuesAreLimited() {
        for (int port = 1; port <= 40; port++) {
            bench.fromClient(toServer(port));
        }
        assertThat(bench.drops(DropReason.NEIGHBOUR_PENDING_FULL)).isEqualTo(8);
        assertThat(bench.send(SRV, ANSWER)).hasSize(32);
    }

    @Test
    void theDeadDoNotKeepOthersFromBeingAskedFor() {
        for (int host = 100; host < 120; host++) {
            for (int port = 1; port <= 32; port++) {
                bench.fromClient(Frames.udp().from(CLIENT, port).to("10.2.0." + host, 7));
            }
        }
        assertThat(bench.drops(DropReason.NEIGHBOUR_PENDING_FULL)).isEqualTo(20 * 32 - 512);
        assertThat(bench.fromClient(toServer(1))).containsExactly(QUESTION);
        bench.send(SRV, ANSWER);
        assertThat(bench.fromClient(toServer(2))).containsExactly(arrived(2));
    }

    @Test
    void followsAServerThatMoves() {
        bench.fromClient(toServer(1));
        bench.send(SRV, ANSWER);
        // A gratuitous announcement: sender and target are the same.
        assertThat(bench.send(SRV, Frames.arpRequest(MOVED_MAC, SERVER, SERVER))).isEmpty();
        assertThat(bench.fromClient(toServer(2))).containsExactly(arrivedAt(MOVED_MAC, 2));
    }

    @Test
    void aSilentNeighbourIsAskedAgainAndGivenUp() {
        bench.fromClient(toServer(1));
        assertThat(bench.send(SRV, ANSWER)).containsExactly(arrived(1));
        bench.pass(65_000);
        assertThat(bench.words()).isEmpty();
        assertThat(bench.fromClient(toServer(2))).containsExactly(QUESTION, arrived(2));
        bench.send(SRV, ANSWER);
        assertThat(bench.fromClient(toServer(3))).containsExactly(arrived(3));
        bench.pass(65_000);
        assertThat(bench.fromClient(toServer(4))).containsExactly(QUESTION, arrived(4));
        bench.pass(35_000);
        bench.fromClient(toServer(5));
        bench.pass(5_000);
        assertThat(bench.words()).isNotEmpty().doesNotContain(arrived(5));
        assertThat(bench.drops(DropReason.NEIGHBOUR_UNREACHABLE)).isEqualTo(1);
    }

    @Test
    void aNeighbourTheProgramNamedDoesNotAge() {
        bench.neighbour(SRV, SERVER, NeighbourEntry.State.USABLE, 0x0200_0000_020bL);
        bench.pass(200_000);
        assertThat(bench.fromClient(toServer(1))).containsExactly(arrived(1));
    }

    @Test
    void learnsNothingOfStrangersWhoDoNotSpeakToIt() {
        bench.send(SRV, Frames.arpRequest(SERVER_MAC, SERVER, "10.2.0.77"));
        assertThat(bench.fromClient(toServer(1))).containsExactly(QUESTION);
        bench.send(CLI, Frames.arpRequest("02:00:00:00:01:0b", CLIENT, VIP));
        bench.words();
        assertThat(bench.fromClient(Frames.ping(1, 1).from(CLIENT).to(VIP)))
                .singleElement()
                .asString()
                .contains(" icmp 0/0 ");
    }

    @Test
    void believesNoGroupAddress() {
        bench.fromClient(toServer(1));
        byte[] forged =
                Frames.arpReply("ff:ff:ff:ff:ff:ff", SERVER, "02:00:00:00:00:02", "10.2.0.1");
        assertThat(bench.send(SRV, forged)).isEmpty();
        assertThat(bench.send(SRV, ANSWER)).containsExactly(arrived(1));
        byte[] request = Frames.arpRequest("01:00:5e:00:00:01", CLIENT, VIP);
        assertThat(bench.send(CLI, request)).isEmpty();
    }

    @Test
    void itsOwnAddressIsNobodyElses() {
        bench.send(CLI, Frames.arpRequest("02:00:00:00:01:66", VIP, "10.1.0.1"));
        assertThat(bench.drops(DropReason.HOST_IGNORED)).isEqualTo(1);
        assertThat(bench.words()).isEmpty();
    }

    @Test
    void countsTruncatedFrames() {
        byte[] request = Frames.arpRequest("02:00:00:00:01:0b", CLIENT, VIP);
        for (int length = 14; length < 42; length++) {
            assertThat(bench.send(CLI, Arrays.copyOf(request, length))).isEmpty();
        }
        assertThat(bench.drops(DropReason.FRAME_TOO_SHORT)).isEqualTo(28);
    }
}
