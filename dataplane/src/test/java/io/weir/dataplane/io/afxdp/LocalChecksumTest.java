package io.weir.dataplane.io.afxdp;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Random;

class LocalChecksumTest {
    private static final int ROUNDS = 20_000;

    private final Random random = Seed.ofThisRun().random();

    private FrameBuilder frame() {
        FrameBuilder frame =
                random.nextBoolean() ? Frames.tcp().ack(random.nextInt()) : Frames.udp();
        byte[] payload = new byte[random.nextInt(1400)];
        random.nextBytes(payload);
        frame.payload(payload);
        return random.nextBoolean()
                ? frame.from("10.1." + random.nextInt(256) + ".2", random.nextInt(65536))
                        .to("10.2.0." + random.nextInt(256), random.nextInt(65536))
                : frame.from("2001:db8::" + Integer.toHexString(random.nextInt(65536)), 4000)
                        .to("fd00::5", random.nextInt(65536));
    }

    /** Reads a frame as a port does and completes it as a port does. */
    private static byte[] passed(byte[] bytes, boolean expected) {
        try (NativeBlock block = new NativeBlock(2048)) {
            long frame = block.address() + PacketPort.HEADROOM_BYTES;
            Memory.copyIn(bytes, 0, frame, bytes.length);
            long vnet = LocalChecksum.vnetHeader(frame, bytes.length);
            if (expected) {
                assertThat(vnet).isEqualTo(frame - VnetHeader.BYTES);
                assertThat(VnetHeader.flags(vnet)).isEqualTo(VnetHeader.NEEDS_CHECKSUM);
                assertThat(VnetHeader.gsoType(vnet)).isEqualTo(VnetHeader.GSO_NONE);
            }
            if (vnet != 0) {
                assertThat(LocalChecksum.complete(frame, bytes.length, vnet)).isTrue();
                assertThat(VnetHeader.flags(vnet)).isZero();
            }
            return Memory.bytes(frame, bytes.length);
        }
    }

    @Test
    void whatASenderLeftOpenIsFoundAndFilledIn() {
        for (int round = 0; round < ROUNDS; round++) {
            FrameBuilder frame = frame();
            byte[] complete = frame.bytes();
            assertThat(passed(frame.partialChecksum().bytes(), true)).isEqualTo(complete);
        }
    }

    @Test
    void completeFramesStayAsTheyAre() {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] complete = frame().bytes();
            assertThat(passed(complete, false)).isEqualTo(complete);
        }
    }

    @Test
    void framesWithoutChecksumStayWithoutOne() {
        byte[] none = Frames.udp().from("10.0.0.1", 1).to("10.0.0.2", 2).noChecksum().bytes();
        assertThat(passed(none, false)).isEqualTo(none);
    }

    @Test
    void nothingIsReadOrWrittenBeyondAShortFrame() {
        byte[] whole = Frames.tcp().from("10.0.0.1", 1).to("10.0.0.2", 2).partialChecksum().bytes();
        for (int length = 14; length < 54; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThat(passed(part, false)).isEqualTo(part);
        }
        try (NativeBlock block = new NativeBlock(256)) {
            long frame = block.address() + PacketPort.HEADROOM_BYTES;
            long vnet = frame - VnetHeader.BYTES;
            VnetHeader.setFlags(vnet, VnetHeader.NEEDS_CHECKSUM);
            VnetHeader.setChecksumStart(vnet, 34);
            VnetHeader.setChecksumOffset(vnet, 25);
            assertThat(LocalChecksum.complete(frame, 60, vnet)).isFalse();
        }
    }
}
