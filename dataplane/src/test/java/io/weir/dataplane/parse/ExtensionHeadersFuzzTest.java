package io.weir.dataplane.parse;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.GuardedMemory;
import io.weir.dataplane.testing.LastInput;

import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Whatever follows an IPv6 header: the walk ends, and inside of the packet. */
class ExtensionHeadersFuzzTest {
    private static final int MOST = 1 << 14;
    private static final List<Integer> EXTENSIONS =
            List.of(
                    ExtensionHeaders.HOP_BY_HOP,
                    ExtensionHeaders.ROUTING,
                    ExtensionHeaders.FRAGMENT,
                    ExtensionHeaders.AUTHENTICATION,
                    ExtensionHeaders.DESTINATION_OPTIONS);
    private static final GuardedMemory MEMORY = new GuardedMemory(1, MOST / 4096);

    static Stream<byte[]> seeds() {
        byte[] hopByHop = {60, 0, 5, 2, 0, 0, 0, 0};
        byte[] destination = {43, 0, 1, 4, 0, 0, 0, 0};
        byte[] routing = {44, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        byte[] fragment = {51, 0, 0, 0, 0, 0, 0, 1};
        byte[] authentication = {
            59, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        };
        return Stream.of(
                packet(0, hopByHop, destination, routing, fragment, authentication),
                packet(44, new byte[] {17, 0, 0, 9, 0, 0, 0, 1}, new byte[8]),
                packet(6, new byte[20]));
    }

    private static byte[] packet(int next, byte[]... headers) {
        byte[] packet = Frames.ip(next).from("fd01::11").to("fd01::100").packet();
        for (byte[] header : headers) {
            int at = packet.length;
            packet = Arrays.copyOf(packet, at + header.length);
            System.arraycopy(header, 0, packet, at, header.length);
        }
        return packet;
    }

    @MethodSource("seeds")
    @FuzzTest
    void staysInsideOfThePacket(byte[] input) {
        LastInput.keep(input);
        int length = Math.clamp(input.length, Ipv6.HEADER_BYTES, MOST);
        long ip = MEMORY.place(0, Arrays.copyOf(input, length));
        ExtensionHeaders headers = new ExtensionHeaders();

        if (!headers.walk(ip, length)) {
            return;
        }

        assertThat(headers.bytes()).isBetween(Ipv6.HEADER_BYTES, length);
        assertThat(headers.bytes() % 4).isZero();
        assertThat(EXTENSIONS.contains(headers.protocol())).isFalse();
        if (headers.fragmentHeader() == 0) {
            assertThat(headers.fragment()).isFalse();
        } else {
            assertThat(headers.fragmentHeader() - ip)
                    .isBetween((long) Ipv6.HEADER_BYTES, headers.bytes() - 8L);
        }
    }
}
