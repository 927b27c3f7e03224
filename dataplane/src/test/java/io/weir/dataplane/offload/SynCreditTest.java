package io.weir.dataplane.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;

final class SynCreditTest {
    private static final int MOST = SynCredit.MOST_WAITING;
    private static final int LEAST = SynCredit.LEAST_PER_MILLI;

    private final NativeBlock memory = new NativeBlock(SynCredit.BYTES);
    private final SynCredit credit = new SynCredit(memory.address());
    private long millis;
    private long received;

    @AfterEach
    void close() {
        memory.close();
    }

    private long get(int offset) {
        return Memory.nativeLong(memory.address() + offset);
    }

    private void count(int offset, long more) {
        Memory.putNativeLong(memory.address() + offset, get(offset) + more);
    }

    /** As the programs decide. */
    private boolean refuses() {
        return get(SynCredit.ACCEPTED) >= get(SynCredit.MOST_ACCEPTED);
    }

    /** How many SYNs are accepted in a row. */
    private int acceptAll() {
        int accepted = 0;
        while (!refuses()) {
            count(SynCredit.ACCEPTED, 1);
            accepted++;
        }
        return accepted;
    }

    private void cycle(int taken) {
        credit.startCycle(millis, received);
        received += taken;
    }

    @Test
    void asManyMayWaitBeforeTheWorkerRunsAndAfterItHasTakenAll() {
        assertThat(acceptAll()).isEqualTo(MOST);
        cycle(MOST);
        cycle(0);
        assertThat(acceptAll()).isEqualTo(MOST);
    }

    @Test
    void asManyAreAcceptedAsAreTaken() {
        acceptAll();
        cycle(60);
        cycle(7);
        assertThat(acceptAll()).isEqualTo(60);
        cycle(0);
        assertThat(acceptAll()).isEqualTo(7);
    }

    @Test
    void otherPacketsAreAcceptedBeyondThatAndDelayTheNextSyn() {
        acceptAll();
        count(SynCredit.ACCEPTED, 100);
        cycle(101);
        cycle(1);
        assertThat(acceptAll()).isEqualTo(1);
    }

    @Test
    void whatWasLostIsForgottenWhenThereIsNothingToTake() {
        cycle(0);
        acceptAll();
        cycle(60); // all the rest was lost
        cycle(0);
        cycle(0);
        assertThat(acceptAll()).isEqualTo(MOST);
    }

    @Test
    void whatComesWhileTheWorkerLooksIsNotTakenForLost() {
        cycle(0);
        acceptAll(); // after it has looked
        cycle(0);
        assertThat(acceptAll()).isZero();
        cycle(0);
        assertThat(acceptAll()).isEqualTo(MOST);
    }

    @Test
    void someAreAcceptedInEachMillisecondWhateverIsLost() {
        acceptAll();
        count(SynCredit.ACCEPTED, 1_000_000);
        for (int i = 0; i < 5; i++) {
            millis++;
            cycle(1);
            assertThat(acceptAll()).isEqualTo(LEAST);
            cycle(1);
            assertThat(acceptAll()).isEqualTo(1);
        }
    }

    @Test
    void framesThatNoFilterHasCountedLetNoMoreWait() {
        cycle(1_000_000);
        cycle(1);
        assertThat(acceptAll()).isEqualTo(MOST);
    }

    @Test
    void refusedOnesAreToldOnce() {
        count(SynCredit.REFUSED, 5_000);
        assertThat(credit.takeRefused()).isEqualTo(5_000);
        assertThat(credit.takeRefused()).isZero();
        count(SynCredit.REFUSED, 1);
        assertThat(credit.takeRefused()).isEqualTo(1);
    }

    /** Who may still wait, by the number of the cycle before which each was accepted. */
    private static final class Model {
        final Deque<Integer> waiting = new ArrayDeque<>();
        int cycle;
        long millis;
        int taken = 1;
        int refused;

        boolean syn() {
            if (waiting.size() >= MOST) {
                refused++;
                return false;
            }
            waiting.add(cycle);
            return true;
        }

        void cycle(long nowMillis, int nowTaken) {
            if (taken == 0) {
                waiting.removeIf(before -> before < cycle);
            } else {
                forget(waiting.size() - taken);
            }
            if (nowMillis != millis) {
                forget(MOST - LEAST);
            }
            millis = nowMillis;
            taken = nowTaken;
            cycle++;
        }

        void forget(int left) {
            while (waiting.size() > Math.max(0, left)) {
                waiting.remove();
            }
        }
    }

    @Test
    void everySynIsDecidedAsByAListOfThoseThatWait() {
        Random random = Seed.ofThisRun().random();
        Model model = new Model();
        cycle(1);
        model.cycle(0, 1);
        int inRing = 0;
        for (int step = 0; step < 3_000; step++) {
            int syns = random.nextInt(random.nextInt(40) == 0 ? 3_000 : 80);
            for (int i = 0; i < syns; i++) {
                String what = "step " + step + " of " + Seed.ofThisRun();
                assertThat(refuses()).as(what).isNotEqualTo(model.syn());
                if (!refuses()) {
                    count(SynCredit.ACCEPTED, 1);
                    inRing += random.nextInt(100) == 0 ? 0 : 1;
                }
            }
            if (random.nextInt(20) == 0) {
                millis++;
            }
            int taken = random.nextInt(8) == 0 ? 0 : Math.min(inRing, random.nextInt(90));
            inRing -= taken;
            cycle(taken);
            model.cycle(millis, taken);
        }
        assertThat(model.refused).isPositive();
    }
}
