package io.weir.control.replay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.HexFormat;

/** What is masked must not hide more than the kernel's own choices. */
final class KernelChoicesTest {
    private static final String FORWARDED =
            "02000000020d02000000000208004510002c53d040007f066171cb00716b0a02000d"
                    + "41821f9075139cf0000000006002faf0e3a40000020405b4";

    private static final String ICMP_ERROR =
            "0200000001fe020000000001080045c0004412340000400156780a010064cb00716b0b002a9100000000"
                + "45000028000000000006bbbbcb00716b0a01006418430050000000010000000050020000aaaa0000";

    @Test
    void aForwardedFrameIsComparedWhole() {
        byte[] frame = HexFormat.of().parseHex(FORWARDED);
        assertThat(KernelChoices.cleared(frame)).isEqualTo(frame);
    }

    @Test
    void theIdentificationOfAnErrorIsMaskedAndNothingElse() {
        byte[] frame = HexFormat.of().parseHex(ICMP_ERROR);
        byte[] cleared = KernelChoices.cleared(frame);
        for (int i = 0; i < frame.length; i++) {
            boolean masked = i == 18 || i == 19 || i == 24 || i == 25;
            assertThat(cleared[i]).as("byte %d", i).isEqualTo(masked ? 0 : frame[i]);
        }
    }
}
