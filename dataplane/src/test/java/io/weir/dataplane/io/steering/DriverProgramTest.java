package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.ClientSpread;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.NamespaceLab;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** What the driver's program decides by itself; the rest is in {@link BothPrograms}. */
class DriverProgramTest {
    private static final int XDP_PASS = 2;
    private static final int XDP_REDIRECT = 4;
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
                                    new SocketMap(sockets.number(), ClientSpread.ALONE),
                                    number,
                                    BothPrograms.LONGEST,
                                    false)) {
                // Taken or not, without a socket it is passed on and not counted.
                byte[] frame = FRAME.macs(PEER, mac).bytes();
                assertThat(Bpf.testRun(program.number(), frame, "test")).isEqualTo(XDP_PASS);
                assertThat(steering.takenPackets()).isZero();
            }
        }
    }

    @Test
    void ofSeveralWorkersTheOneThatHasTheClientGetsFramesIfItHasTheirQueue() throws Exception {
        Random random = Seed.ofThisRun().random();
        int workers = 2 + random.nextInt(15);
        ClientSpread spread = new ClientSpread(workers, random.nextLong());
        int entries = SocketMap.entries(workers);
        NamespaceLab.assumeRoot();
        try (KernelSteering steering = KernelSteering.open();
                Descriptor sockets = Bpf.createMap(Bpf.MAP_XSK, 4, 4, entries, 0, "test");
                Descriptor socket = Sockets.open(Sockets.AF_XDP, Sockets.SOCK_RAW, 0, "test");
                Descriptor program =
                        steering.loadDriverProgram(
                                new SocketMap(sockets.number(), spread),
                                0,
                                BothPrograms.LONGEST,
                                false)) {
            Set<Endpoint> virtual = new HashSet<>();
            Set<Endpoint> servers = new HashSet<>();
            for (String family : List.of("192.0.2.", "2001:db8::")) {
                virtual.add(new Endpoint(6, IpAddress.parse(family + 10), 80));
                servers.add(new Endpoint(6, IpAddress.parse(family + 5), 8080));
            }
            steering.update(new SteeringRules(virtual, servers));
            BitSet served = new BitSet();
            for (int worker = 0; worker < workers; worker++) {
                // Frames of a test come by the first queue; all others' places are as good as any.
                int queue = random.nextBoolean() ? 0 : 1 + random.nextInt(15);
                served.set(worker, queue == 0);
                put(sockets, SocketMap.place(worker, queue), socket);
            }
            int redirected = 0;
            for (int i = 0; i < 100; i++) {
                boolean ipv6 = random.nextBoolean();
                String family = ipv6 ? "2001:db8::" : "192.0.2.";
                IpAddress client =
                        ipv6
                                ? IpAddress.v6(0x20010db8_00000001L, random.nextLong())
                                : IpAddress.v4(0xc6330000 | random.nextInt(1 << 16));
                int worker =
                        ipv6
                                ? spread.worker(client.high(), client.low())
                                : spread.worker(0, EndpointSteering.mappedLow(client.v4()));
                FrameBuilder tcp = Frames.tcp().syn().macs(PEER, HERE);
                byte[] frame =
                        (random.nextBoolean()
                                        ? tcp.from(client.toString(), 4000).to(family + 10, 80)
                                        : tcp.from(family + 5, 8080).to(client.toString(), 4000))
                                .bytes();
                int result = Bpf.testRun(program.number(), frame, "test");
                assertThat(result)
                        .as("%s of %d workers, %s", client, workers, Seed.ofThisRun())
                        .isEqualTo(served.get(worker) ? XDP_REDIRECT : XDP_PASS);
                redirected += served.get(worker) ? 1 : 0;
            }
            assertThat(steering.takenPackets()).isEqualTo(redirected);
        }
    }

    private static void put(Descriptor sockets, int place, Descriptor socket) throws Exception {
        try (NativeBlock entry = new NativeBlock(2L * Integer.BYTES)) {
            long at = entry.address();
            Memory.putNativeInt(at, place);
            Memory.putNativeInt(at + Integer.BYTES, socket.number());
            SystemCallException.check(
                    Bpf.update(sockets.number(), at, at + Integer.BYTES), "test", "bpf");
        }
    }
}
