package io.weir.control.check.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import org.junit.jupiter.params.provider.MethodSource;

import java.nio.ByteBuffer;
import java.util.stream.Stream;

/** Whatever arrives is a reply or nothing; a reply repeats what was asked. */
final class EchoMessageFuzzTest {
    static Stream<byte[]> seeds() {
        byte[] request = new EchoMessage(0x1234, 7, 0x0102030405060708L).request(false);
        byte[] reply = request.clone();
        reply[0] = 0;
        byte[] wide = request.clone();
        wide[0] = (byte) 129;
        ByteBuffer raw = ByteBuffer.allocate(44).put(0, (byte) 0x47).position(28).put(reply);
        return Stream.of(request, reply, wide, raw.array(), new byte[] {0x4f, 0, 0});
    }

    @MethodSource("seeds")
    @FuzzTest
    void repliesRepeatTheRequest(byte[] message) {
        for (boolean ipv6 : new boolean[] {false, true}) {
            for (boolean raw : new boolean[] {false, true}) {
                EchoMessage reply = EchoMessage.reply(message, ipv6, raw);
                if (reply != null) {
                    int start = raw && !ipv6 ? (message[0] & 0xf) * 4 : 0;
                    byte[] again = reply.request(ipv6);
                    assertThat(message[start]).isEqualTo((byte) (ipv6 ? 129 : 0));
                    for (int i = 4; i < EchoMessage.BYTES; i++) {
                        assertThat(message[start + i]).isEqualTo(again[i]);
                    }
                }
            }
        }
    }
}
