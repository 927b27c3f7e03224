package io.weir.dataplane.director;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.spi.Forwarder;
import io.weir.dataplane.spi.PacketSelection;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** What settings of net.ipv4.vs do to packets. */
class SettingsTest {
    private static final String FOREIGN = "198.51.100.7";
    private static final int MARK = 7;

    private WorkerBench bench = bench(new WorkerBench.Options());

    private static WorkerBench bench(WorkerBench.Options options) {
        return new WorkerBench(
                options,
                context -> new Unchanged(ForwardingMethod.ROUTE),
                context -> new Unchanged(ForwardingMethod.BYPASS));
    }

    private record Unchanged(ForwardingMethod method) implements Forwarder {
        @Override
        public void forward(PacketSelection packets, ConnectionTable connections) {}
    }

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private void set(Sysctl sysctl, int value) {
        bench.worker().director().sysctls().set(sysctl, value);
    }

    private List<String> datagram(int port) {
        return bench.fromClient(Frames.udp().from(CLIENT, port).to(VIP, 53));
    }

    private List<String> segment(int port, int flags) {
        return bench.fromClient(Frames.tcp().from(CLIENT, port).to(VIP, 80).flags(flags));
    }

    private List<ConnectionListing> connections() {
        List<ConnectionListing> all = new ArrayList<>();
        bench.worker().director().connections(all::add);
        return all;
    }

    private List<Integer> clientPorts() {
        return connections().stream().map(ConnectionListing::clientPort).sorted().toList();
    }

    @Test
    void dropPacketRefusesConnectionsInSilence() {
        bench.service(ServiceId.UDP, 53, ForwardingMethod.ROUTE, 53);
        set(Sysctl.DROP_PACKET, 3);
        set(Sysctl.AM_DROPRATE, 2);
        bench.pass(1_000);
        assertThat(datagram(1)).isEmpty();
        assertThat(datagram(2)).hasSize(1);
        assertThat(datagram(3)).isEmpty();
        assertThat(datagram(2)).as("not a new one").hasSize(1);
        assertThat(bench.drops(DropReason.DEFENCE)).isEqualTo(2);
    }

    @Test
    void dropEntryEndsWhatLooksLikeAFlood() {
        bench.service(ServiceId.TCP, 80, ForwardingMethod.ROUTE, 80);
        bench.service(ServiceId.UDP, 53, ForwardingMethod.ROUTE, 53);
        datagram(1);
        for (int i = 0; i < 9; i++) {
            datagram(2);
        }
        segment(3, 2);
        segment(3, 16);
        bench.pass(40_000);
        segment(4, 2);
        segment(5, 2);
        segment(5, 16);
        set(Sysctl.DROP_ENTRY, 3);
        bench.pass(33_000);
        assertThat(clientPorts()).as("4 is half open").doesNotContain(4);
        segment(5, 16);
        bench.pass(33_000);
        // 1 was idle for a minute; 2 had nine packets, 5 was never idle so long. 3 had two packets:
        // of these every second is spared.
        assertThat(clientPorts()).contains(2, 5).doesNotContain(1);
        assertThat(bench.worker().director().connectionCount()).isEqualTo(clientPorts().size());
    }

    @Test
    void runEstimationStopsRates() {
        bench.service(ServiceId.UDP, 53, ForwardingMethod.ROUTE, 53);
        set(Sysctl.RUN_ESTIMATION, 0);
        datagram(1);
        bench.pass(5_000);
        assertThat(bench.worker().director().totals().inPacketRate()).isZero();
        set(Sysctl.RUN_ESTIMATION, 1);
        datagram(1);
        bench.pass(2_000);
        assertThat(bench.worker().director().totals().inPacketRate()).isNotZero();
    }

