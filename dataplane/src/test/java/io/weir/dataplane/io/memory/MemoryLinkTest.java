package io.weir.dataplane.io.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PacketWaiter;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.concurrent.atomic.AtomicInteger;

class MemoryLinkTest {
    private final AtomicInteger wakes = new AtomicInteger();
    private final MemoryLink link =
            MemoryLink.open(new MemoryPort.End("eth0", 7, countingWaiter()), 4, 1514);
    private final PacketPort port = link.port();
    private final PacketBurst burst = new PacketBurst();

    @AfterEach
    void close() {
        link.close();
        port.close();
    }

    private PacketWaiter countingWaiter() {
        return new PacketWaiter() {
            @Override
            public void await(long nanos) {}

            @Override
            public void wake() {
                wakes.incrementAndGet();
            }

            @Override
            public void close() {}
        };
    }

    @Test
    void injectsAndPollsFrames() {
        byte[] frame = Frames.tcp().syn().bytes();
        assertThat(link.poll()).isNull();
        assertThat(link.inject(frame)).isTrue();
        assertThat(wakes).hasValue(1);

        assertThat(port.receive(burst)).isEqualTo(1);
        long address = burst.get(0).frame();
        int length = burst.get(0).frameBytes();
        assertThat(FrameWords.frame(Memory.bytes(address, length)))
                .isEqualTo(FrameWords.frame(frame));

        assertThat(port.transmit(address, length, 0)).isTrue();
        assertThat(link.poll()).isNull();
        port.flush();
        port.release();
        assertThat(link.poll()).isEqualTo(frame);
        assertThat(link.poll()).isNull();
    }

    @Test
    void dropsAndCountsWhatDoesNotFit() {
        for (int i = 0; i < 4; i++) {
            assertThat(link.inject(new byte[60])).isTrue();
        }
        assertThat(link.inject(new byte[60])).isFalse();
        assertThat(link.inject(new byte[1515])).isFalse();
        assertThat(port.receive(burst)).isEqualTo(4);
        assertThat(port.statistics().receivedFrames()).isEqualTo(4);
        assertThat(port.statistics().receiveDrops()).isEqualTo(1);
        assertThat(port.statistics().receiveTruncated()).isEqualTo(1);
    }

    @Test
    void refusesFramesNobodyPolls() {
        assertThat(link.inject(new byte[60])).isTrue();
        port.receive(burst);
        for (int i = 0; i < 4; i++) {
            assertThat(port.transmit(burst.get(0).frame(), 60, 0)).isTrue();
        }
        assertThat(port.transmit(burst.get(0).frame(), 60, 0)).isFalse();
        port.flush();
        assertThat(port.transmit(burst.get(0).frame(), 60, 0)).isFalse();
        assertThat(link.poll()).hasSize(60);
        assertThat(port.transmit(burst.get(0).frame(), 60, 0)).isTrue();
    }

    @Test
    void tellsThatACardHasVerifiedAFrame() {
        try (MemoryLink verified = MemoryLink.open("verified", 7, null)) {
            PacketBurst burst = new PacketBurst();
            assertThat(verified.injectVerified(new byte[60])).isTrue();
            assertThat(verified.inject(new byte[61])).isTrue();
            assertThat(verified.port().receive(burst)).isEqualTo(2);
            long vnet = burst.get(0).vnetHeader();
            assertThat(VnetHeader.flags(vnet)).isEqualTo(VnetHeader.DATA_VALID);
            assertThat(VnetHeader.gsoType(vnet)).isEqualTo(VnetHeader.GSO_NONE);
            assertThat(burst.get(1).vnetHeader()).isZero();
            verified.port().close();
        }
    }

    @Test
    void tellsThatAChecksumIsToBeCompleted() {
        try (MemoryLink local = MemoryLink.open("local", 7, null)) {
            PacketBurst burst = new PacketBurst();
            assertThat(local.injectUnsummed(new byte[60], 34, 16)).isTrue();
            assertThat(local.port().receive(burst)).isEqualTo(1);
            long vnet = burst.get(0).vnetHeader();
            assertThat(VnetHeader.flags(vnet)).isEqualTo(VnetHeader.NEEDS_CHECKSUM);
            assertThat(VnetHeader.checksumStart(vnet)).isEqualTo(34);
            assertThat(VnetHeader.checksumOffset(vnet)).isEqualTo(16);
            local.port().close();
        }
    }
}
