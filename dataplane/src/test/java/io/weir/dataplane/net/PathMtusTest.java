package io.weir.dataplane.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PathMtusTest {
    private static final int LINK = 1500;

    private final PathMtus mtus = new PathMtus();

    private int sending(int address, long now) {
        return mtus.forSending(0, PathMtus.mappedLow(address), LINK, now);
    }

    @Test
    void onlyLowers() {
        assertThat(sending(1, 0)).isEqualTo(LINK);
        mtus.learn(0, PathMtus.mappedLow(1), 1600, LINK, 0);
        assertThat(sending(1, 0)).isEqualTo(LINK);
        mtus.learn(0, PathMtus.mappedLow(1), 1280, LINK, 0);
        assertThat(sending(1, 0)).isEqualTo(1280);
        mtus.learn(0, PathMtus.mappedLow(1), 1400, LINK, 0);
        assertThat(sending(1, 0)).isEqualTo(1280);
        assertThat(sending(2, 0)).isEqualTo(LINK);
        assertThat(mtus.forSending(1, 1, LINK, 0)).isEqualTo(LINK);
        assertThat(mtus.forSending(0, PathMtus.mappedLow(1), 1000, 0))
                .as("a narrower link")
                .isEqualTo(1000);
    }

    @Test
    void doesNotBelieveInTooNarrowPaths() {
        mtus.learn(0, PathMtus.mappedLow(1), 0, LINK, 0);
        assertThat(sending(1, 0)).isEqualTo(PathMtus.NARROWEST);
        mtus.learn(0, PathMtus.mappedLow(2), 300, 400, 0);
        assertThat(mtus.forSending(0, PathMtus.mappedLow(2), 400, 0)).isEqualTo(400);
    }

    @Test
    void keepsTheFamiliesApart() {
        mtus.learn(0, 0x0a000001, 600, LINK, 0);
        assertThat(mtus.forSending(0, 0x0a000001, LINK, 0)).isEqualTo(PathMtus.NARROWEST_6);
        assertThat(sending(0x0a000001, 0)).isEqualTo(LINK);
        mtus.learn(1, 2, 1400, LINK, 0);
        assertThat(mtus.forSending(1, 2, LINK, 0)).isEqualTo(1400);
        assertThat(mtus.learn(1, 2, 1300, LINK, 1)).isTrue();
        assertThat(mtus.forSending(1, 2, LINK, 1)).isEqualTo(1300);
    }

    // (recorded: icmp-dr-2)
    @Test
    void isInUseWithTheNextPacket() {
        mtus.learn(0, PathMtus.mappedLow(1), 1280, LINK, 0);
        assertThat(mtus.inUse(0, PathMtus.mappedLow(1), LINK, 0)).isEqualTo(LINK);
        sending(1, 0);
        assertThat(mtus.inUse(0, PathMtus.mappedLow(1), LINK, 0)).isEqualTo(1280);
        mtus.learn(0, PathMtus.mappedLow(1), 1000, LINK, 0);
        assertThat(mtus.inUse(0, PathMtus.mappedLow(1), LINK, 0)).isEqualTo(1280);
    }

    @Test
    void forgetsAfterTenMinutes() {
        mtus.learn(0, PathMtus.mappedLow(1), 1280, LINK, 5);
        mtus.learn(0, PathMtus.mappedLow(2), 1280, LINK, 400_000);
        assertThat(sending(1, 600_004)).isEqualTo(1280);
        assertThat(sending(1, 600_005)).isEqualTo(LINK);
        assertThat(sending(2, 600_005)).isEqualTo(1280);
        assertThat(sending(2, 2_000_000)).isEqualTo(LINK);
        // Told again, it is known again.
        mtus.learn(0, PathMtus.mappedLow(1), 1300, LINK, 2_000_000);
        assertThat(sending(1, 2_000_000)).isEqualTo(1300);
    }

    @Test
    void theOneForgottenFirstMakesRoom() {
        int evicted = 0;
        for (int i = 0; i < 10 * PathMtus.ENTRIES; i++) {
            evicted += mtus.learn(0, PathMtus.mappedLow(i), 1280, LINK, i) ? 0 : 1;
            assertThat(sending(i, i)).isEqualTo(1280);
        }
        int known = 0;
        int now = 10 * PathMtus.ENTRIES;
        for (int i = 0; i < now; i++) {
            known += sending(i, now) == 1280 ? 1 : 0;
        }
        assertThat(known).isBetween(1, PathMtus.ENTRIES);
        assertThat(evicted).as("each one was remembered or made room").isEqualTo(now - known);
        assertThat(sending(now - 1, now)).isEqualTo(1280);
    }
}
