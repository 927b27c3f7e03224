package io.weir.control.check.through;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.IpAddress;

import org.junit.jupiter.params.provider.MethodSource;

import java.util.HexFormat;
import java.util.Objects;
import java.util.stream.Stream;

/** Whatever arrives is refused or rewritten within its own length. */
final class TransportPacketFuzzTest {
    private static final byte GUARD = 0x5a;

    static Stream<byte[]> seeds() {
        return Stream.of(
                        "4500002800004000400600000a0100640a02000100500f1e0000000000000000"
                                + "5012ffff00000000",
                        "4600002000000000401100000a0100640a020001010101010035ee4800080000",
                        "6000000000081140fd010000000000000000000000000100fd02000000000000"
                                + "00000000000000010035ee4800080000")
                .map(HexFormat.of()::parseHex);
    }

    @MethodSource("seeds")
    @FuzzTest
    void staysWithinItsLength(byte[] input) {
        try (NativeBlock block = new NativeBlock(input.length + 64)) {
            Memory.fill(block.address(), block.bytes(), GUARD);
            long at = block.address() + 32;
            Memory.copyIn(input, 0, at, input.length);
            TransportPacket packet = new TransportPacket();
            if (!packet.read(at, input.length)) {
                return;
            }
            IpAddress address =
                    packet.ipv6()
                            ? IpAddress.v6(1, 2)
                            : Objects.requireNonNull(IpAddress.parse("10.2.0.1"));
            assertThat(packet.bytes()).isLessThanOrEqualTo(input.length);
            packet.rewrite(address, 1, address, 2);
            assertThat(packet.source()).isEqualTo(address);
            for (int i = 0; i < 32; i++) {
                assertThat((byte) Memory.u8(block.address() + i)).isEqualTo(GUARD);
                assertThat((byte) Memory.u8(at + input.length + i)).isEqualTo(GUARD);
            }
            assertThat(packet.read(at, input.length)).isTrue();
        }
    }
}
