package io.weir.dataplane.io.afpacket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RingSizeTest {
    @Test
    void slotsFollowTheMtuAndMemoryStaysTheSame() {
        assertThat(RingSize.forMtu(1500)).isEqualTo(new RingSize(8192, 2048));
        assertThat(RingSize.forMtu(1856)).isEqualTo(new RingSize(8192, 2048));
        assertThat(RingSize.forMtu(1857)).isEqualTo(new RingSize(4096, 4096));
        assertThat(RingSize.forMtu(9000)).isEqualTo(new RingSize(1024, 16384));
        assertThat(RingSize.forMtu(65536)).isEqualTo(new RingSize(256, 65536));
    }

    @Test
    void sizesTheKernelCannotMapAreRefused() {
        for (int[] size :
                new int[][] {{100, 2048}, {1024, 3000}, {64, 1024}, {64, 2048}, {1, 1 << 17}}) {
            assertThatThrownBy(() -> new RingSize(size[0], size[1]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(size[0] + " slots of " + size[1] + " bytes");
        }
    }
}
