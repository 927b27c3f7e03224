package io.weir.bench.live;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

final class SpreadTest {
    @Test
    void theMedianOfAnOddCountIsTheMiddle() {
        assertThat(Spread.of(List.of(9.0, 1.0, 2.0))).isEqualTo(new Spread(2, 1, 9));
    }

    @Test
    void theMedianOfAnEvenCountIsBetweenTheTwoInTheMiddle() {
        assertThat(Spread.of(List.of(9.0, 1.0, 2.0, 4.0))).isEqualTo(new Spread(3, 1, 9));
    }

    @Test
    void roundsWithoutASampleDoNotCount() {
        assertThat(Spread.of(List.of(Double.NaN, 5.0))).isEqualTo(new Spread(5, 5, 5));
        assertThat(Spread.of(List.of()).median()).isNaN();
    }

    @Test
    void ratiosAreOfTheSameRound() {
        // The second round was twice as slow for both: the ratio stays, the median of each does
        // not.
        assertThat(Spread.ofRatios(List.of(10.0, 20.0, 11.0), List.of(5.0, 10.0, 10.0)))
                .isEqualTo(new Spread(2, 1.1, 2));
    }

    @Test
    void aRoundThatOneOfTheTwoMissesHasNoRatio() {
        assertThat(Spread.ofRatios(List.of(4.0, 6.0, 8.0), List.of(2.0, Double.NaN)))
                .isEqualTo(new Spread(2, 2, 2));
        assertThat(Spread.ofRatios(List.of(4.0), List.of(0.0)).median()).isNaN();
    }
}
