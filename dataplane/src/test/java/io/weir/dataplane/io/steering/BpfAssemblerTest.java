package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.io.steering.BpfAssembler.Label;

import org.junit.jupiter.api.Test;

/** Encodings worked out by hand from RFC 9669. */
class BpfAssemblerTest {
    private final BpfAssembler code = new BpfAssembler();

    @Test
    void fieldsAreWhereTheRfcHasThem() {
        code.loadWord(BpfAssembler.R1, BpfAssembler.R6, 16);
        code.storeHalf(BpfAssembler.FRAME, -6, BpfAssembler.R3);
        code.moveImmediate(BpfAssembler.R0, -1);
        code.fromNetworkHalf(BpfAssembler.R9);
        code.exit();
        assertThat(code.assemble())
                .containsExactly(
                        0x0000_0000_0010_6161L,
                        0x0000_0000_fffa_3a6bL,
                        0xffff_ffff_0000_00b7L,
                        0x0000_0010_0000_09dcL,
                        0x0000_0000_0000_0095L);
    }

    @Test
    void mapTakesTwoInstructions() {
        code.loadMap(BpfAssembler.R1, 77);
        assertThat(code.assemble()).containsExactly(0x0000_004d_0000_1118L, 0L);
    }

    @Test
    void jumpsCountFromTheInstructionBehindThem() {
        Label back = new Label();
        Label ahead = new Label();
        code.place(back);
        code.jumpIfEqual(BpfAssembler.R2, 4, ahead);
        code.jump(back);
        code.place(ahead);
        code.exit();
        assertThat(code.assemble())
                .containsExactly(
                        0x0000_0004_0001_0215L, 0x0000_0000_fffe_0005L, 0x0000_0000_0000_0095L);
    }

    @Test
    void jumpToNowhereIsRefused() {
        code.jump(new Label());
        assertThatThrownBy(code::assemble).isInstanceOf(IllegalStateException.class);
    }
}
