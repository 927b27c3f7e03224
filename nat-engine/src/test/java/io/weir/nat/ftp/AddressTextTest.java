package io.weir.nat.ftp;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.util.Random;

class AddressTextTest {
    private final NativeBlock block = new NativeBlock(256);
    private final AddressText text = new AddressText();

    @AfterEach
    void close() {
        block.close();
    }

    private IpAddress read(boolean ipv6, String address) {
        byte[] bytes = address.getBytes(StandardCharsets.ISO_8859_1);
        Memory.fill(block.address(), block.bytes(), (byte) '1');
        Memory.copyIn(bytes, 0, block.address(), bytes.length);
        if (!text.read(ipv6, block.address(), bytes.length)) {
            return null;
        }
        return ipv6 ? IpAddress.v6(text.high(), text.low()) : IpAddress.v4((int) text.low());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "::",
                "::1",
                "1::",
                "fd01::b",
                "1:2:3:4:5:6:7:8",
                "1::8",
                "1:2:3:4::8",
                "1:2:3::6:7:8",
                "1:2:3:4:5:6:7::",
                "::2:3:4:5:6:7:8",
                "::ffff:10.1.2.3",
                "64:ff9b::10.1.2.3",
                "1:2:3:4:5:6:10.1.2.3",
                "FFFF:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
            })
    void readsIpv6(String address) {
        assertThat(read(true, address)).isEqualTo(IpAddress.parse(address));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                ":::",
                "1",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7:",
                ":1:2:3:4:5:6:7",
                "1::2::3",
                "12345::",
                "g::",
                "1:2:3:4:5:6:7:1.2.3.4",
                "::1.2.3",
                "1:2:3:4::5:6:7:8:9",
                "1.2.3.4"
            })
    void refusesWhatIsNotIpv6(String address) {
        assertThat(read(true, address)).isNull();
    }

    @Test
    void agreesWithTheParserOfTheRules() {
        Random random = Seed.ofThisRun().random();
        int read = 0;
        for (int round = 0; round < 30_000; round++) {
            String address = random(random);
            IpAddress expected = IpAddress.parse(address);
            IpAddress found = read(address.indexOf(':') >= 0, address);
            if (expected != null || (found != null && !leadingZero(address))) {
                assertThat(found).as("%s %s", Seed.ofThisRun(), address).isEqualTo(expected);
            }
            read += found == null ? 0 : 1;
        }
        assertThat(read).isBetween(3_000, 28_000);
    }

    // The rules' parser knows no octet such as 01; FTP servers may write one.
    private static boolean leadingZero(String address) {
        return address.matches(".*(^|[.:])0\\d.*") && address.indexOf('.') >= 0;
    }

    private static String random(Random random) {
        StringBuilder address = new StringBuilder();
        if (random.nextInt(4) == 0) {
            for (int i = 0; i < 4; i++) {
                address.append(i > 0 ? "." : "").append(random.nextInt(260));
            }
        } else {
            int gap = random.nextInt(9);
            int groups = gap < 8 ? random.nextInt(8) : 8;
            for (int i = 0; i < groups; i++) {
                address.append(i == gap ? "::" : i > 0 ? ":" : "");
                address.append(Integer.toHexString(random.nextInt(0x10000) >> random.nextInt(16)));
            }
            address.append(groups <= gap && gap < 8 ? "::" : "");
        }
        if (random.nextInt(4) == 0 && !address.isEmpty()) {
            int at = random.nextInt(address.length());
            address.setCharAt(at, ":.0f".charAt(random.nextInt(4)));
        }
        return address.toString();
    }
}
