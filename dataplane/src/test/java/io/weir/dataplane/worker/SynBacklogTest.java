package io.weir.dataplane.worker;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.offload.SynCredit;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.UnchangedForwarder;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the worker tells the kernel of the packets that it takes, and hears of refused SYNs. */
class SynBacklogTest {
    private final NativeBlock shared = new NativeBlock(SynCredit.BYTES);
    private final WorkerBench bench =
            new WorkerBench(context -> new UnchangedForwarder())
                    .service(ServiceId.TCP, 80, ForwardingMethod.ROUTE, 80);

    SynBacklogTest() {
        bench.worker().limitSyns(new SynCredit(shared.address()));
    }

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
        shared.close();
    }

    private long left() {
        return Memory.nativeLong(shared.address() + SynCredit.MOST_ACCEPTED)
                - Memory.nativeLong(shared.address() + SynCredit.ACCEPTED);
    }

    private void count(int offset, long more) {
        long at = shared.address() + offset;
        Memory.putNativeLong(at, Memory.nativeLong(at) + more);
    }

    @Test
    void everyPacketTakenLetsOneMoreWait() {
        bench.cycle(0);
        count(SynCredit.ACCEPTED, SynCredit.MOST_WAITING);
        for (int i = 1; i <= 3; i++) {
            bench.inject(
                    WorkerBench.CLI,
                    Frames.tcp()
                            .from(CLIENT, 4000 + i)
                            .to(VIP, 80)
                            .syn()
                            .macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC)
                            .bytes());
        }
        bench.worker().runOnce();
        assertThat(left()).isZero();
        bench.worker().runOnce();
        assertThat(left()).isEqualTo(3);
        bench.worker().runOnce();
        assertThat(left()).isEqualTo(SynCredit.MOST_WAITING);
    }

    @Test
    void whatTheKernelRefusesIsCountedOnce() {
        count(SynCredit.REFUSED, 5_000);
        bench.cycle(1);
        bench.cycle(1);
        assertThat(bench.drops(DropReason.SYN_BACKLOG)).isEqualTo(5_000);
    }
}
