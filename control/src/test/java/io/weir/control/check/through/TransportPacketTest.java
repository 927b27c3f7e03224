package io.weir.control.check.through;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.IpAddress;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.Random;

/** Rewritten packets against checksums summed up byte by byte. */
final class TransportPacketTest {
    private static final int TCP = 6;
    private static final int UDP = 17;

    @Test
    void rewrittenPacketsHaveTheirEndpointsAndGoodChecksums() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        TransportPacket packet = new TransportPacket();
        for (int i = 0; i < 2000; i++) {
            boolean ipv6 = random.nextBoolean();
            int protocol = random.nextBoolean() ? TCP : UDP;
            byte[] bytes = packet(random, ipv6, protocol, random.nextInt(50));
            IpAddress source = address(random, ipv6);
            IpAddress destination = address(random, ipv6);
            try (NativeBlock block = new NativeBlock(bytes.length)) {
                Memory.copyIn(bytes, 0, block.address(), bytes.length);
                assertThat(packet.read(block.address(), bytes.length)).as("seed %d", seed).isTrue();
                assertThat(packet.protocol()).isEqualTo(protocol);
                packet.rewrite(source, 61_000 + i, destination, i);
                assertThat(packet.source()).isEqualTo(source);
                assertThat(packet.destination()).isEqualTo(destination);
                assertThat(packet.sourcePort()).isEqualTo(61_000 + i);
                assertThat(packet.destinationPort()).isEqualTo(i);
                byte[] written = Memory.bytes(block.address(), bytes.length);
                assertThat(sum(written, ipv6, protocol)).as("seed %d", seed).isEqualTo(0xffff);
                if (!ipv6) {
                    assertThat(fold(sum(written, 0, 20))).as("seed %d", seed).isEqualTo(0xffff);
                }
            }
        }
    }

    @Test
    void anythingElseIsRefused() {
        Random random = new Random(1);
        byte[] tcp = packet(random, false, TCP, 10);
        byte[] fragment = tcp.clone();
        fragment[6] = 0x20;
        byte[] other = tcp.clone();
        other[9] = 1;
        byte[] longer = tcp.clone();
        longer[2] = 1;
        for (byte[] each : new byte[][] {fragment, other, longer, new byte[19]}) {
            assertThat(read(each, each.length)).isFalse();
        }
        assertThat(read(tcp, tcp.length)).isTrue();
        assertThat(read(tcp, tcp.length - 1)).isFalse();
        byte[] wide = packet(random, true, UDP, 0);
        assertThat(read(wide, wide.length)).isTrue();
        assertThat(read(wide, wide.length - 1)).isFalse();
        wide[6] = 44;
        assertThat(read(wide, wide.length)).isFalse();
    }

    private static boolean read(byte[] bytes, int length) {
        try (NativeBlock block = new NativeBlock(bytes.length)) {
            Memory.copyIn(bytes, 0, block.address(), bytes.length);
            return new TransportPacket().read(block.address(), length);
        }
    }

    private static IpAddress address(Random random, boolean ipv6) {
        return ipv6
                ? IpAddress.v6(random.nextLong(), random.nextLong())
                : IpAddress.v4(random.nextInt());
    }

    private static byte[] packet(Random random, boolean ipv6, int protocol, int payload) {
        int transport = (protocol == TCP ? 20 : 8) + payload;
        int header = ipv6 ? 40 : 20;
        byte[] bytes = new byte[header + transport];
        random.nextBytes(bytes);
        ByteBuffer packet = ByteBuffer.wrap(bytes);
        if (ipv6) {
            packet.put(0, (byte) 0x60).putShort(4, (short) transport).put(6, (byte) protocol);
        } else {
            packet.put(0, (byte) 0x45)
                    .putShort(2, (short) bytes.length)
                    .putShort(6, (short) 0x4000);
            packet.put(9, (byte) protocol);
        }
        if (protocol == UDP) {
            packet.putShort(header + 4, (short) transport);
        }
        return bytes;
    }

    private static int sum(byte[] packet, boolean ipv6, int protocol) {
        int header = ipv6 ? 40 : 20;
        long sum = ipv6 ? sum(packet, 8, 40) : sum(packet, 12, 20);
        return fold(sum + protocol + packet.length - header + sum(packet, header, packet.length));
    }

    private static long sum(byte[] bytes, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            sum += (long) (bytes[i] & 0xff) << ((i - from) % 2 == 0 ? 8 : 0);
        }
        return sum;
    }

    private static int fold(long sum) {
        long folded = sum;
        while (folded > 0xffff) {
            folded = (folded & 0xffff) + (folded >> 16);
        }
        return (int) folded;
    }
}
