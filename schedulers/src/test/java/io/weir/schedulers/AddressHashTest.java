package io.weir.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.IpAddress;

import org.junit.jupiter.api.Test;

import java.util.SplittableRandom;

final class AddressHashTest {
    /** The top 8 of the 32 bits of the product, in arithmetic wide enough not to overflow. */
    static int multiplicative(long value) {
        return (int) ((value & 0xffffffffL) * 0x61C88647L % (1L << 32) / (1L << 24));
    }

    @Test
    void multipliesWithoutSign() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 10_000; i++) {
            int value = random.nextInt();
            assertThat(AddressHash.multiplicative(value, 8)).isEqualTo(multiplicative(value));
        }
    }

    @Test
    void foldsTheFourWordsOfAnIpv6Address() {
        IpAddress address = Farm.address("1:2:30:40:500:600:7000:8000");
        assertThat(AddressHash.fold(address.high(), address.low()))
                .isEqualTo(0x0001_0002 ^ 0x0030_0040 ^ 0x0500_0600 ^ 0x7000_8000);
    }

    @Test
    void anIpv4AddressFoldsToItself() {
        IpAddress address = Farm.address("192.0.2.7");
        assertThat(AddressHash.fold(address.high(), address.low())).isEqualTo(0xc0000207);
    }
}
