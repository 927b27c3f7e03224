package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.NamespaceLab;

import org.junit.jupiter.api.Test;

import java.util.Set;

/** What the driver's program decides by itself; the rest is in {@link BothPrograms}. */
class DriverProgramTest {
    private static final int XDP_PASS = 2;
    private static final String PEER = "02:00:00:00:00:01";
    private static final String HERE = "00:00:00:00:00:00";
    private static final String VIP = "192.0.2.10";
    private static final FrameBuilder FRAME = Frames.udp().from("198.51.100.7", 4000).to(VIP, 53);

    private static KernelSteering steering() throws Exception {
        NamespaceLab.assumeRoot();
        KernelSteering steering = KernelSteering.open();
        Endpoint endpoint = new Endpoint(17, IpAddress.parse(VIP), 53);
        steering.update(new SteeringRules(Set.of(endpoint), Set.of()));
        return steering;
    }

    @Test
    void framesThatDoNotFitAreLeftToThePacketSocket() throws Exception {
        try (KernelSteering steering = steering();
                BothPrograms programs = new BothPrograms(steering)) {
            int headers = 42;
            byte[] longest =
                    FRAME.macs(PEER, HERE)
                            .payload(new byte[BothPrograms.LONGEST - headers])
                            .bytes();
            assertThat(longest).hasSize(BothPrograms.LONGEST);
            assertThat(programs.isRedirected(longest)).isTrue();
            byte[] longer = FRAME.payload(new byte[BothPrograms.LONGEST - headers + 1]).bytes();
            assertThat(programs.isRedirected(longer)).isFalse();
            assertThat(steering.takenPackets()).isEqualTo(1);
        }
    }

    @Test
    void theInterfacesOwnAddressIsCompared() throws Exception {
        for (String mac : new String[] {"f2:84:96:a8:ba:cc", "02:00:00:00:00:ff"}) {
            long number = Long.parseLong(mac.replace(":", ""), 16);
            try (KernelSteering steering = steering();
                    Descriptor sockets = Bpf.createMap(Bpf.MAP_XSK, 4, 4, 1, 0, "test");
                    Descriptor program =
                            steering.loadDriverProgram(
                                    sockets.number(), number, BothPrograms.LONGEST, false)) {
                // Taken or not, without a socket it is passed on and not counted.
                byte[] frame = FRAME.macs(PEER, mac).bytes();
                assertThat(Bpf.testRun(program.number(), frame, "test")).isEqualTo(XDP_PASS);
                assertThat(steering.takenPackets()).isZero();
            }
        }
    }
}
