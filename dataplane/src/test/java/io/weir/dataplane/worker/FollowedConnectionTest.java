package io.weir.dataplane.worker;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.spi.ApplicationGateway;
import io.weir.dataplane.spi.Forwarder;
import io.weir.dataplane.spi.PacketSelection;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.SlowChecksum;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

class FollowedConnectionTest {
    private static final class Noted implements ApplicationGateway {
        private final List<Integer> transportBytes = new ArrayList<>();

        @Override
        public boolean follows(int protocol, int virtualPort) {
            return true;
        }

        @Override
        public void follow(Packet packet) {
            transportBytes.add(packet.transportBytes());
        }

        @Override
        public void ended(int slot) {}
    }

    private record Masquerade(ForwardingMethod method) implements Forwarder {
        @Override
        public void forward(PacketSelection packets, ConnectionTable connections) {}
    }

    /** A gateway reads the TCP header, so it must not see a packet that ends inside of it. */
    @Test
    void packetsThatEndInsideTheirHeaderAreNotFollowed() {
        Noted gateway = new Noted();
        WorkerBench.Options options = new WorkerBench.Options();
        options.gateway = context -> gateway;
        try (WorkerBench bench =
                new WorkerBench(options, context -> new Masquerade(ForwardingMethod.MASQUERADE))) {
            bench.service(ServiceId.TCP, 21, ForwardingMethod.MASQUERADE, 21);
            assertThat(bench.fromClient(Frames.tcp().from(CLIENT, 4000).to(VIP, 21).syn()))
                    .hasSize(1);
            for (int bytes : new int[] {4, 12, 19}) {
                assertThat(bench.send(WorkerBench.CLI, cutOff(bytes))).isEmpty();
            }
            assertThat(gateway.transportBytes).containsExactly(20);
            assertThat(bench.drops(DropReason.TRANSPORT_TRUNCATED)).isEqualTo(3);
        }
    }

    // A packet that says how short it is.
    private static byte[] cutOff(int transportBytes) {
        byte[] whole =
                Frames.tcp()
                        .from(CLIENT, 4000)
                        .to(VIP, 21)
                        .macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC)
                        .bytes();
        ByteBuffer frame = ByteBuffer.wrap(Arrays.copyOf(whole, 14 + 20 + transportBytes));
        frame.putShort(16, (short) (20 + transportBytes)).putShort(24, (short) 0);
        int checksum = SlowChecksum.checksum(Arrays.copyOfRange(frame.array(), 14, 34));
        return frame.putShort(24, (short) checksum).array();
    }
}
