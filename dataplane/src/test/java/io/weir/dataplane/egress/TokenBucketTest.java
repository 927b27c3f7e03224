package io.weir.dataplane.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.Random;

class TokenBucketTest {
    @Test
    void startsFullAndFillsWithTime() {
        TokenBucket bucket = new TokenBucket(10, 2);
        assertThat(bucket.take(0)).isTrue();
        assertThat(bucket.take(0)).isTrue();
        assertThat(bucket.take(0)).isFalse();
        assertThat(bucket.take(99)).isFalse();
        assertThat(bucket.take(100)).isTrue();
        assertThat(bucket.take(100)).isFalse();
    }

    @Test
    void holdsNoMoreThanItsBurst() {
        TokenBucket bucket = new TokenBucket(1000, 3);
        int taken = 0;
        while (bucket.take(1_000_000_000_000L)) {
            taken++;
        }
        assertThat(taken).isEqualTo(3);
    }

    @Test
    void withoutARateThereIsNoLimit() {
        TokenBucket bucket = new TokenBucket(0, 1);
        for (int i = 0; i < 1000; i++) {
            assertThat(bucket.take(0)).isTrue();
        }
    }

    @Test
    void neverGivesMoreThanRateAndBurst() {
        Random random = Seed.ofThisRun().random();
        for (int round = 0; round < 200; round++) {
            int rate = 1 + random.nextInt(2000);
            int burst = 1 + random.nextInt(50);
            TokenBucket bucket = new TokenBucket(rate, burst);
            long now = random.nextInt(1000);
            long start = now;
            long taken = bucket.take(now) ? 1 : 0;
            for (int i = 0; i < 500; i++) {
                now += random.nextInt(20);
                taken += bucket.take(now) ? 1 : 0;
            }
            assertThat(taken)
                    .as(Seed.ofThisRun() + " round " + round)
                    .isLessThanOrEqualTo(burst + (now - start) * rate / 1000)
                    .isGreaterThanOrEqualTo(Math.min(501, (now - start) * rate / 1000 / 40));
        }
    }
}
