package io.weir.dataplane.worker;

import static io.weir.dataplane.testing.WorkerBench.CLI;
import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.CLIENT_6;
import static io.weir.dataplane.testing.WorkerBench.CLI_MAC;
import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.SERVER_6;
import static io.weir.dataplane.testing.WorkerBench.SRV;
import static io.weir.dataplane.testing.WorkerBench.VIP;
import static io.weir.dataplane.testing.WorkerBench.VIP_6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Fragments that no service is for: routed, for the host itself, left alone. */
class FragmentedTrafficTest {
    private static final String OUT = "srv 02:00:00:00:00:02 > 02:00:00:00:02:0b ";
    private static final String BACK = "cli 02:00:00:00:00:01 > 02:00:00:00:01:0b ";

    private final WorkerBench bench = new WorkerBench();

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static FrameBuilder to(String address, int payload) {
        return Frames.udp()
                .macs("02:00:00:00:01:0b", CLI_MAC)
                .from(CLIENT, 5000)
                .to(address, 99)
                .id(7)
                .payload(new byte[payload]);
    }

    private void someService() {
        bench.service(ServiceId.UDP, 53, ForwardingMethod.MASQUERADE, 53);
    }

    @Test
    void routesDatagramsInTheSizesTheyCameIn() {
        someService();
        List<byte[]> frames = to(SERVER, 112).fragments(48);
        assertThat(bench.send(CLI, frames.reversed()))
                .containsExactly(
                        OUT + "10.1.0.11:5000 > 10.2.0.11:99 udp len 40 ttl 63 id 7 fragment 0+",
                        OUT + "10.1.0.11 > 10.2.0.11 udp len 48 ttl 63 id 7 fragment 48+",
                        OUT + "10.1.0.11 > 10.2.0.11 udp len 24 ttl 63 id 7 fragment 96");
        assertThat(bench.worker().drops().snapshot()).isEmpty();
    }

    @Test
    void holdsWhatIsIncomplete() {
        someService();
        List<byte[]> frames = to(SERVER, 100).fragments(48);
        assertThat(bench.send(CLI, frames.get(0))).isEmpty();
        assertThat(bench.send(CLI, frames.get(2))).isEmpty();
        assertThat(bench.send(CLI, frames.get(1))).hasSize(3);
    }

    @Test
    void leavesFragmentsAloneWithoutAService() {
        assertThat(bench.send(CLI, to(SERVER, 100).fragments(48).get(1)))
                .containsExactly(OUT + "10.1.0.11 > 10.2.0.11 udp len 48 ttl 63 id 7 fragment 48+");
    }

    @Test
    void tellsTheSenderWhatItWaitedForInVain() {
        someService();
        bench.send(CLI, to(VIP, 100).fragments(48).get(0));
        bench.pass(29_980);
        assertThat(bench.words()).isEmpty();
        bench.pass(40);
        assertThat(bench.words())
                .singleElement()
                .asString()
                .startsWith(
                        BACK + "10.1.0.100 > 10.1.0.11 icmp 11/1 [10.1.0.11:5000 > 10.1.0.100:99");
        assertThat(bench.drops(DropReason.REASSEMBLY_TIMEOUT)).isEqualTo(1);
    }

    @Test
    void answersAsAHostDoes() {
        assertThat(bench.send(CLI, to(VIP, 100).fragments(48)))
                .singleElement()
                .asString()
                .startsWith(
                        BACK + "10.1.0.100 > 10.1.0.11 icmp 3/3 [10.1.0.11:5000 > 10.1.0.100:99");
    }

    @Test
    void answersAnEchoOfAnySize() {
        FrameBuilder ping =
                Frames.ping(1, 2)
                        .macs("02:00:00:00:01:0b", CLI_MAC)
                        .from(CLIENT)
                        .to(VIP)
                        .payload(new byte[3000]);
        List<String> answer = bench.send(CLI, ping.fragments(1480));
        assertThat(answer).hasSize(3);
        assertThat(answer.getFirst())
                .startsWith(BACK + "10.1.0.100 > 10.1.0.11 icmp 0/0 rest 0x10002 len 1472");
        assertThat(answer.getLast()).endsWith("fragment 2960");
    }

    @Test
    void givesTheHostItsDatagrams() {
        someService();
        try (MemoryLink loopback = MemoryLink.open("lo", 9, null)) {
            bench.worker().pipeline().attachHost(loopback.port());
            FrameBuilder datagram = to(VIP, 100);
            assertThat(bench.send(CLI, datagram.fragments(48))).isEmpty();
            byte[] handed = loopback.poll();
            assertThat(handed).isNotNull();
            byte[] whole = datagram.bytes();
            assertThat(Arrays.copyOfRange(handed, 14, handed.length))
                    .isEqualTo(Arrays.copyOfRange(whole, 14, whole.length));
            assertThat(bench.worker().drops().snapshot()).isEmpty();
        }
    }

