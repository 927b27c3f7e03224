package io.weir.nat.ftp;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.Random;

class SequenceAdjustmentTest {
    private final SequenceAdjustment adjustment = new SequenceAdjustment();

    @Test
    void changesNothingUntilSomethingIsReplaced() {
        assertThat(adjustment.active()).isFalse();
        assertThat(adjustment.sequence(5)).isEqualTo(5);
        assertThat(adjustment.acknowledgement(-5)).isEqualTo(-5);
    }

    @Test
    void shiftsWhatFollowsTheReplacedSegment() {
        adjustment.replaced(814, 48, 1);
        assertThat(adjustment.sequence(814)).isEqualTo(814);
        assertThat(adjustment.sequence(862)).isEqualTo(863);
        assertThat(adjustment.acknowledgement(814)).isEqualTo(814);
        assertThat(adjustment.acknowledgement(863)).isEqualTo(862);
    }

    @Test
    void secondReplacementKeepsTheShiftOfTheFirst() {
        adjustment.replaced(814, 48, 1);
        adjustment.replaced(880, 47, 1);
        assertThat(adjustment.sequence(880)).isEqualTo(881);
        assertThat(adjustment.sequence(927)).isEqualTo(929);
        assertThat(adjustment.acknowledgement(881)).isEqualTo(880);
        assertThat(adjustment.acknowledgement(929)).isEqualTo(927);
    }

    @Test
    void aPartOfTheReplacedSegmentIsNotAcknowledged() {
        adjustment.replaced(100, 20, -3);
        for (int part = 101; part < 117; part++) {
            assertThat(adjustment.acknowledgement(part)).isEqualTo(100);
        }
        assertThat(adjustment.acknowledgement(117)).isEqualTo(120);
    }

    /** A stream of segments, some replaced, whose places on both sides are written down. */
    @Test
    void agreesWithAStreamWrittenDown() {
        Random random = Seed.ofThisRun().random();
        for (int round = 0; round < 2_000; round++) {
            adjustment.clear();
            int sender = random.nextInt();
            int receiver = sender;
            for (int segment = 0; segment < 30; segment++) {
                int bytes = 1 + random.nextInt(60);
                boolean replaced = random.nextInt(4) == 0;
                int growth = replaced ? random.nextInt(17) - Math.min(8, bytes - 1) : 0;
                if (growth != 0) {
                    adjustment.replaced(sender, bytes, growth);
                }
                String where = Seed.ofThisRun() + " round " + round + " segment " + segment;
                assertThat(adjustment.sequence(sender)).as(where).isEqualTo(receiver);
                assertThat(adjustment.acknowledgement(receiver)).as(where).isEqualTo(sender);
                sender += bytes;
                receiver += bytes + growth;
                assertThat(adjustment.sequence(sender)).as(where).isEqualTo(receiver);
                assertThat(adjustment.acknowledgement(receiver)).as(where).isEqualTo(sender);
            }
        }
    }
}
