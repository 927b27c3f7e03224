package io.weir.dataplane.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PathMtusTest {
    private static final int LINK = 1500;

    private final PathMtus mtus = new PathMtus();

    private int sending(long address, long now) {
        return mtus.forSending(0, address, LINK, now);
    }

    @Test
    void onlyLowers() {
        assertThat(sending(1, 0)).isEqualTo(LINK);
        mtus.learn(0, 1, 1600, LINK, 0);
        assertThat(sending(1, 0)).isEqualTo(LINK);
        mtus.learn(0, 1, 1280, LINK, 0);
        assertThat(sending(1, 0)).isEqualTo(1280);
        mtus.learn(0, 1, 1400, LINK, 0);
        assertThat(sending(1, 0)).isEqualTo(1280);
        assertThat(sending(2, 0)).isEqualTo(LINK);
        assertThat(mtus.forSending(1, 1, LINK, 0)).isEqualTo(LINK);
        assertThat(mtus.forSending(0, 1, 1000, 0)).as("a narrower link").isEqualTo(1000);
    }

    @Test
    void doesNotBelieveInTooNarrowPaths() {
        mtus.learn(0, 1, 0, LINK, 0);
        assertThat(sending(1, 0)).isEqualTo(PathMtus.NARROWEST);
        mtus.learn(0, 2, 300, 400, 0);
        assertThat(mtus.forSending(0, 2, 400, 0)).isEqualTo(400);
    }

    // (recorded: icmp-dr-2)
    @Test
    void isInUseWithTheNextPacket() {
        mtus.learn(0, 1, 1280, LINK, 0);
        assertThat(mtus.inUse(0, 1, LINK, 0)).isEqualTo(LINK);
        sending(1, 0);
        assertThat(mtus.inUse(0, 1, LINK, 0)).isEqualTo(1280);
        mtus.learn(0, 1, 1000, LINK, 0);
        assertThat(mtus.inUse(0, 1, LINK, 0)).isEqualTo(1280);
    }

    @Test
    void forgetsAfterTenMinutes() {
        mtus.learn(0, 1, 1280, LINK, 5);
        mtus.learn(0, 2, 1280, LINK, 400_000);
        assertThat(sending(1, 600_004)).isEqualTo(1280);
        assertThat(sending(1, 600_005)).isEqualTo(LINK);
        assertThat(sending(2, 600_005)).isEqualTo(1280);
        assertThat(sending(2, 2_000_000)).isEqualTo(LINK);
        // Told again, it is known again.
        mtus.learn(0, 1, 1300, LINK, 2_000_000);
        assertThat(sending(1, 2_000_000)).isEqualTo(1300);
    }

    @Test
    void theOneForgottenFirstMakesRoom() {
        for (int i = 0; i < 10 * PathMtus.ENTRIES; i++) {
            mtus.learn(0, i, 1280, LINK, i);
            assertThat(sending(i, i)).isEqualTo(1280);
        }
        int known = 0;
        int now = 10 * PathMtus.ENTRIES;
        for (int i = 0; i < now; i++) {
            known += sending(i, now) == 1280 ? 1 : 0;
        }
        assertThat(known).isBetween(1, PathMtus.ENTRIES);
        assertThat(sending(now - 1, now)).isEqualTo(1280);
    }
}
