package io.weir.bench.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

final class WeirVariantTest {
    private static final List<String> PROGRAM = List.of("weir");

    @Test
    void aVariantHasANameAndOptions() {
        assertThat(Weir.variant(PROGRAM, "two=nat --workers 2 --io=afpacket").name())
                .isEqualTo("two");
        assertThat(Weir.variant(PROGRAM, "plain=route").name()).isEqualTo("plain");
    }

    @ParameterizedTest
    @ValueSource(strings = {"two", "two=", "two=tunnel", "=nat", "a b=nat", "two=nat--workers"})
    void whatIsNoneIsRefused(String text) {
        assertThatThrownBy(() -> Weir.variant(PROGRAM, text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NAME=nat")
                .hasMessageEndingWith(text);
    }
}
