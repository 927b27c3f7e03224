package io.weir.control.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.ByteOrder;

class PulseMessageTest {
    @Test
    void bytesAreThoseOfPulseOnThisKindOfMachine() {
        assertThat(ByteOrder.nativeOrder()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
        assertThat(PulseMessage.of(true))
                .containsExactly((byte) 0xda, (byte) 0xdb, (byte) 0xad, (byte) 0xbd);
        assertThat(PulseMessage.of(false))
                .containsExactly((byte) 0xbd, (byte) 0xda, (byte) 0xbd, (byte) 0xad);
    }

    @Test
    void readsWhatItWrites() {
        assertThat(PulseMessage.open(PulseMessage.of(true))).isEqualTo(Opened.heartbeat(true));
        assertThat(PulseMessage.open(PulseMessage.of(false))).isEqualTo(Opened.heartbeat(false));
    }

    @Test
    void othersAreRefused() {
        byte[] fos = {(byte) 0xbe, (byte) 0xba, (byte) 0xef, (byte) 0xbe};
        assertThat(PulseMessage.open(fos).refusal()).isEqualTo(Refusal.INCOMPATIBLE);
        assertThat(PulseMessage.open(new byte[3]).refusal()).isEqualTo(Refusal.MALFORMED);
        assertThat(PulseMessage.open(new byte[5]).refusal()).isEqualTo(Refusal.MALFORMED);
    }
}
