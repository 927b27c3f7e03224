package io.weir.dataplane.checksum;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;
import io.weir.dataplane.testing.SlowChecksum;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

class InternetChecksumTest {
    private static final int TCP = Ipv4.PROTOCOL_TCP;
    private static final int UDP = Ipv4.PROTOCOL_UDP;
    private static final int ICMPV6 = Ipv4.PROTOCOL_ICMPV6;

    private final NativeBlock block = new NativeBlock(70_000);
    private final Seed seed = Seed.ofThisRun();
    private final Random random = seed.random();

    @AfterEach
    void free() {
        block.close();
    }

    /** Copies bytes to an address of random alignment. */
    private long load(byte[] bytes) {
        long address = block.address() + random.nextInt(16);
        Memory.copyIn(bytes, 0, address, bytes.length);
        return address;
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    /** RFC 1071 section 3: the numerical example. */
    @Test
    void sumsTheExampleOfRfc1071() {
        byte[] bytes = hex("0001 f203 f4f5 f6f7");
        assertThat(InternetChecksum.fold(InternetChecksum.sum(load(bytes), 8))).isEqualTo(0xddf2);
        assertThat(InternetChecksum.complement(InternetChecksum.sum(load(bytes), 8)))
                .isEqualTo(0x220d);
    }

    /** RFC 1071 section 3, "Byte Sums" of an odd count: a zero byte is taken to follow. */
    @Test
    void takesAZeroByteToFollowAnOddOne() {
        assertThat(InternetChecksum.sum(load(hex("0001 f2")), 3)).isEqualTo(0x0001 + 0xf200);
    }

    @Test
    void agreesWithTheSlowSumAtEveryLength() {
        for (int length = 0; length < 300; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            assertThat(InternetChecksum.fold(InternetChecksum.sum(load(bytes), length)))
                    .as("%d bytes, %s", length, seed)
                    .isEqualTo(SlowChecksum.sum(bytes));
        }
    }

    /** All ones is the sum that carries most; all zeros is the only one that gives 0. */
    @Test
    void foldsTheExtremes() {
        byte[] ones = new byte[65_535];
        Arrays.fill(ones, (byte) 0xff);
        long sum = InternetChecksum.sum(load(ones), ones.length);
        assertThat(InternetChecksum.fold(sum)).isEqualTo(SlowChecksum.sum(ones));
        assertThat(InternetChecksum.fold(InternetChecksum.sum(load(ones), 65_534)))
                .isEqualTo(0xffff);
        assertThat(InternetChecksum.complement(InternetChecksum.sum(load(ones), 65_534))).isZero();
        assertThat(InternetChecksum.fold(InternetChecksum.sum(load(new byte[64]), 64))).isZero();
        assertThat(InternetChecksum.fold(Long.MAX_VALUE)).isEqualTo(0x7fff);
        assertThat(InternetChecksum.fold(-1)).isEqualTo(0xffff);
    }

    @Test
    void addsPartsOfEvenLength() {
        for (int round = 0; round < 300; round++) {
            byte[] bytes = new byte[random.nextInt(2000)];
            random.nextBytes(bytes);
            int cut = random.nextInt(bytes.length / 2 + 1) * 2;
            long address = load(bytes);
            long first = InternetChecksum.sum(address, cut);
            long second = InternetChecksum.sum(address + cut, bytes.length - cut);
            assertThat(InternetChecksum.fold(InternetChecksum.add(first, second)))
                    .as("%d of %d, %s", cut, bytes.length, seed)
                    .isEqualTo(SlowChecksum.sum(bytes));
        }
    }

    @Test
    void computesIpv4HeaderChecksumsWhateverTheFieldHolds() {
        // A header whose checksum is told in many a text book.
        byte[] known = hex("4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7");
        assertThat(InternetChecksum.ipv4Header(load(known))).isEqualTo(0xb861);
        for (int round = 0; round < 300; round++) {
            byte[] options = new byte[random.nextInt(11) * 4];
            random.nextBytes(options);
            byte[] ip = Frames.tcp().id(random.nextInt(65536)).ipOptions(options).packet();
            long address = load(ip);
            int right = Ipv4.checksum(address);
            Ipv4.setChecksum(address, random.nextInt());
            assertThat(InternetChecksum.ipv4Header(address)).as("%s", seed).isEqualTo(right);
        }
    }

    @Test
    void computesTransportChecksumsWhateverTheFieldHolds() {
        for (int round = 0; round < 1000; round++) {
            byte[] payload = new byte[random.nextInt(100)];
            random.nextBytes(payload);
            boolean ipv6 = random.nextBoolean();
            check(addressed(Frames.tcp().seq(random.nextInt()), ipv6).payload(payload), TCP, 16);
            check(addressed(Frames.udp(), ipv6).payload(payload), UDP, 6);
            check(addressed(Frames.icmp(200, 1, 3), true).payload(payload), ICMPV6, 2);
        }
    }

    private FrameBuilder addressed(FrameBuilder builder, boolean ipv6) {
        String network = ipv6 ? "fd00:dead:beef::" : "10.1.2.";
        return builder.from(network + random.nextInt(100), random.nextInt(65536))
                .to(network + random.nextInt(100), random.nextInt(65536));
    }

    private void check(FrameBuilder builder, int protocol, int checksumOffset) {
        byte[] packet = builder.packet();
        boolean ipv6 = packet[0] >> 4 == 6;
        int headerBytes = ipv6 ? 40 : 20;
        long ip = load(packet);
        long transport = ip + headerBytes;
        int bytes = packet.length - headerBytes;
        int right = Memory.u16(transport + checksumOffset);
        Memory.putU16(transport + checksumOffset, random.nextInt());
        int computed =
                ipv6
                        ? InternetChecksum.transportV6(ip, transport, bytes, protocol)
                        : InternetChecksum.transportV4(ip, transport, bytes, protocol);
        assertThat(computed).as("protocol %d, ipv6 %s, %s", protocol, ipv6, seed).isEqualTo(right);
    }

    /** RFC 768: a computed 0 is sent as all ones, for 0 means that there is no checksum. */
    @Test
    void neverComputesZeroForUdp() {
        byte[] packet = Frames.udp().payload(new byte[2]).packet();
        long ip = load(packet);
        int rest = InternetChecksum.transportV4(ip, ip + 20, 10, UDP);
        Memory.putU16(ip + 28, rest);
        assertThat(InternetChecksum.transportV4(ip, ip + 20, 10, UDP)).isEqualTo(0xffff);

        byte[] tcp = Frames.tcp().payload(new byte[2]).packet();
        long segment = load(tcp);
        rest = InternetChecksum.transportV4(segment, segment + 20, 22, TCP);
        Memory.putU16(segment + 40, rest);
        assertThat(InternetChecksum.transportV4(segment, segment + 20, 22, TCP)).isZero();
    }

    @Test
    void computesIcmpChecksums() {
        for (int length = 0; length < 100; length++) {
            byte[] payload = new byte[length];
            random.nextBytes(payload);
            byte[] packet = Frames.ping(random.nextInt(65536), length).payload(payload).packet();
            long icmp = load(packet) + 20;
            int right = Memory.u16(icmp + 2);
            Memory.putU16(icmp + 2, random.nextInt());
            assertThat(InternetChecksum.icmp(icmp, packet.length - 20))
                    .as("%d bytes, %s", length, seed)
                    .isEqualTo(right);
        }
    }
}
