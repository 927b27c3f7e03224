package io.weir.dataplane.worker;

import static io.weir.dataplane.testing.WorkerBench.CLI;
import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.SRV;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.spi.Forwarder;
import io.weir.dataplane.spi.PacketSelection;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerTest {
    private boolean broken;
    private final Forwarder forwarder =
            new Forwarder() {
                @Override
                public ForwardingMethod method() {
                    return ForwardingMethod.ROUTE;
                }

                @Override
                public void forward(PacketSelection packets, ConnectionTable connections) {
                    if (broken) {
                        throw new IllegalStateException("broken");
                    }
                }
            };
    private final WorkerBench bench =
            new WorkerBench(context -> forwarder)
                    .service(ServiceId.TCP, 80, ForwardingMethod.ROUTE, 80);

    @AfterEach
    void close() {
        bench.close();
    }

    private static FrameBuilder syn(int port) {
        return Frames.tcp().from(CLIENT, port).to(VIP, 80).syn();
    }

    @Test
    void sendsToTheServer() {
        assertThat(bench.fromClient(syn(4000)))
                .containsExactly(
                        "srv 02:00:00:00:00:02 > 02:00:00:00:02:0b 10.1.0.11:4000 > 10.1.0.100:80"
                                + " tcp S seq 0 win 65535 ttl 63");
        assertThat(bench.faults()).isEmpty();
    }

    @Test
    void aFaultCostsItsBurstAndNothingElse() {
        broken = true;
        for (int burst = 0; burst < 70; burst++) {
            assertThat(bench.fromClient(syn(4000 + burst))).isEmpty();
        }
        assertThat(bench.faults()).hasSize(70);
        assertThat(bench.drops(DropReason.INTERNAL_ERROR)).isEqualTo(70);
        broken = false;
        assertThat(bench.fromClient(syn(4000))).hasSize(1);
        assertThat(bench.faults()).hasSize(70);
    }

    @Test
    void aFaultOfACommandIsReported() throws InterruptedException {
        bench.worker().commands().attach(() -> {});
        Thread other =
                new Thread(
                        () ->
                                bench.worker()
                                        .commands()
                                        .post(
                                                () -> {
                                                    throw new IllegalStateException("command");
                                                }));
        other.start();
        other.join();
        bench.run();
        assertThat(bench.faults()).hasSize(1);
        assertThat(bench.fromClient(syn(4000))).hasSize(1);
    }

    @Test
    void nobodyElseSpeaksWithOurAddresses() {
        assertThat(bench.fromClient(syn(80).from(VIP, 80))).isEmpty();
        assertThat(bench.fromClient(syn(9).from("10.1.0.1", 9))).isEmpty();
        assertThat(bench.fromServer(syn(9).from("10.2.0.1", 9))).isEmpty();
        assertThat(bench.fromServer(Frames.ping(1, 1).from(VIP).to("10.2.0.1"))).isEmpty();
        assertThat(bench.drops(DropReason.SOURCE_INVALID)).isEqualTo(4);
        assertThat(bench.worker().director().connectionCount()).isZero();
    }

    @Test
    void nobodySpeaksWithABroadcastAddress() {
        for (String source : new String[] {"10.1.0.255", "10.2.0.255", "255.255.255.255"}) {
            assertThat(bench.fromClient(Frames.ping(1, 1).from(source).to(VIP))).isEmpty();
        }
        assertThat(bench.drops(DropReason.SOURCE_INVALID)).isEqualTo(3);
    }

    @Test
    void doesNotRouteToManyHosts() {
        String[] nobody = {"10.2.0.255", "255.255.255.255", "224.0.0.5", "127.0.0.1", "0.0.0.0"};
        for (String destination : nobody) {
            assertThat(bench.fromClient(Frames.udp().from(CLIENT, 1).to(destination, 7))).isEmpty();
        }
        assertThat(bench.drops(DropReason.DESTINATION_INVALID)).isEqualTo(nobody.length);
    }

    @Test
    void routesWhatConcernsNoService() {
        assertThat(bench.fromClient(Frames.udp().from(CLIENT, 1).to(SERVER, 7)))
                .containsExactly(
                        "srv 02:00:00:00:00:02 > 02:00:00:00:02:0b 10.1.0.11:1 > 10.2.0.11:7 udp"
                                + " ttl 63");
    }

    @Test
    void routesOnlyIfItMay() {
        WorkerBench.Options options = new WorkerBench.Options();
        options.routing = false;
        try (WorkerBench host = new WorkerBench(options)) {
            assertThat(host.fromClient(Frames.udp().from(CLIENT, 1).to(SERVER, 7))).isEmpty();
            assertThat(host.drops(DropReason.FORWARDING_OFF)).isEqualTo(1);
            FrameBuilder ipv6 = Frames.udp().from("fd01::b", 1).to("fd02::b", 7);
            assertThat(host.fromClient(ipv6)).hasSize(1);
        }
        options.routing = true;
        options.routingIpv6 = false;
        try (WorkerBench host = new WorkerBench(options)) {
            assertThat(host.fromClient(Frames.udp().from(CLIENT, 1).to(SERVER, 7))).hasSize(1);
            assertThat(host.fromClient(Frames.udp().from("fd01::b", 1).to("fd02::b", 7))).isEmpty();
            assertThat(host.drops(DropReason.FORWARDING_OFF)).isEqualTo(1);
        }
    }

    @Test
    void framesForOthersAreNotTaken() {
        byte[] frame = syn(4000).macs("02:00:00:00:01:0b", "02:00:00:00:00:09").bytes();
        assertThat(bench.send(CLI, frame)).isEmpty();
        assertThat(bench.drops(DropReason.NOT_OURS)).isEqualTo(1);
        byte[] broadcast = syn(4000).macs("02:00:00:00:01:0b", "ff:ff:ff:ff:ff:ff").bytes();
        assertThat(bench.send(SRV, broadcast)).isEmpty();
        assertThat(bench.drops(DropReason.NOT_OURS)).isEqualTo(2);
    }

    @Test
    void countsMethodsNobodyServes() {
        bench.service(ServiceId.TCP, 81, ForwardingMethod.MASQUERADE, 81);
        assertThat(bench.fromClient(Frames.tcp().from(CLIENT, 1).to(VIP, 81).syn())).isEmpty();
        assertThat(bench.drops(DropReason.METHOD_UNSUPPORTED)).isEqualTo(1);
    }
}
