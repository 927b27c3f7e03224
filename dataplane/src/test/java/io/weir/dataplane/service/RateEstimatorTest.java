package io.weir.dataplane.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateEstimatorTest {
    private final RateEstimator rates = new RateEstimator();
    private long packets;

    private long after(long more) {
        packets += more;
        rates.sample(packets, packets, packets, packets * 100, packets * 100);
        return rates.inPacketRate();
    }

    @Test
    void aQuarterOfEachSampleEnters() {
        // 2000 packets in 2 seconds are 1000 a second; a quarter, and what is left of the rest.
        assertThat(after(2000)).isEqualTo(250);
        assertThat(after(2000)).isEqualTo(438);
        assertThat(after(0)).isEqualTo(329);
    }

    @Test
    void tendsToTheRate() {
        for (int i = 0; i < 60; i++) {
            after(2000);
        }
        assertThat(rates.inPacketRate()).isEqualTo(1000);
        assertThat(rates.connectionRate()).isEqualTo(1000);
        assertThat(rates.outPacketRate()).isEqualTo(1000);
        assertThat(rates.inByteRate()).isBetween(99_990L, 100_000L);
        assertThat(rates.outByteRate()).isBetween(99_990L, 100_000L);
    }

    @Test
    void aTrickleShows() {
        assertThat(after(1)).isEqualTo(1);
    }

    @Test
    void goesBackToNothing() {
        after(1000);
        for (int i = 0; i < 60; i++) {
            after(0);
        }
        assertThat(rates.inPacketRate()).isZero();
        assertThat(rates.inByteRate()).isZero();
    }

    @Test
    void aResetStartsFromWhatWasCounted() {
        after(1000);
        rates.reset(packets, packets, packets, packets * 100, packets * 100);
        assertThat(rates.inPacketRate()).isZero();
        assertThat(after(8)).isEqualTo(1);
    }
}
