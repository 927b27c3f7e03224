package io.weir.dataplane.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.checksum.ChecksumUpdate;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.Random;

class PlainHeaderTest {
    @Test
    void lowersTheTimeToLiveAndCorrectsAnyChecksumByTheDifference() {
        Random random = Seed.ofThisRun().random();
        try (NativeBlock block = new NativeBlock(24)) {
            long ip = block.address();
            for (int checksum = 0; checksum < 0x10000; checksum++) {
                for (int at = 0; at < 24; at++) {
                    Memory.putU8(ip + at, random.nextInt(4) == 0 ? 0xff : random.nextInt(256));
                }
                int before = 1 + random.nextInt(255);
                Ipv4.setTimeToLive(ip, before);
                Ipv4.setChecksum(ip, checksum);
                byte[] expected = Memory.bytes(ip, 24);
                int word = before << 8 | Ipv4.protocol(ip);
                int corrected = ChecksumUpdate.replace16(checksum, word, word - 0x100);
                expected[8] = (byte) (before - 1);
                expected[10] = (byte) (corrected >>> 8);
                expected[11] = (byte) corrected;

                PlainHeader.lowerTimeToLive(ip);

                assertThat(Memory.bytes(ip, 24))
                        .as("%s, checksum %04x", Seed.ofThisRun(), checksum)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void readsAddressesAndPorts() {
        try (NativeBlock block = new NativeBlock(24)) {
            long ip = block.address();
            Ipv4.setSource(ip, 0x0a01_02fe);
            Ipv4.setDestination(ip, 0xc0a8_0001);
            Memory.putU32(ip + 20, 0xfedc_0050);
            assertThat(PlainHeader.ends(ip)).isEqualTo(0xc0a8_0001_0a01_02feL);
            assertThat(PlainHeader.ports(ip)).isEqualTo(0xfedc_0050);
        }
    }
}
