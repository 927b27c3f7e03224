package io.weir.control.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.stream.Stream;

/** Any datagram is a heartbeat, or is refused for a reason. */
class HeartbeatFuzzTest {
    private static final SealedMessage.Key KEY = new SealedMessage.Key(new byte[16]);

    static Stream<byte[]> seeds() {
        return Stream.of(
                new byte[0],
                PulseMessage.of(true),
                PulseMessage.of(false),
                new SealedMessage(true, true, 1, 2, 3, 4).toBytes(KEY),
                new SealedMessage(false, false, -1, -2, -3, 7).toBytes(KEY),
                new byte[SealedMessage.BYTES]);
    }

    @MethodSource("seeds")
    @FuzzTest
    void datagramsAreTakenOrRefused(byte[] datagram) {
        Opened plain = Seal.OPEN.open(datagram);
        assertThat(plain.refusal() == null).isEqualTo(isPulse(datagram));
        Opened sealed = new HmacSeal(KEY, false, () -> 7).open(datagram);
        if (sealed.refusal() == null || sealed.greeting()) {
            assertThat(datagram).hasSize(SealedMessage.BYTES);
            assertThat(SealedMessage.read(datagram, KEY)).isNotNull();
        }
    }

    private static boolean isPulse(byte[] datagram) {
        return Arrays.equals(datagram, PulseMessage.of(true))
                || Arrays.equals(datagram, PulseMessage.of(false));
    }
}
