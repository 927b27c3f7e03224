package io.weir.nat.ftp;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;

class FtpSessionsTest {
    @Test
    void agreesWithAMap() {
        Random random = Seed.ofThisRun().random();
        FtpSessions sessions = new FtpSessions(64);
        Map<Integer, FtpSession> model = new HashMap<>();
        for (int round = 0; round < 100_000; round++) {
            int slot = random.nextInt(8) * 128 + random.nextInt(16);
            String where = Seed.ofThisRun() + " round " + round;
            assertThat(sessions.find(slot)).as(where).isSameAs(model.get(slot));
            if (random.nextInt(3) == 0) {
                sessions.release(slot);
                model.remove(slot);
            } else {
                FtpSession claimed = sessions.claim(slot);
                assertThat(claimed == null).as(where).isEqualTo(full(model, slot));
                if (claimed != null) {
                    model.put(slot, claimed);
                }
            }
            assertThat(sessions.size()).as(where).isEqualTo(model.size());
        }
    }

    private static boolean full(Map<Integer, FtpSession> model, int slot) {
        return model.size() == 64 && !model.containsKey(slot);
    }

    @Test
    void aSessionBeginsWithoutWhatWasKnownOfAnother() {
        FtpSessions sessions = new FtpSessions(1);
        FtpSession first = sessions.claim(7);
        assertThat(first).isNotNull();
        first.adjustment().replaced(1, 2, 3);
        first.await(FtpText.PASSIVE);
        first.answered(5);
        first.setExpected(9);
        sessions.release(7);
        FtpSession second = sessions.claim(8);
        assertThat(second).isSameAs(first);
        assertThat(second.adjustment().active()).isFalse();
        assertThat(second.answers(FtpText.PASSIVE, 5, false)).isFalse();
        assertThat(second.repeats(5)).isFalse();
        assertThat(second.expected()).isEqualTo(-1);
    }
}
