package io.weir.nat.ftp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.GuardedMemory;
import io.weir.dataplane.testing.LastInput;

import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;

/** Any segment of a control connection: what is found in it stands there. */
class FtpTextFuzzTest {
    private static final int MOST = 1 << 14;
    private static final GuardedMemory MEMORY = new GuardedMemory(1, MOST / 4096);

    static Stream<byte[]> seeds() {
        return Stream.of(
                        "PASV\r\nEPSV\r\n",
                        "PORT 10,1,0,11,4,1\r\n",
                        "eprt |1|10.1.0.11|4000|\r\n",
                        "PORT 10,1,0,11,4,1\r\nPORT 10,1,0,12,0,0\r\n",
                        "PORT 10,1,0,11,4,1\r\nEPRT |1|10.1.0.12|0|\r\n",
                        "EPRT |2|fd01::11|4000|\r\n",
                        "227 Entering Passive Mode (10,2,0,11,156,64).\r\n",
                        "227-x\r\n227 =10,2,0,11,156,64\n",
                        "229 Entering Extended Passive Mode (|||40000|)\r\n")
                .map(Frames::ascii);
    }

    @MethodSource("seeds")
    @FuzzTest
    void findsWhatIsThere(byte[] input) {
        LastInput.keep(input);
        byte[] segment = Arrays.copyOf(input, Math.min(input.length, MOST));
        long address = MEMORY.place(0, segment);
        FtpText text = new FtpText();
        int command = text.readCommand(address, segment.length);
        if (command == FtpText.PORT || command == FtpText.EPRT) {
            assertThat(text.port()).isBetween(1, 0xffff);
        }
        int reply = text.readReply(address, segment.length);
        if (reply == FtpText.NONE) {
            return;
        }
        assertThat(text.port()).isBetween(1, 0xffff);
        assertThat(text.lineAt()).isBetween(0, segment.length - 1);
        if (reply == FtpText.PASSIVE) {
            checkAddress(text, segment);
        }
    }

    private static void checkAddress(FtpText text, byte[] segment) {
        int at = text.addressAt();
        assertThat(at).isGreaterThanOrEqualTo(text.lineAt());
        assertThat(at + text.addressBytes()).isLessThanOrEqualTo(segment.length);
        String written = new String(segment, at, text.addressBytes(), StandardCharsets.ISO_8859_1);
        String[] numbers = written.split(",", -1);
        assertThat(numbers).hasSize(4);
        int address = 0;
        for (String number : numbers) {
            address = address << 8 | Integer.parseInt(number);
        }
        assertThat(IpAddress.v4((int) text.addressLow())).isEqualTo(IpAddress.v4(address));
    }
}
