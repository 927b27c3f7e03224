package io.weir.bench.rate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.IpAddress;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

final class FloodTrafficTest {
    private static final int ROUNDS = 3;

    static FloodTraffic traffic(int protocol, int flowBits) {
        return traffic(protocol, flowBits, "10.1.0.100", "10.64.0.0");
    }

    static FloodTraffic overIpv6(int protocol, int flowBits) {
        return traffic(protocol, flowBits, "fd00:1::100", "fd00:64::fff0:0");
    }

    private static FloodTraffic traffic(int protocol, int flowBits, String to, String from) {
        return new FloodTraffic(
                0x020000000001L,
                0x0200000000feL,
                protocol,
                IpAddress.parse(to),
                7000,
                IpAddress.parse(from),
                flowBits);
    }

    @Test
    void everyFlowComesEquallyOften() {
        for (int bits : new int[] {0, 1, 10, 14}) {
            FloodTraffic traffic = traffic(FloodTraffic.UDP, bits);
            Map<Integer, Integer> seen = new HashMap<>();
            int first = -5;
            for (int i = 0; i < ROUNDS * traffic.flows(); i++) {
                seen.merge(traffic.flow(first + i), 1, Integer::sum);
            }
            assertThat(seen).hasSize(traffic.flows());
            assertThat(seen.values()).allMatch(times -> Math.abs(times - ROUNDS) <= 1);
        }
    }

    @Test
    void checksumsAreThoseOfAPlainSum() {
        for (int protocol : new int[] {FloodTraffic.UDP, FloodTraffic.TCP}) {
            FloodTraffic traffic = traffic(protocol, 17);
            byte[] template = traffic.template();
            try (NativeBlock block = new NativeBlock(traffic.frameBytes())) {
                for (int number = 0; number < 5000; number++) {
                    traffic.write(template, FloodTraffic.TCP_ACK, 1, number, block.address());
                    byte[] frame = Memory.bytes(block.address(), template.length);
                    assertThat(sum(frame, 14, 34, 0)).isEqualTo(0xffff);
                    assertThat(sum(frame, 26, 60, protocol + 26)).isEqualTo(0xffff);
                }
            }
        }
    }

    @Test
    void packetsOverIpv6AreLongerByTheirHeader() {
        for (int protocol : new int[] {FloodTraffic.UDP, FloodTraffic.TCP}) {
            FloodTraffic traffic = overIpv6(protocol, 17);
            byte[] template = traffic.template();
            assertThat(template).hasSize(80);
            Set<String> sources = new HashSet<>();
            try (NativeBlock block = new NativeBlock(template.length)) {
                for (int number = 0; number < 131_072; number++) {
                    traffic.write(template, FloodTraffic.TCP_ACK, 0, number, block.address());
                    byte[] frame = Memory.bytes(block.address(), template.length);
                    assertThat(sum(frame, 22, 80, protocol + 26)).isEqualTo(0xffff);
                    assertThat(frame[60] | frame[61]).as("a checksum").isNotZero();
                    byte[] source = Arrays.copyOfRange(frame, 22, 38);
                    sources.add(IpAddress.of(source).toString());
                }
            }
            assertThat(sources).hasSize(32).contains("fd00:64::fff0:0", "fd00:64::fff0:1f");
        }
    }

    @Test
    void intrudersBeginConnectionsAmongTheOthers() {
        FloodTraffic traffic = traffic(FloodTraffic.TCP, 8);
        byte[] template = traffic.template();
        Set<Long> usual = new HashSet<>();
        Set<Long> intruders = new HashSet<>();
        try (NativeBlock block = new NativeBlock(template.length)) {
            for (int number = 0; number < 4 * 3 * 256; number++) {
                traffic.write(template, FloodTraffic.TCP_ACK, 3, number, block.address());
                long endpoint =
                        Memory.u32(block.address() + traffic.sourceAddressOffset()) * 65536L
                                + Memory.u16(block.address() + traffic.sourcePortOffset());
                int flags = Memory.u8(block.address() + traffic.tcpFlagsOffset());
                boolean intruder = number % 4 != 0;
                assertThat(flags).isEqualTo(intruder ? FloodTraffic.TCP_SYN : FloodTraffic.TCP_ACK);
                (intruder ? intruders : usual).add(endpoint);
            }
        }
        assertThat(usual).hasSize(256);
        assertThat(intruders).hasSize(3 * 3 * 256).doesNotContainAnyElementsOf(usual);
    }

    /** RFC 1071 to the letter. */
    private static long sum(byte[] frame, int from, int to, long start) {
        long sum = start;
        for (int i = from; i < to; i += 2) {
            sum += (frame[i] & 0xff) * 256 + (frame[i + 1] & 0xff);
        }
        while (sum > 0xffff) {
            sum = sum / 65536 + sum % 65536;
        }
        return sum;
    }

    @Test
    void whatCannotBeSentIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> traffic(1, 10));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> traffic(FloodTraffic.UDP, 1, "fd00::1", "10.64.0.0"));
        assertThatIllegalArgumentException().isThrownBy(() -> traffic(FloodTraffic.UDP, 25));
    }
}
