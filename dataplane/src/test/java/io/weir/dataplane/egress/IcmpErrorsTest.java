package io.weir.dataplane.egress;

import static io.weir.dataplane.testing.WorkerBench.CLI;
import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.List;

class IcmpErrorsTest {
    private final WorkerBench bench = new WorkerBench();

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static FrameBuilder closed() {
        return Frames.udp().from(CLIENT, 1).to(VIP, 7);
    }

    private String error(FrameBuilder about) {
        List<String> words = bench.fromClient(about);
        assertThat(words).hasSize(1);
        return words.getFirst();
    }

    @Test
    void quotesAtMost548Bytes() {
        for (int payload : new int[] {0, 519, 520, 521, 1400}) {
            bench.inject(
                    CLI,
                    closed().payload(new byte[payload])
                            .macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC)
                            .bytes());
            bench.run();
            byte[] frame = bench.frames(CLI).getFirst();
            assertThat(frame.length - 14).isEqualTo(20 + 8 + Math.min(548, 28 + payload));
        }
    }

    @Test
    void raisesThePrecedence() {
        assertThat(error(closed().tos(0xb8))).contains(" tos 216 ");
        assertThat(error(closed().tos(0x03))).contains(" tos 192 ");
        assertThat(error(closed().tos(0x1f))).contains(" tos 220 ");
    }

    @Test
    void speaksWithTheAddressThatWasAskedOrTheOneOnTheWayBack() {
        assertThat(error(closed())).contains(" 10.1.0.100 > 10.1.0.11 ");
        assertThat(error(closed().to("10.2.0.1", 7))).contains(" 10.2.0.1 > 10.1.0.11 ");
        assertThat(error(closed().to(SERVER, 7).ttl(1))).contains(" 10.1.0.1 > 10.1.0.11 ");
        assertThat(bench.fromServer(Frames.udp().from(SERVER, 1).to(CLIENT, 1).ttl(1)).getFirst())
                .contains(" 10.2.0.1 > 10.2.0.11 ");
    }

    @Test
    void neverTellsOfAnError() {
        byte[] quoted = Frames.udp().from(SERVER, 1).to(CLIENT, 1).packet();
        for (int type : new int[] {3, 4, 5, 11, 12}) {
            FrameBuilder error = Frames.icmpError(type, 0, quoted).from(CLIENT).to(SERVER);
            assertThat(bench.fromClient(error.ttl(1))).as("type %d", type).isEmpty();
        }
        assertThat(error(Frames.ping(1, 1).from(CLIENT).to(SERVER).ttl(1))).contains("icmp 11/0");
    }

    @Test
    void tellsOfTheFirstFragmentOnly() {
        List<byte[]> parts =
                Frames.udp()
                        .from(CLIENT, 1)
                        .to(SERVER, 7)
                        .ttl(1)
                        .payload(new byte[100])
                        .macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC)
                        .fragments(48);
        assertThat(bench.send(CLI, parts.get(0))).hasSize(1);
        assertThat(bench.send(CLI, parts.get(1))).isEmpty();
        assertThat(bench.send(CLI, parts.get(2))).isEmpty();
    }

    @Test
    void hasALimit() {
        WorkerBench.Options options = new WorkerBench.Options();
        options.icmpErrorsPerSecond = 100;
        try (WorkerBench limited = new WorkerBench(options)) {
            int told = 0;
            for (int i = 0; i < 20; i++) {
                told += limited.fromClient(closed()).size();
            }
            assertThat(told).isEqualTo(5);
            assertThat(limited.drops(DropReason.ICMP_LIMITED)).isEqualTo(15);
            limited.pass(20);
            assertThat(limited.fromClient(closed())).hasSize(1);
            assertThat(limited.fromClient(closed())).hasSize(1);
            assertThat(limited.fromClient(closed())).isEmpty();
        }
    }
}
