package io.weir.dr;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.TunnelSettings;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;

/** What routers say about the outer packets of tunnels (recorded: icmp-dr-2). */
class TunnelErrorsTest {
    private final WorkerBench bench = new WorkerBench(TunnelForwarder::new);

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static FrameBuilder question(int payload) {
        return Frames.udp()
                .from(CLIENT, 4000)
                .to(VIP, 53)
                .payload(new byte[payload])
                .dontFragment();
    }

    private void service(TunnelSettings.Type type, TunnelSettings.Checksum checksum) {
        ServiceId id = ServiceId.of(ServiceId.UDP, WorkerBench.address(VIP), 53);
        bench.worker().director().addService(id, ServiceSettings.of("first"));
        TunnelSettings tunnel =
                new TunnelSettings(type, type == TunnelSettings.Type.GUE ? 6080 : 0, checksum);
        ServerSettings settings = new ServerSettings(ForwardingMethod.TUNNEL, 1, 0, 0, tunnel);
        ServerId server = new ServerId(WorkerBench.address(SERVER), 53);
        bench.worker().director().addServer(id, server, settings);
    }

    /** The outer packet of a question, from its IP header on. */
    private byte[] outer(int payload) {
        bench.inject(
                WorkerBench.CLI,
                question(payload).macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).bytes());
        bench.run();
        byte[] frame = bench.frames(WorkerBench.SRV).getFirst();
        return Arrays.copyOfRange(frame, 14, frame.length);
    }

    private List<String> told(int type, int code, int rest, byte[] quote) {
        return bench.fromServer(
                Frames.icmp(type, code, rest).from("10.2.0.254").to("10.2.0.1").payload(quote));
    }

    @Test
    void tellsTheClientByWhatWasKnownBefore() {
        for (TunnelSettings.Type type : TunnelSettings.Type.values()) {
            for (TunnelSettings.Checksum checksum :
                    List.of(TunnelSettings.Checksum.NONE, TunnelSettings.Checksum.FULL)) {
                bench.worker().director().clear();
                service(type, checksum);
                byte[] outer = outer(10);
                int overhead = outer.length - 38;
                assertThat(told(3, 4, 1280 - overhead, outer))
                        .singleElement()
                        .asString()
                        .startsWith("cli 02:00:00:00:00:01 > 02:00:00:00:01:0b 10.1.0.100 > ")
                        .contains(" icmp 3/4 rest 0x");
            }
        }
    }

    @Test
    void learnsThePath() {
        service(TunnelSettings.Type.IPIP, TunnelSettings.Checksum.NONE);
        byte[] outer = outer(1300);
        assertThat(told(3, 4, 1280, outer)).singleElement().asString().contains("rest 0x5c8 ");
        assertThat(told(3, 4, 1280, outer)).singleElement().asString().contains("rest 0x5c8 ");
        assertThat(bench.fromClient(question(1300)))
                .singleElement()
                .asString()
                .contains("icmp 3/4 rest 0x4ec ");
        assertThat(told(3, 4, 1500, outer)).singleElement().asString().contains("rest 0x4ec ");
        bench.pass(600_000);
        assertThat(bench.fromClient(question(1300))).singleElement().asString().startsWith("srv ");
    }

    @Test
    void relaysTimeExceededAndCountsIt() {
        service(TunnelSettings.Type.IPIP, TunnelSettings.Checksum.NONE);
        byte[] outer = outer(10);
        assertThat(told(11, 0, 0, outer))
                .singleElement()
                .asString()
                .contains("10.1.0.100 > 10.1.0.11 icmp 11/0 ");
        // The error of 66 bytes, and the 38 bytes quoted, as the kernel counts them.
        assertThat(bench.worker().director().totals().outPackets()).isEqualTo(2);
        assertThat(bench.worker().director().totals().outBytes()).isEqualTo(66 + 38);
    }

    @Test
    void swallowsWhatSaysTooLittle() {
        service(TunnelSettings.Type.IPIP, TunnelSettings.Checksum.NONE);
        byte[] outer = outer(10);
        for (int bytes = 0; bytes < 44; bytes++) {
            assertThat(told(3, 3, 0, Arrays.copyOf(outer, bytes))).as("" + bytes).isEmpty();
        }
        assertThat(told(3, 3, 0, Arrays.copyOf(outer, 44))).hasSize(1);
        assertThat(told(5, 1, 0, outer)).isEmpty();
        byte[] stranger = outer.clone();
        stranger[19] = 99;
        assertThat(told(3, 3, 0, stranger)).isEmpty();
        long before = bench.drops(DropReason.ICMP_INVALID);
        FrameBuilder damaged = Frames.icmpError(3, 3, outer).wrongChecksum();
        assertThat(bench.fromServer(damaged.from("10.2.0.254").to("10.2.0.1"))).isEmpty();
        assertThat(bench.drops(DropReason.ICMP_INVALID)).isEqualTo(before + 1);
    }
}
