package io.weir.dataplane.egress;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.io.memory.MemoryPort;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.spi.Forwarder;
import io.weir.dataplane.spi.PacketSelection;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LocalDeliveryTest {
    private final MemoryLink host = MemoryLink.open(new MemoryPort.End("lo", 9, null), 16, 4096);
    private final WorkerBench bench =
            new WorkerBench(
                    context -> new Nothing(ForwardingMethod.ROUTE),
                    context -> new Nothing(ForwardingMethod.MASQUERADE));

    /** Connections to the host itself never get as far as a forwarder. */
    private record Nothing(ForwardingMethod method) implements Forwarder {
        @Override
        public void forward(PacketSelection packets, ConnectionTable connections) {
            throw new AssertionError("nothing to forward");
        }
    }

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
        host.close();
        host.port().close();
    }

    private void service(ForwardingMethod method, String server, int port) {
        ServiceId id = ServiceId.of(ServiceId.TCP, WorkerBench.address(VIP), 80);
        bench.worker().director().addService(id, ServiceSettings.of("first"));
        bench.worker()
                .director()
                .addServer(
                        id,
                        new ServerId(WorkerBench.address(server), port),
                        ServerSettings.of(method, 1));
    }

    private static FrameBuilder syn() {
        return Frames.tcp().from(CLIENT, 4000).to(VIP, 80).syn();
    }

    @Test
    void handsThePacketToTheHostAsItCame() {
        bench.worker().pipeline().attachHost(host.port());
        service(ForwardingMethod.ROUTE, "10.2.0.1", 80);
        assertThat(bench.fromClient(syn().ttl(1))).isEmpty();
        assertThat(FrameWords.frame(host.poll()))
                .isEqualTo(
                        "00:00:00:00:00:00 > 00:00:00:00:00:00 10.1.0.11:4000 > 10.1.0.100:80"
                                + " tcp S seq 0 win 65535 ttl 1");
        assertThat(bench.worker().drops().snapshot().values()).allMatch(count -> count == 0);
    }

    @Test
    void natIsGoodForTheVirtualPortAlone() {
        bench.worker().pipeline().attachHost(host.port());
        service(ForwardingMethod.MASQUERADE, "10.2.0.1", 80);
        bench.fromClient(syn());
        assertThat(FrameWords.frame(host.poll())).contains("10.1.0.11:4000 > 10.1.0.100:80");
    }

    @Test
    void natToAnotherPortIsDropped() {
        bench.worker().pipeline().attachHost(host.port());
        service(ForwardingMethod.MASQUERADE, "10.2.0.1", 8080);
        assertThat(bench.fromClient(syn())).isEmpty();
        assertThat(host.poll()).isNull();
        assertThat(bench.drops(DropReason.LOCAL_PORT)).isEqualTo(1);
    }

    @Test
    void withoutAHostTheBalancersOwnStackAnswers() {
        service(ForwardingMethod.ROUTE, "10.2.0.1", 80);
        assertThat(bench.fromClient(syn()))
                .singleElement()
                .asString()
                .contains("10.1.0.100:80 > 10.1.0.11:4000 tcp RA");
    }
}
