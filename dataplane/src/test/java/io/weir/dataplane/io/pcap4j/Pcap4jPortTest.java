package io.weir.dataplane.io.pcap4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.sys.NetworkNamespace;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.NamespaceLab;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.pcap4j.core.Pcaps;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Two ports at the ends of a veth pair, each in a namespace of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class Pcap4jPortTest {
    private static final long DEADLINE_NANOS = 10_000_000_000L;

    private final NativeBlock block = new NativeBlock(1 << 17);
    private final PacketBurst burst = new PacketBurst();
    private NamespaceLab lab;
    private NetworkNamespace left;
    private NetworkNamespace right;

    @BeforeAll
    void buildNamespaces() {
        assumeTrue(libpcapIsThere(), "needs libpcap (Debian: libpcap0.8)");
        lab = new NamespaceLab();
        left = lab.namespace("left");
        right = lab.namespace("right");
        lab.join(left, "l0", right, "r0");
    }

    private static boolean libpcapIsThere() {
        try {
            return !Pcaps.libVersion().isEmpty();
        } catch (LinkageError e) {
            return false;
        }
    }

    @AfterAll
    void removeNamespaces() {
        block.close();
        if (lab != null) {
            lab.close();
        }
    }

    private static Pcap4jPort open(NetworkNamespace namespace, String link) throws Exception {
        return namespace.call(() -> Pcap4jPort.open(link, 7));
    }

    private void send(PacketPort port, byte[] frame) {
        Memory.copyIn(frame, 0, block.address(), frame.length);
        assertThat(port.transmit(block.address(), frame.length, 0)).isTrue();
        port.flush();
    }

    /** What arrives from the test's own sender, in words, until there are so many. */
    private List<String> receive(PacketPort port, int count, long nanos) {
        List<String> words = new ArrayList<>();
        long end = System.nanoTime() + nanos;
        while (words.size() < count && System.nanoTime() < end) {
            burst.clear();
            port.receive(burst);
            for (int i = 0; i < burst.size(); i++) {
                Packet packet = burst.get(i);
                assertThat(packet.vnetHeader()).isZero();
                String frame = FrameWords.frame(Memory.bytes(packet.frame(), packet.frameBytes()));
                Memory.fill(
                        packet.frame() - PacketPort.HEADROOM_BYTES,
                        PacketPort.HEADROOM_BYTES,
                        (byte) 0xee);
                if (frame.startsWith("02:00:00:00:00:01")) {
                    words.add(frame);
                }
            }
            port.release();
        }
        return words;
    }

    @Test
    void framesArriveAsTheyWereSent() throws Exception {
        try (Pcap4jPort sender = open(left, "l0");
                Pcap4jPort receiver = open(right, "r0")) {
            assertThat(receiver.name()).isEqualTo("r0");
            assertThat(receiver.linkIndex()).isEqualTo(7);
            List<String> sent = new ArrayList<>();
            for (int length = 0; length < 1400; length += 10) {
                byte[] frame = Frames.udp().id(length + 1).payload(new byte[length]).bytes();
                sent.add(FrameWords.frame(frame));
                send(sender, frame);
            }
            assertThat(receive(receiver, sent.size(), DEADLINE_NANOS)).isEqualTo(sent);
            assertThat(receive(sender, 1, 200_000_000)).as("own frames").isEmpty();
            assertThat(sender.statistics().transmittedFrames()).isEqualTo(sent.size());
            assertThat(sender.statistics().transmittedBytes()).isEqualTo(140L * 42 + 97_300);
            assertThat(receiver.statistics().receivedFrames()).isGreaterThanOrEqualTo(sent.size());
            assertThat(receiver.statistics().receiveDrops()).isZero();
        }
    }

    @Test
    void neverWaits() throws Exception {
        try (Pcap4jPort port = open(left, "l0")) {
            receive(port, Integer.MAX_VALUE, 100_000_000);
            for (int i = 0; i < 1000; i++) {
                burst.clear();
                port.receive(burst);
                port.release();
            }
        }
    }

    @Test
    void holdsNoMoreThanABurstUntilReleased() throws Exception {
        try (Pcap4jPort sender = open(left, "l0");
                Pcap4jPort receiver = open(right, "r0")) {
            for (int i = 0; i < 2 * PacketBurst.CAPACITY; i++) {
                send(sender, Frames.udp().bytes());
            }
            burst.clear();
            long end = System.nanoTime() + DEADLINE_NANOS;
            while (!burst.isFull() && System.nanoTime() < end) {
                receiver.receive(burst);
            }
            assertThat(burst.isFull()).isTrue();
            burst.clear();
            assertThat(receiver.receive(burst)).isZero();
            receiver.release();
            assertThat(receiver.receive(burst)).isPositive();
        }
    }

    @Test
    void countsFramesThatTheNetworkRefuses() throws Exception {
        try (Pcap4jPort port = open(left, "l0")) {
            long vnet = block.address() + (1 << 16);
            VnetHeader.clear(vnet);
            assertThat(port.transmit(block.address(), 60, vnet)).isTrue();
            VnetHeader.setFlags(vnet, VnetHeader.NEEDS_CHECKSUM);
            assertThat(port.transmit(block.address(), 60, vnet)).isTrue();
            VnetHeader.setFlags(vnet, 0);
            VnetHeader.setGsoType(vnet, VnetHeader.GSO_TCPV4);
            assertThat(port.transmit(block.address(), 60, vnet)).isTrue();
            assertThat(port.transmit(block.address(), 1 << 17, 0)).isTrue();
            assertThat(port.transmit(block.address(), 9000, 0)).as("above the MTU").isTrue();
            port.flush();
            assertThat(port.statistics().transmittedFrames()).isEqualTo(1);
            assertThat(port.statistics().transmitErrors()).isEqualTo(4);
            int queued = 0;
            while (port.transmit(block.address(), 60, 0)) {
                queued++;
            }
            assertThat(queued).isEqualTo(4 * PacketBurst.CAPACITY);
        }
    }

    @Test
    void statisticsOutliveThePort() throws Exception {
        Pcap4jPort port = open(left, "l0");
        send(port, Frames.udp().bytes());
        port.close();
        assertThat(port.statistics().transmittedFrames()).isEqualTo(1);
    }

    @Test
    void tellsWhichInterfaceCannotBeUsed() {
        assertThatThrownBy(() -> open(left, "nosuch0"))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("nosuch0: libpcap cannot use this interface: ")
                .hasMessageNotContaining("\n");
    }
}
