package io.weir.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PortStatistics;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bursts of super-frames at full size, between ports that take as much as a packet socket does. */
class SuperFramePathTest {
    private static final int SUPER_FRAMES = 16;
    private static final int PAYLOAD = 65_160; // 45 segments of 1448 bytes, as Linux sends them
    private static final int STRIDE = 66_000;
    private static final int QUEUE = 256;

    private final NativeBlock memory = new NativeBlock((long) SUPER_FRAMES * STRIDE);
    private final WorkerBench bench = new WorkerBench(options());
    private final Wire out = new Wire(WorkerBench.SRV);

    private static WorkerBench.Options options() {
        WorkerBench.Options options = new WorkerBench.Options();
        options.serverMtu = 1300;
        return options;
    }

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
        memory.close();
    }

    /** A port that gives a burst of super-frames once, and notes the bytes of what it gets. */
    private final class Wire implements PacketPort {
        final int link;
        int waiting;
        int queued;
        int frames;
        long payload;
        boolean inOrder = true;
        private int nextSequence;

        Wire(int link) {
            this.link = link;
        }

        @Override
        public String name() {
            return "wire" + link;
        }

        @Override
        public int linkIndex() {
            return link;
        }

        @Override
        public int receive(PacketBurst burst) {
            for (int i = 0; i < waiting; i++) {
                long vnet = memory.address() + (long) i * STRIDE;
                burst.add(vnet + 64, Memory.nativeInt(vnet + 16), vnet);
            }
            waiting = 0;
            return burst.size();
        }

        @Override
        public boolean transmit(long address, int length, long vnetHeader) {
            if (queued == QUEUE) {
                return false;
            }
            queued++;
            frames++;
            note(address + Ethernet.HEADER_BYTES);
            return true;
        }

        private void note(long ip) {
            int bytes = Ipv4.totalLength(ip) - Ipv4.MIN_HEADER_BYTES;
            int offset = Ipv4.fragmentOffset(ip);
            if (offset == 0) {
                bytes -= Tcp.MIN_HEADER_BYTES;
                inOrder &= Tcp.sequence(ip + Ipv4.MIN_HEADER_BYTES) == nextSequence;
            }
            nextSequence += bytes;
            payload += bytes;
        }

        @Override
        public void flush() {
            queued = 0;
        }

        @Override
        public void release() {}

        @Override
        public PortStatistics statistics() {
            return new PortStatistics(0, 0, 0, 0, 0, 0, 0);
        }

        @Override
        public void close() {}
    }

    private void load(int number, int sequence) {
        FrameBuilder tcp = Frames.tcp().from(WorkerBench.CLIENT, 4000).to(WorkerBench.SERVER, 80);
        tcp.macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).ack(1).seq(sequence);
        byte[] frame = tcp.payload(new byte[PAYLOAD]).partialChecksum().bytes();
        long vnet = memory.address() + (long) number * STRIDE;
        VnetHeader.clear(vnet);
        VnetHeader.setFlags(vnet, VnetHeader.NEEDS_CHECKSUM);
        VnetHeader.setGsoType(vnet, VnetHeader.GSO_TCPV4);
        VnetHeader.setGsoSize(vnet, 1448);
        Memory.putNativeInt(vnet + 16, frame.length);
        Memory.copyIn(frame, 0, vnet + 64, frame.length);
    }

    @Test
    void losesNothingOfAFullBurstThatIsCutAndFragmented() {
        Wire in = new Wire(WorkerBench.CLI);
        for (Wire wire : new Wire[] {in, out}) {
            Link link = bench.worker().pipeline().network().link(wire.link);
            bench.worker().pipeline().ports().add(new LinkPort(wire, link));
        }
        for (int i = 0; i < SUPER_FRAMES; i++) {
            load(i, i * PAYLOAD);
        }
        in.waiting = SUPER_FRAMES;
        bench.run();
        assertThat(bench.worker().drops().snapshot()).isEmpty();
        assertThat(out.frames).isEqualTo(SUPER_FRAMES * 45 * 2);
        assertThat(out.payload).isEqualTo((long) SUPER_FRAMES * PAYLOAD);
        assertThat(out.inOrder).isTrue();
    }
}
