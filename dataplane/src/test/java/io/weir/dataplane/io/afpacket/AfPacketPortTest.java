package io.weir.dataplane.io.afpacket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;

import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.sys.NetworkNamespace;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.testing.NamespaceLab;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Two ports at the ends of a veth pair, each in a namespace of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AfPacketPortTest {
    private static final int TEST_ETHERTYPE = 0x88b5; // IEEE 802 local experimental
    private static final long DEADLINE_NANOS = 5_000_000_000L;

    private final PacketBurst burst = new PacketBurst();
    private final NativeBlock frames = new NativeBlock(64 * 2048);
    private NamespaceLab lab;
    private NetworkNamespace left;
    private NetworkNamespace right;
    private AfPacketPort sender;
    private AfPacketPort receiver;

    @BeforeAll
    void buildNamespaces() {
        lab = new NamespaceLab();
        left = lab.namespace("left");
        right = lab.namespace("right");
        lab.join(left, "l0", right, "r0");
    }

    @BeforeEach
    void openPorts() throws SystemCallException {
        RingSize size = RingSize.forMtu(1500);
        sender = left.call(() -> AfPacketPort.open("l0", AfPacketPort.EVERY_FRAME, size));
        receiver = right.call(() -> AfPacketPort.open("r0", AfPacketPort.EVERY_FRAME, size));
    }

    @AfterEach
    void closePorts() {
        if (sender != null) {
            sender.close();
        }
        if (receiver != null) {
            receiver.close();
        }
    }

    @AfterAll
    void removeNamespaces() {
        frames.close();
        if (lab != null) {
            lab.close();
        }
    }

    private long frame(int number) {
        return frames.address() + number * 2048L + PacketPort.HEADROOM_BYTES;
    }

    private void write(int number, int length, Random random) {
        long at = frame(number);
        Memory.fill(at, 6, (byte) 0xff);
        Memory.putU16(at + 6, 0x0200);
        Memory.putU32(at + 8, number);
        Memory.putU16(at + 12, TEST_ETHERTYPE);
        for (int i = 14; i < length; i++) {
            Memory.putU8(at + i, random.nextInt());
        }
    }

    private static boolean isOurs(Packet packet) {
        return Memory.u16(packet.frame() + 12) == TEST_ETHERTYPE;
    }

    /** Waits until so many frames of ours have arrived, and returns their bytes. */
    private List<byte[]> receive(int count) {
        return receive(count, DEADLINE_NANOS);
    }

    private List<byte[]> receive(int count, long nanos) {
        List<byte[]> received = new ArrayList<>();
        long end = System.nanoTime() + nanos;
        while (received.size() < count && System.nanoTime() < end) {
            receiver.receive(burst);
            for (int i = 0; i < burst.size(); i++) {
                Packet packet = burst.get(i);
                if (isOurs(packet)) {
                    received.add(Memory.bytes(packet.frame(), packet.frameBytes()));
                }
                // What the contract allows the worker to do before each frame.
                Memory.fill(
                        packet.frame() - PacketPort.HEADROOM_BYTES,
                        PacketPort.HEADROOM_BYTES,
                        (byte) 0xee);
            }
            burst.clear();
            receiver.release();
        }
        return received;
    }

    @Test
    void everyLengthArrivesAsItWasSent() {
        Random random = Seed.ofThisRun().random();
        for (int from = 15; from <= 1514; from += 50) {
            List<byte[]> sent = new ArrayList<>();
            for (int i = 0; i < 50 && from + i <= 1514; i++) {
                write(i, from + i, random);
                sent.add(Memory.bytes(frame(i), from + i));
                assertThat(sender.transmit(frame(i), from + i, 0)).isTrue();
            }
            sender.flush();
            assertThat(receive(sent.size()).toArray(byte[][]::new))
                    .isDeepEqualTo(sent.toArray(byte[][]::new));
        }
        assertThat(sender.statistics().transmittedFrames()).isEqualTo(1500);
        assertThat(sender.statistics().transmittedBytes()).isEqualTo(1500L * (15 + 1514) / 2);
        assertThat(receiver.statistics().receivedFrames()).isGreaterThanOrEqualTo(1500);
        assertThat(receiver.statistics().receiveDrops()).isZero();
    }

    @Test
    void headerDirectlyBeforeTheFrameIsSentInOneVector() {
        write(0, 100, new Random(1));
        byte[] bytes = Memory.bytes(frame(0), 100);
        long header = frame(0) - PacketPort.VNET_HEADER_BYTES;
        Memory.fill(header, PacketPort.VNET_HEADER_BYTES, (byte) 0);
        sender.transmit(frame(0), 100, header);
        sender.flush();
        assertThat(receive(1)).containsExactly(bytes);
        assertThat(sender.statistics().transmittedBytes()).isEqualTo(100);
    }

    @Test
    void checksumIsFilledInWhereTheHeaderElsewhereAsksForIt() {
        write(0, 60, new Random(1));
        Memory.fill(frame(0) + 14, 46, (byte) 0);
        Memory.putU16(frame(0) + 14, 0x1234);
        long header = frame(1);
        Memory.fill(header, PacketPort.VNET_HEADER_BYTES, (byte) 0);
        Memory.putU8(header, 1); // VIRTIO_NET_HDR_F_NEEDS_CSUM
        Memory.putNativeShort(header + 6, 34); // csum_start
        Memory.putNativeShort(header + 8, 4); // csum_offset
        sender.transmit(frame(0), 60, header);
        sender.flush();
        // veth hands the work on to the receiver, who learns it from his header.
        long end = System.nanoTime() + DEADLINE_NANOS;
        boolean seen = false;
        while (!seen && System.nanoTime() < end) {
            receiver.receive(burst);
            for (int i = 0; i < burst.size(); i++) {
                Packet packet = burst.get(i);
                if (isOurs(packet)) {
                    seen = true;
                    assertThat(Memory.u8(packet.vnetHeader()) & 1).isEqualTo(1);
                    assertThat(Memory.nativeShort(packet.vnetHeader() + 6)).isEqualTo(34);
                    assertThat(Memory.nativeShort(packet.vnetHeader() + 8)).isEqualTo(4);
                }
            }
            burst.clear();
            receiver.release();
        }
        assertThat(seen).isTrue();
    }

    @Test
    void refusedFrameIsCountedAndTheOthersGo() {
        Random random = new Random(1);
        for (int i = 0; i < 3; i++) {
            write(i, 100, random);
        }
        sender.transmit(frame(0), 100, 0);
        sender.transmit(frame(1), 2000, 0); // longer than the MTU, and no word of segments
        sender.transmit(frame(2), 100, 0);
        sender.flush();
        assertThat(receive(2)).hasSize(2);
        assertThat(sender.statistics().transmittedFrames()).isEqualTo(2);
        assertThat(sender.statistics().transmittedBytes()).isEqualTo(200);
        assertThat(sender.statistics().transmitErrors()).isEqualTo(1);
    }

    @Test
    void queueTellsWhenItIsFull() {
        write(0, 60, new Random(1));
        int taken = 0;
        while (sender.transmit(frame(0), 60, 0)) {
            taken++;
        }
        assertThat(taken).isEqualTo(TransmitQueue.CAPACITY);
        sender.flush();
        assertThat(receive(taken)).hasSize(taken);
        assertThat(sender.transmit(frame(0), 60, 0)).isTrue();
    }

    @Test
    void fullRingDropsCountsAndGoesOn() throws SystemCallException {
        receiver.close();
        RingSize small = new RingSize(128, 2048);
        receiver = right.call(() -> AfPacketPort.open("r0", AfPacketPort.EVERY_FRAME, small));
        write(0, 60, new Random(1));
        for (int i = 0; i < 200; i++) {
            sender.transmit(frame(0), 60, 0);
        }
        sender.flush();
        assertThat(receive(200, 300_000_000).size()).isLessThanOrEqualTo(128).isGreaterThan(100);
        assertThat(receiver.statistics().receiveDrops()).isGreaterThanOrEqualTo(72);
        for (int i = 0; i < 100; i++) {
            sender.transmit(frame(0), 60, 0);
        }
        sender.flush();
        assertThat(receive(100)).hasSize(100);
    }

    @Test
    void taggedFramesAreLeftToTheVlanDevice() {
        Random random = new Random(1);
        write(0, 64, random);
        Memory.putU16(frame(0) + 12, 0x8100);
        Memory.putU16(frame(0) + 14, 100);
        Memory.putU16(frame(0) + 16, TEST_ETHERTYPE);
        write(1, 64, random);
        sender.transmit(frame(0), 64, 0);
        sender.transmit(frame(1), 64, 0);
        sender.flush();
        assertThat(receive(1)).containsExactly(Memory.bytes(frame(1), 64));
    }

    @Test
    void ownTransmissionsAreNotReceived() {
        write(0, 60, new Random(1));
        receiver.transmit(frame(0), 60, 0);
        receiver.flush();
        write(1, 61, new Random(1));
        sender.transmit(frame(1), 61, 0);
        sender.flush();
        assertThat(receive(1)).containsExactly(Memory.bytes(frame(1), 61));
    }

    @Test
    void receivingAndSendingAllocateNothing() {
        write(0, 60, new Random(1));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assertThat(threads.getCurrentThreadAllocatedBytes()).isPositive();
        // The interpreter and the first compiler allocate some bytes for each system call; give the
        // last compiler its time.
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < 20 && allocated > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            int frames = exchange(2000);
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(frames).isGreaterThan(60_000);
        }
        assertThat(allocated).isZero();
    }

    private int exchange(int rounds) {
        int received = 0;
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < 64; i++) {
                sender.transmit(frame(0), 60, 0);
            }
            sender.flush();
            received += receiver.receive(burst);
            burst.clear();
            receiver.release();
        }
        return received;
    }

    @Test
    void unknownInterfaceIsRefusedInOneLine() {
        assertThatThrownBy(
                        () ->
                                AfPacketPort.open(
                                        "nosuch0", AfPacketPort.EVERY_FRAME, RingSize.forMtu(1500)))
                .isInstanceOf(SystemCallException.class)
                .hasMessageStartingWith("cannot open a packet port on nosuch0: ");
    }

    @Test
    void statisticsOutliveThePort() {
        write(0, 60, new Random(1));
        sender.transmit(frame(0), 60, 0);
        sender.flush();
        sender.close();
        sender.close();
        assertThat(sender.statistics().transmittedFrames()).isEqualTo(1);
    }
}