    @Test
    void scheduleIcmpConnectsTheClientOfAnError() {
        bench.service(ServiceId.UDP, 53, ForwardingMethod.ROUTE, 53);
        byte[] answer = Frames.udp().from(VIP, 53).to(CLIENT, 4000).payload("x").packet();
        byte[] unknown = Frames.udp().from(VIP, 54).to(CLIENT, 4000).payload("x").packet();
        assertThat(bench.fromClient(Frames.icmpError(3, 3, answer).from(CLIENT).to(VIP))).isEmpty();
        set(Sysctl.SCHEDULE_ICMP, 1);
        assertThat(bench.fromClient(Frames.icmpError(3, 3, unknown).from(CLIENT).to(VIP)))
                .isEmpty();
        assertThat(connections()).isEmpty();
        assertThat(bench.fromClient(Frames.icmpError(3, 3, answer).from(CLIENT).to(VIP)))
                .singleElement()
                .asString()
                .startsWith("srv ");
        assertThat(connections()).singleElement().extracting("expiresSeconds").isEqualTo(3);
        // No server, no answer to an error (RFC 1122 3.2.2).
        bench.worker().director().clear();
        ServiceId id = ServiceId.of(ServiceId.UDP, WorkerBench.address(VIP), 55);
        bench.worker().director().addService(id, ServiceSettings.of("first"));
        byte[] noServer = Frames.udp().from(VIP, 55).to(CLIENT, 4000).payload("x").packet();
        assertThat(bench.fromClient(Frames.icmpError(3, 3, noServer).from(CLIENT).to(VIP)))
                .isEmpty();
        assertThat(bench.drops(DropReason.NO_SERVER)).isEqualTo(1);
    }

    @Test
    void scheduleIcmpConnectsTheClientOfAnIpv6Error() {
        bench.service6(ServiceId.UDP, 53, ForwardingMethod.ROUTE, 53);
        byte[] answer =
                Frames.udp()
                        .from(WorkerBench.VIP_6, 53)
                        .to(WorkerBench.CLIENT_6, 4000)
                        .payload("x")
                        .packet();
        FrameBuilder error =
                Frames.icmpError(1, 4, answer).from(WorkerBench.CLIENT_6).to(WorkerBench.VIP_6);
        assertThat(bench.fromClient(error)).isEmpty();
        set(Sysctl.SCHEDULE_ICMP, 1);
        assertThat(bench.fromClient(error))
                .singleElement()
                .asString()
                .startsWith(
                        "srv 02:00:00:00:00:02 > 02:00:00:00:02:0b fd01::11 > fd01::100 icmpv6");
        assertThat(connections()).singleElement().extracting("expiresSeconds").isEqualTo(3);
        assertThat(bench.fromClient(error)).hasSize(1);
        assertThat(connections()).hasSize(1);
    }

    @Test
    void cacheBypassLetsPacketsPassToWhereTheyWereGoing() {
        bench.close();
        WorkerBench.Options options = new WorkerBench.Options();
        options.marks = new MarkTable(List.of(MarkRule.of(0, Prefix.any(false), 80, 80, MARK)));
        bench = bench(options);
        bench.worker()
                .director()
                .addService(ServiceId.ofMark(MARK, false), ServiceSettings.of("first"));
        assertThat(syn(FOREIGN)).singleElement().asString().contains("icmp 3/3");
        set(Sysctl.CACHE_BYPASS, 1);
        assertThat(syn(FOREIGN))
                .singleElement()
                .asString()
                .startsWith("cli 02:00:00:00:00:01 > 02:00:00:00:01:fe")
                .contains(" > 198.51.100.7:80 tcp S ");
        assertThat(connections())
                .singleElement()
                .extracting("server", "serverPort", "state")
                .containsExactly(WorkerBench.address("0.0.0.0"), 0, "SYN_RECV");
        assertThat(syn(FOREIGN)).as("and the next one").hasSize(1);
        assertThat(connections()).hasSize(1);
        // (recorded: sysctl-bypass)
        assertThat(syn(VIP)).singleElement().asString().contains("icmp 3/3");
        String way = "srv 02:00:00:00:00:02 > 02:00:00:00:02:0b ";
        assertThat(syn(SERVER)).singleElement().asString().startsWith(way);
        byte[] answer = Frames.tcp().from(SERVER, 80).to(CLIENT, 4000).packet();
        assertThat(bench.fromClient(Frames.icmpError(3, 3, answer).from(CLIENT).to(SERVER)))
                .as("an error about what came back")
                .singleElement()
                .asString()
                .startsWith(way)
                .contains(" > 10.2.0.11 icmp 3/3");
    }

    private List<String> syn(String to) {
        return bench.fromClient(Frames.tcp().from(CLIENT, 4000).to(to, 80).syn());
    }
}
