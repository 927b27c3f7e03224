package io.weir.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.weir.dataplane.spi.PersistenceKey;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.GuardedMemory;
import io.weir.dataplane.testing.LastInput;

import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.stream.Stream;

/** Any datagram: a Call-ID lies inside of it, is not too long and has a line's end behind it. */
class SipCallIdFuzzTest {
    private static final int MOST = 1 << 14;
    private static final GuardedMemory MEMORY = new GuardedMemory(1, MOST / 4096);

    static Stream<byte[]> seeds() {
        return Stream.of(
                        "INVITE sip:b@example.org SIP/2.0\r\nCall-ID: f81d4fae@example.org\r\n\r\n",
                        "BYE sip:b@example.org SIP/2.0\ni: 1\r\n",
                        "SIP/2.0 200 OK\r\ncall-id :\r\n\t a@b\rX: y\r",
                        "A\nCall-ID: @x\nCall-ID: z\n")
                .map(Frames::ascii);
    }

    @MethodSource("seeds")
    @FuzzTest
    void staysInsideOfTheMessage(byte[] input) {
        LastInput.keep(input);
        byte[] message = Arrays.copyOf(input, Math.min(input.length, MOST));
        long found = SipCallId.find(MEMORY.place(0, message), message.length);
        if (found == SipCallId.NONE) {
            return;
        }
        int offset = SipCallId.offset(found);
        int bytes = SipCallId.bytes(found);
        assertThat(bytes).isBetween(1, PersistenceKey.MAX_BYTES);
        assertThat(offset).isBetween(1, message.length - bytes - 1);
        assertThat((char) message[offset + bytes]).isIn('\r', '\n');
        for (int i = offset; i < offset + bytes; i++) {
            assertThat(message[i] & 0xff).isGreaterThan(' ');
        }
    }
}
