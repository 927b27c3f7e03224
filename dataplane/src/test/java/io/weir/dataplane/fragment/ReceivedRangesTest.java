package io.weir.dataplane.fragment;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.fragment.ReceivedRanges.Outcome;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.BitSet;
import java.util.Random;

class ReceivedRangesTest {
    private static final int DATAGRAMS = 3;
    private static final int MOST = 40;
    private static final int BYTES = 300;

    @Test
    void agreesWithABitForEachByte() {
        Random random = Seed.ofThisRun().random();
        ReceivedRanges ranges = new ReceivedRanges(DATAGRAMS, MOST);
        BitSet[] model = new BitSet[DATAGRAMS];
        int[] added = new int[DATAGRAMS];
        for (int i = 0; i < DATAGRAMS; i++) {
            model[i] = new BitSet();
        }
        for (int step = 0; step < 50_000; step++) {
            int datagram = random.nextInt(DATAGRAMS);
            if (added[datagram] == MOST || random.nextInt(60) == 0) {
                ranges.clear(datagram);
                model[datagram].clear();
                added[datagram] = 0;
            }
            int begin = random.nextInt(BYTES);
            int end = begin + 1 + random.nextInt(random.nextInt(20) == 0 ? BYTES : 25);
            Outcome expected = outcome(model[datagram], begin, end);
            assertThat(ranges.add(datagram, begin, end))
                    .as("%s step %d", Seed.ofThisRun(), step)
                    .isEqualTo(expected);
            if (expected == Outcome.ADDED) {
                model[datagram].set(begin, end);
                added[datagram]++;
            }
            int length = model[datagram].length();
            boolean whole = length > 0 && model[datagram].nextClearBit(0) == length;
            assertThat(ranges.complete(datagram, length))
                    .as("%s step %d", Seed.ofThisRun(), step)
                    .isEqualTo(whole);
        }
    }

    private static Outcome outcome(BitSet there, int begin, int end) {
        int common = there.get(begin, end).cardinality();
        if (common == 0) {
            return Outcome.ADDED;
        }
        return common == end - begin ? Outcome.DUPLICATE : Outcome.OVERLAP;
    }

    @Test
    void isCompleteOnlyFromTheFirstByteToTheLast() {
        ReceivedRanges ranges = new ReceivedRanges(2, 4);
        ranges.clear(1);
        ranges.add(1, 8, 16);
        assertThat(ranges.complete(1, 16)).isFalse();
        ranges.add(1, 24, 32);
        ranges.add(1, 0, 8);
        assertThat(ranges.complete(1, 32)).isFalse();
        assertThat(ranges.add(1, 16, 24)).isEqualTo(Outcome.ADDED);
        assertThat(ranges.complete(1, 32)).isTrue();
        assertThat(ranges.complete(1, 24)).isFalse();
        assertThat(ranges.add(1, 0, 32)).isEqualTo(Outcome.DUPLICATE);
        assertThat(ranges.add(1, 24, 40)).isEqualTo(Outcome.OVERLAP);
    }
}
