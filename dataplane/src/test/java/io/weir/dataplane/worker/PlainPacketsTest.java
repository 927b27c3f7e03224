package io.weir.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.Random;

class PlainPacketsTest {
    // Every wrong checksum, and headers whose sum has many ones or none.
    @Test
    void findsAHeadersChecksumRightAsAddingItUpDoes() {
        Random random = Seed.ofThisRun().random();
        try (NativeBlock block = new NativeBlock(24)) {
            long ip = block.address();
            for (int step = 0; step < 20_000; step++) {
                for (int at = 0; at < 24; at++) {
                    Memory.putU8(ip + at, random.nextInt(4) == 0 ? 0xff : random.nextInt(256));
                }
                Memory.putU8(ip, 0x45);
                Ipv4.setChecksum(ip, InternetChecksum.ipv4Header(ip));
                assertThat(right(ip)).as("%s, step %d", Seed.ofThisRun(), step).isTrue();
                int other = random.nextInt(0x10000);
                Ipv4.setChecksum(ip, other);
                boolean sums =
                        InternetChecksum.complement(InternetChecksum.sum(ip, Ipv4.MIN_HEADER_BYTES))
                                == 0;
                assertThat(right(ip)).as("%s, step %d", Seed.ofThisRun(), step).isEqualTo(sums);
            }
            for (int checksum = 0; checksum < 0x10000; checksum++) {
                Ipv4.setChecksum(ip, checksum);
                long sum = InternetChecksum.sum(ip, Ipv4.MIN_HEADER_BYTES);
                assertThat(right(ip)).isEqualTo(InternetChecksum.complement(sum) == 0);
            }
        }
    }

    private static boolean right(long ip) {
        return PlainPackets.checksumRight(
                Memory.nativeLong(ip), Memory.nativeLong(ip + 8), Memory.nativeLong(ip + 16));
    }
}
