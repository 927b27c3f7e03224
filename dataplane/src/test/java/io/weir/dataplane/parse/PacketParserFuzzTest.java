package io.weir.dataplane.parse;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.packet.Verdict;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.GuardedMemory;
import io.weir.dataplane.testing.LastInput;

import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.stream.Stream;

/** Any frame is dropped for one reason, or its headers lie inside of it; it stays as it is. */
class PacketParserFuzzTest {
    private static final int MOST = 1 << 16;
    private static final GuardedMemory MEMORY = new GuardedMemory(1, MOST / 4096);
    private static final PacketBurst BURST = new PacketBurst();

    static Stream<byte[]> seeds() {
        return Stream.of(
                Frames.tcp().from("10.1.0.11", 4000).to("10.1.0.100", 80).syn().bytes(),
                Frames.udp().from("10.1.0.11", 4000).to("10.1.0.100", 53).payload("x").bytes(),
                Frames.sctp().from("10.1.0.11", 4000).to("10.1.0.100", 80).chunk(1).bytes(),
                Frames.ping(1, 2).from("10.1.0.11").to("10.1.0.100").ipOptions(new byte[8]).bytes(),
                Frames.tcp().from("fd01::11", 4000).to("fd01::100", 80).syn().bytes(),
                Frames.udp()
                        .from("fd01::11", 4000)
                        .to("fd01::100", 53)
                        .payload(new byte[32])
                        .fragments(16)
                        .getFirst(),
                Frames.arpRequest("02:00:00:00:00:01", "10.1.0.11", "10.1.0.100"));
    }

    @MethodSource("seeds")
    @FuzzTest
    void findsHeadersInsideOfTheFrame(byte[] input) {
        LastInput.keep(input);
        byte[] frame = Arrays.copyOf(input, Math.min(input.length, MOST));
        long address = MEMORY.place(0, frame);
        BURST.clear();
        BURST.add(address, frame.length, 0);
        Packet packet = BURST.get(0);
        DropCounters drops = new DropCounters();
        PacketParser parser = new PacketParser(drops);

        int type = parser.ethertype(packet);
        boolean taken =
                switch (type) {
                    case Ethernet.TYPE_IPV4 -> parser.ipv4(packet);
                    case Ethernet.TYPE_IPV6 -> parser.ipv6(packet) && parser.ipv6Addresses(packet);
                    default -> type >= 0;
                };

        long dropped = drops.snapshot().values().stream().mapToLong(Long::longValue).sum();
        assertThat(dropped).isEqualTo(taken ? 0 : 1);
        assertThat(packet.verdict()).isEqualTo(taken ? Verdict.UNDECIDED : Verdict.DROP);
        assertThat(Memory.bytes(address, frame.length)).isEqualTo(frame);
        if (taken && packet.ip() != 0) {
            checkHeaders(packet, address, frame.length);
        }
    }

    private static void checkHeaders(Packet packet, long address, int length) {
        assertThat(packet.frame()).isEqualTo(address);
        assertThat(packet.ip()).isEqualTo(address + Ethernet.HEADER_BYTES);
        assertThat(packet.ipHeaderBytes()).isGreaterThanOrEqualTo(packet.ipv6() ? 40 : 20);
        assertThat(packet.transportBytes()).isNotNegative();
        assertThat(packet.frameBytes())
                .isEqualTo(Ethernet.HEADER_BYTES + packet.ipBytes())
                .isLessThanOrEqualTo(length);
        if (packet.portsPresent()) {
            assertThat(packet.fragment()).isFalse();
            assertThat(packet.transportBytes()).isGreaterThanOrEqualTo(8);
        }
        if (packet.truncated()) {
            assertThat(packet.transportBytes()).isBetween(4, 19);
        }
    }
}
