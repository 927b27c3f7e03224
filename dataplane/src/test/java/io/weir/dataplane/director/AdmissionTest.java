package io.weir.dataplane.director;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final int UNLIMITED = 1_000_000;

    private final Admission admission = new Admission();
    private long now = 5_000_000;

    private void busy(int millis) {
        for (int i = 0; i < millis; i++) {
            now++;
            admission.startCycle(now);
            admission.received();
        }
    }

    private void idle(int millis) {
        now += millis;
        admission.startCycle(now);
        admission.startCycle(now);
    }

    private int admitted() {
        int count = 0;
        while (count < UNLIMITED && admission.admit()) {
            count++;
        }
        return count;
    }

    @Test
    void hasNoLimitWhileTheTableHasRoom() {
        busy(1_000);
        assertThat(admitted()).isEqualTo(UNLIMITED);
        assertThat(admission.exhausted()).isFalse();
    }

    @Test
    void leavesTheLeastToAWorkerThatHasNoBreak() {
        busy(1_000);
        admission.limit();
        admitted();
        for (int i = 0; i < 50; i++) {
            assertThat(admission.exhausted()).isTrue();
            admission.limit();
            busy(1);
            assertThat(admitted()).isEqualTo(Admission.LEAST);
        }
    }

    @Test
    void leavesMoreAfterEachPeriodWithABreakUntilItIsMoreThanAnyWorkerDoes() {
        busy(1_000);
        admission.limit();
        admitted();
        int before = Admission.LEAST;
        for (int i = 0; i < 100; i++) {
            idle(1);
            int perMilli = admitted();
            assertThat(perMilli).isBetween(before, before + before / 4);
            before = perMilli;
            idle((int) Admission.PERIOD_MILLIS);
            admission.limit();
            admitted();
        }
        assertThat(before).isEqualTo(Admission.MOST);
    }

    @Test
    void makesUpForAPauseOfTheWorkerWithinBounds() {
        busy(1_000);
        admission.limit();
        admitted();
        now += 500;
        admission.startCycle(now);
        admission.received();
        assertThat(admitted()).isBetween(1, (int) Admission.PERIOD_MILLIS * 2 * Admission.LEAST);
    }

    @Test
    void endsASecondAfterTheTableHadNoRoom() {
        busy(1_000);
        admission.limit();
        busy((int) Admission.HOLD_MILLIS - 1);
        admitted();
        assertThat(admission.exhausted()).isTrue();
        busy(1);
        assertThat(admission.exhausted()).isFalse();
        assertThat(admitted()).isEqualTo(UNLIMITED);
    }
}
