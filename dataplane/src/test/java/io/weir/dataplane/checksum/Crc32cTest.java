package io.weir.dataplane.checksum;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Sctp;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

class Crc32cTest {
    private final NativeBlock block = new NativeBlock(70_000);
    private final Seed seed = Seed.ofThisRun();
    private final Random random = seed.random();
    private final Crc32c crc = new Crc32c();

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

    /** The checksum of an SCTP packet, as the field shows it. */
    private int checksum(byte[] packet) {
        return crc.sctp(load(packet), packet.length);
    }

    /** RFC 7143 appendix A.4: 32 bytes of zeros, as sent. */
    @Test
    void knowsTheAnswerOfRfc7143() {
        assertThat(checksum(new byte[32])).isEqualTo(0xaa36918a);
    }

    /** A packet the recorded kernel sent: COOKIE ACK with the virtual port (sctp-nat-1). */
    @Test
    void knowsTheRecordedKernelsAnswer() {
        byte[] packet = HexFormat.of().parseHex("0b59c6ee0054766e332790e20b000004");
        long address = load(packet);
        assertThat(crc.sctp(address, packet.length)).isEqualTo(0x332790e2);
        assertThat(Sctp.checksum(address)).isEqualTo(0x332790e2);
    }

    /** Bit by bit, as the polynomial says: the remainder of a division. */
    private static int slow(byte[] packet) {
        int remainder = -1;
        for (int at = 0; at < packet.length; at++) {
            remainder ^= at >= 8 && at < 12 ? 0 : packet[at] & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                remainder = (remainder >>> 1) ^ ((remainder & 1) != 0 ? 0x82f63b78 : 0);
            }
        }
        return Integer.reverseBytes(~remainder);
    }

    @Test
    void agreesWithADivisionAtEveryLength() {
        for (int length = 12; length < 6_200; length += length < 200 ? 1 : 37) {
            byte[] packet = new byte[length];
            random.nextBytes(packet);
            assertThat(checksum(packet)).as("%d bytes, %s", length, seed).isEqualTo(slow(packet));
        }
        for (int length : new int[] {2047, 2048, 2049, 4095, 4096, 4097, 65_515}) {
            byte[] packet = new byte[length];
            random.nextBytes(packet);
            assertThat(checksum(packet)).as("%d bytes, %s", length, seed).isEqualTo(slow(packet));
        }
    }

    @Test
    void remembersNothingOfThePacketBefore() {
        byte[] packet = Frames.sctp().chunk(Sctp.ABORT).packet();
        int first = checksum(packet);
        checksum(new byte[5_000]);
        assertThat(checksum(packet)).isEqualTo(first);
    }

    @Test
    void computesSctpChecksumsWhateverTheFieldHolds() {
        for (int round = 0; round < 1_000; round++) {
            byte[] value = new byte[random.nextInt(100)];
            random.nextBytes(value);
            byte[] packet =
                    Frames.sctp()
                            .verificationTag(random.nextInt())
                            .chunk(Sctp.DATA, random.nextInt(256), value)
                            .packet();
            byte[] sctp = Arrays.copyOfRange(packet, Ipv4.MIN_HEADER_BYTES, packet.length);
            long address = load(sctp);
            int right = Sctp.checksum(address);
            Sctp.setChecksum(address, random.nextInt());
            assertThat(crc.sctp(address, sctp.length)).as("%s", seed).isEqualTo(right);
        }
    }
}
