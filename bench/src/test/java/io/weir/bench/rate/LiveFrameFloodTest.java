package io.weir.bench.rate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weir.control.lab.Namespaces;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.io.afpacket.AfPacketPort;
import io.weir.dataplane.io.afpacket.RingSize;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.sys.NetworkNamespace;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The frames that the program in the kernel writes, against those that Java writes. */
final class LiveFrameFloodTest {
    private static final int FRAMES = 1 << 13;
    private static final int INTRUDERS = 2;
    private static final long DEADLINE_NANOS = 5_000_000_000L;

    private static List<FloodTraffic> kinds() {
        return List.of(
                FloodTrafficTest.traffic(FloodTraffic.UDP, 10),
                FloodTrafficTest.traffic(FloodTraffic.TCP, 10),
                FloodTrafficTest.overIpv6(FloodTraffic.UDP, 10),
                FloodTrafficTest.overIpv6(FloodTraffic.TCP, 10));
    }

    @Test
    void writesTheSameFramesAsTheModel() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        try (Namespaces namespaces = Namespaces.open("weir-flood-test")) {
            NetworkNamespace client = namespaces.add("client");
            NetworkNamespace balancer = namespaces.add("balancer");
            namespaces.veth(client, "client", balancer, "front");
            namespaces.configure(client, "link set client up");
            namespaces.configure(balancer, "link set front up");
            Namespaces.run(
                    Namespaces.inside(balancer, List.of("ethtool", "-K", "front", "gro", "on")),
                    "");
            for (FloodTraffic traffic : kinds()) {
                compare(client, balancer, traffic);
            }
        }
    }

    private static void compare(
            NetworkNamespace client, NetworkNamespace balancer, FloodTraffic traffic)
            throws Exception {
        RingSize ring = new RingSize(2 * FRAMES, 2048);
        try (AfPacketPort port =
                        balancer.call(
                                () -> AfPacketPort.open("front", AfPacketPort.EVERY_FRAME, ring));
                LiveFrameFlood flood = client.call(() -> LiveFrameFlood.open("client", traffic))) {
            flood.setTcpFlags(FloodTraffic.TCP_ACK);
            flood.setIntruders(INTRUDERS);
            flood.setRate(FRAMES); // the run is as long as the rate at least, and loses nothing
            client.call(
                    () -> {
                        flood.send();
                        return null;
                    });
            assertThat(flood.sent()).isEqualTo(FRAMES);
            // SYNs may overtake others, which generic receive offload keeps for a while.
            Map<ByteBuffer, Integer> left = frames(traffic);
            PacketBurst burst = new PacketBurst();
            int number = 0;
            long deadline = System.nanoTime() + DEADLINE_NANOS;
            while (number < FRAMES && System.nanoTime() < deadline) {
                burst.clear();
                port.receive(burst);
                for (int i = 0; i < burst.size(); i++) {
                    long frame = burst.get(i).frame();
                    if (Ethernet.destination(frame) != traffic.destinationMac()) {
                        continue; // the interfaces' own IPv6
                    }
                    number++;
                    byte[] bytes = Memory.bytes(frame, traffic.frameBytes());
                    assertThat(left.merge(ByteBuffer.wrap(bytes), -1, Integer::sum))
                            .as("what is left of %s", Arrays.toString(bytes))
                            .isNotNegative();
                }
                port.release();
            }
            assertThat(number).isEqualTo(FRAMES);
        }
    }

    /** All frames that the model makes, and how often each. */
    private static Map<ByteBuffer, Integer> frames(FloodTraffic traffic) {
        Map<ByteBuffer, Integer> frames = new HashMap<>();
        byte[] template = traffic.template();
        try (NativeBlock block = new NativeBlock(template.length)) {
            for (int number = 0; number < FRAMES; number++) {
                traffic.write(template, FloodTraffic.TCP_ACK, INTRUDERS, number, block.address());
                byte[] frame = Memory.bytes(block.address(), traffic.frameBytes());
                frames.merge(ByteBuffer.wrap(frame), 1, Integer::sum);
            }
        }
        return frames;
    }
}
