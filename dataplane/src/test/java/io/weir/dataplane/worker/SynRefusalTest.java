package io.weir.dataplane.worker;

import static io.weir.dataplane.testing.WorkerBench.CLI;
import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.CLIENT_6;
import static io.weir.dataplane.testing.WorkerBench.CLI_MAC;
import static io.weir.dataplane.testing.WorkerBench.SRV;
import static io.weir.dataplane.testing.WorkerBench.VIP;
import static io.weir.dataplane.testing.WorkerBench.VIP_6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.UnchangedForwarder;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A flood of SYNs that has filled the table, and what else comes meanwhile. */
class SynRefusalTest {
    private static final int CAPACITY = 4096;
    private static final int BURST = 60;
    private static final FrameBuilder DATA = toService(CLIENT, 4000).ack(1);

    private final WorkerBench bench =
            new WorkerBench(context -> new UnchangedForwarder())
                    .service(ServiceId.TCP, 80, ForwardingMethod.ROUTE, 80)
                    .service6(ServiceId.TCP, 80, ForwardingMethod.ROUTE, 80);
    private int floods;

    @BeforeEach
    void flood() {
        bench.fromClient(toService(CLIENT, 4000).syn());
        bench.fromClient(DATA);
        // No break for 100 ms, so that no more than the least may begin.
        for (int i = 0; i < 100; i++) {
            send(DATA);
            bench.cycle(1);
        }
        for (int i = 0; i < CAPACITY / BURST; i++) {
            synBurst();
            bench.cycle(0);
        }
        bench.frames(SRV);
        assertThat(bench.drops(DropReason.ADMISSION)).isPositive();
    }

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static FrameBuilder toService(String client, int port) {
        return Frames.tcp().from(client, port).to(VIP, 80);
    }

    private void send(FrameBuilder packet) {
        bench.inject(CLI, packet.macs("02:00:00:00:01:0b", CLI_MAC).bytes());
    }

    private void synBurst() {
        for (int i = 0; i < BURST; i++) {
            floods++;
            send(toService("198.51." + (floods >>> 8 & 0xff) + "." + (floods & 0xff), 1024).syn());
        }
    }

    /** Lets nothing more begin in this millisecond. */
    private void exhaust() {
        for (int i = 0; i < 40; i++) {
            synBurst();
            bench.cycle(0);
        }
        bench.frames(SRV);
    }

    @Test
    void aHundredConnectionsBeginInAMillisecond() {
        exhaust();
        long refused = bench.drops(DropReason.ADMISSION);
        synBurst();
        bench.cycle(1);
        synBurst();
        bench.cycle(0);
        synBurst();
        bench.cycle(0);
        assertThat(bench.frames(SRV)).size().isEqualTo(100);
        assertThat(bench.drops(DropReason.ADMISSION) - refused).isEqualTo(3 * BURST - 100);
        assertThat(bench.drops(DropReason.CONNECTION_TABLE_FULL)).isZero();
    }

    @Test
    void packetsOfConnectionsPassAmongTheRefusedInTheirOrder() {
        exhaust();
        long refused = bench.drops(DropReason.ADMISSION);
        send(toService("198.51.100.1", 1).syn());
        send(toService(CLIENT, 4000).ack(1).seq(7));
        send(toService("198.51.100.1", 2).syn());
        send(toService(CLIENT, 4000).ack(1).seq(8));
        send(toService("198.51.100.1", 3).syn());
        bench.cycle(0);
        assertThat(bench.words())
                .satisfiesExactly(
                        first -> assertThat(first).contains("seq 7"),
                        second -> assertThat(second).contains("seq 8"));
        assertThat(bench.drops(DropReason.ADMISSION) - refused).isEqualTo(3);
    }

    @Test
    void whatIsNoSynToAServiceIsLeftToTheSteps() {
        exhaust();
        long refused = bench.drops(DropReason.ADMISSION);
        send(Frames.tcp().from(CLIENT, 4001).to(VIP, 81).syn());
        bench.cycle(0);
        assertThat(bench.words()).singleElement().asString().contains("4001 tcp RA");
        bench.inject(
                CLI,
                toService(CLIENT, 4003)
                        .syn()
                        .macs("02:00:00:00:01:0b", "02:00:00:00:09:09")
                        .bytes());
        bench.cycle(0);
        assertThat(bench.drops(DropReason.NOT_OURS)).isEqualTo(1);
        assertThat(bench.drops(DropReason.ADMISSION)).isEqualTo(refused);
    }

    @Test
    void otherNewConnectionsAreRefusedWhereTheyWouldBeScheduled() {
        exhaust();
        long refused = bench.drops(DropReason.ADMISSION);
        send(Frames.tcp().from(CLIENT_6, 4001).to(VIP_6, 80).syn());
        bench.cycle(0);
        assertThat(bench.words()).isEmpty();
        assertThat(bench.drops(DropReason.ADMISSION) - refused).isEqualTo(1);
    }

    @Test
    void theLimitEndsWithTheFlood() {
        exhaust();
        bench.pass(70_000);
        long refused = bench.drops(DropReason.ADMISSION);
        for (int i = 0; i < 40; i++) {
            synBurst();
            bench.cycle(0);
            assertThat(bench.frames(SRV)).size().isEqualTo(BURST);
        }
        assertThat(bench.drops(DropReason.ADMISSION)).isEqualTo(refused);
    }
}