    @Test
    void mayNotCutWhatCameUncut() {
        WorkerBench.Options options = new WorkerBench.Options();
        options.serverMtu = 1000;
        try (WorkerBench narrow = new WorkerBench(options)) {
            narrow.service(ServiceId.UDP, 53, ForwardingMethod.MASQUERADE, 53);
            assertThat(narrow.send(CLI, to(SERVER, 2000).dontFragment().fragments(1480)))
                    .singleElement()
                    .asString()
                    .startsWith(BACK + "10.1.0.1 > 10.1.0.11 icmp 3/4 rest 0x3e8 ");
            assertThat(narrow.drops(DropReason.TOO_BIG)).isEqualTo(1);
            assertThat(narrow.send(CLI, to(SERVER, 2000).fragments(1480))).hasSize(3);
            assertThat(narrow.send(CLI, to(SERVER, 2000).dontFragment().fragments(976)))
                    .hasSize(3)
                    .allMatch(words -> words.contains(" df"));
        }
    }

    @Test
    void aBurstMayCompleteMoreThanThereAreFramesFor() {
        WorkerBench.Options options = new WorkerBench.Options();
        options.fragmentedDatagrams = 64;
        options.linkFrames = 2048;
        try (WorkerBench busy = new WorkerBench(options)) {
            busy.service(ServiceId.UDP, 53, ForwardingMethod.MASQUERADE, 53);
            List<byte[]> last = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                List<byte[]> frames = to(SERVER, 8 * 49).from("10.1.0." + (11 + i), 1).fragments(8);
                last.add(frames.removeLast());
                assertThat(busy.send(CLI, frames)).isEmpty();
            }
            for (byte[] frame : last) {
                busy.inject(CLI, frame);
            }
            busy.worker().runOnce();
            assertThat(busy.worker().drops().snapshot()).isEmpty();
            assertThat(busy.frames(SRV)).hasSize(12 * 50);
        }
    }

    private static FrameBuilder to6(String address, int payload) {
        return Frames.udp()
                .macs("02:00:00:00:01:0b", CLI_MAC)
                .from(CLIENT_6, 5000)
                .to(address, 99)
                .id(7)
                .payload(new byte[payload]);
    }

    @Test
    void routesIpv6DatagramsInTheSizesTheyCameIn() {
        someService();
        List<byte[]> frames = to6(SERVER_6, 112).fragments(48);
        assertThat(bench.send(CLI, frames.get(2))).isEmpty();
        assertThat(bench.send(CLI, frames.get(0))).isEmpty();
        assertThat(bench.send(CLI, frames.get(1)))
                .extracting(words -> words.replaceFirst(" id [0-9]+", ""))
                .containsExactly(
                        OUT + "[fd01::11]:5000 > [fd02::11]:99 udp len 40 ttl 63 fragment 0+",
                        OUT + "fd01::11 > fd02::11 udp len 48 ttl 63 fragment 48+",
                        OUT + "fd01::11 > fd02::11 udp len 24 ttl 63 fragment 96");
        assertThat(bench.worker().drops().snapshot()).isEmpty();
    }

    @Test
    void tellsIpv6SendersWhatItWaitedForInVain() {
        someService();
        bench.send(CLI, to6(VIP_6, 100).fragments(48).get(0));
        bench.pass(59_980);
        assertThat(bench.words()).isEmpty();
        bench.pass(40);
        assertThat(bench.words())
                .singleElement()
                .asString()
                .startsWith(BACK + "fd01::100 > fd01::11 icmpv6 3/1 ");
    }

    @Test
    void cutsNoIpv6FragmentAgain() {
        WorkerBench.Options options = new WorkerBench.Options();
        options.serverMtu = 1300;
        try (WorkerBench narrow = new WorkerBench(options)) {
            narrow.service(ServiceId.UDP, 53, ForwardingMethod.MASQUERADE, 53);
            assertThat(narrow.send(CLI, to6(SERVER_6, 2000).fragments(1400)))
                    .singleElement()
                    .asString()
                    .startsWith(BACK + "fd01::1 > fd01::11 icmpv6 2/0 rest 0x514 ");
            assertThat(narrow.send(CLI, to6(SERVER_6, 2000).fragments(1248))).hasSize(2);
        }
    }

    @Test
    void repeatsInEachIpv6FragmentWhatRoutersLookAt() {
        someService();
        List<byte[]> frames = new ArrayList<>();
        for (byte[] frame : to6(SERVER_6, 100).fragments(64)) {
            frames.add(withHopByHop(frame));
        }
        bench.inject(CLI, frames.get(0));
        bench.inject(CLI, frames.get(1));
        bench.run();
        List<byte[]> sent = bench.frames(SRV);
        assertThat(sent).hasSize(2);
        for (int i = 0; i < 2; i++) {
            byte[] expected = frames.get(i).clone();
            byte[] seen = sent.get(i);
            // Addresses, the hop limit and the identification are others.
            System.arraycopy(seen, 0, expected, 0, 12);
            expected[21]--;
            System.arraycopy(seen, 66, expected, 66, 4);
            assertThat(seen).isEqualTo(expected);
        }
    }

    private static byte[] withHopByHop(byte[] frame) {
        byte[] options = {44, 0, 1, 4, 0, 0, 0, 0};
        byte[] longer = Arrays.copyOf(frame, frame.length + options.length);
        System.arraycopy(frame, 54, longer, 54 + options.length, frame.length - 54);
        System.arraycopy(options, 0, longer, 54, options.length);
        longer[20] = 0;
        longer[19] += (byte) options.length;
        return longer;
    }
}
