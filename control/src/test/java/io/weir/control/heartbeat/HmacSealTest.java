package io.weir.control.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

class HmacSealTest {
    private static final byte[] SECRET = "the secret of these two routers".getBytes(UTF_8);

    private final RandomGenerator random = new Random(Seed.ofThisRun().value());
    private HmacSeal primary = seal(true, SECRET);
    private HmacSeal backup = seal(false, SECRET);

    private HmacSeal seal(boolean isPrimary, byte[] secret) {
        return new HmacSeal(new SealedMessage.Key(secret), isPrimary, random::nextLong);
    }

    /** Lets both say something until both believe each other. */
    private void acquaint() {
        for (int i = 0; i < 3; i++) {
            backup.open(primary.seal(true));
            primary.open(backup.seal(false));
        }
        assertThat(backup.open(primary.seal(true))).isEqualTo(Opened.heartbeat(true));
        assertThat(primary.open(backup.seal(false))).isEqualTo(Opened.heartbeat(false));
    }

    @Test
    void strangersGetAcquaintedByOneAnswerEach() {
        Opened greeting = backup.open(primary.seal(true));
        assertThat(greeting).isEqualTo(Opened.greeted());
        assertThat(primary.open(backup.answer(false))).isEqualTo(Opened.heartbeat(false));
        assertThat(backup.open(primary.seal(true))).isEqualTo(Opened.heartbeat(true));
    }

    @Test
    void heartbeatsOfALongLifeAreBelieved() {
        acquaint();
        for (int i = 0; i < 1000; i++) {
            boolean running = random.nextBoolean();
            assertThat(backup.open(primary.seal(running))).isEqualTo(Opened.heartbeat(running));
            if (random.nextInt(3) == 0) {
                assertThat(primary.open(backup.seal(false))).isEqualTo(Opened.heartbeat(false));
            }
        }
    }

    @Test
    void whatWasHeardOnceOrIsOlderIsRefused() {
        acquaint();
        byte[] first = primary.seal(true);
        byte[] second = primary.seal(false);
        assertThat(backup.open(second)).isEqualTo(Opened.heartbeat(false));
        assertThat(backup.open(second)).isEqualTo(Opened.refused(Refusal.LATE));
        assertThat(backup.open(first)).isEqualTo(Opened.refused(Refusal.LATE));
        for (int i = 0; i < 20; i++) {
            backup.open(primary.seal(true));
        }
        assertThat(backup.open(second)).isEqualTo(Opened.refused(Refusal.REPLAYED));
    }

    @Test
    void recordingOfAnEarlierLifeIsNeverBelieved() {
        List<byte[]> recording = new ArrayList<>();
        acquaint();
        for (int i = 0; i < 20; i++) {
            recording.add(primary.seal(true));
            backup.open(recording.getLast());
        }
        recording.add(primary.seal(true)); // and one that never arrived
        backup = seal(false, SECRET);
        assertNothingBelieved(recording);
        acquaint();
        assertNothingBelieved(recording);
        primary = seal(true, SECRET);
        acquaint();
        assertNothingBelieved(recording);
    }

    @Test
    void undeliveredMessageOfAPartnerThatRestartedIsNotBelieved() {
        acquaint();
        byte[] late = primary.seal(true); // it has the challenge that is still in force
        primary = seal(true, SECRET);
        acquaint();
        assertThat(backup.open(late).refusal()).isEqualTo(Refusal.UNPROVEN);
        acquaint();
    }

    @Test
    void replaysDoNotKeepThePairApart() {
        acquaint();
        List<byte[]> recording = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            recording.add(primary.seal(true));
        }
        primary = seal(true, SECRET);
        for (byte[] old : recording) {
            backup.open(old);
        }
        backup = seal(false, SECRET);
        for (int i = 0; i < 3; i++) {
            for (byte[] old : recording) {
                Opened opened = backup.open(old);
                assertThat(opened.refusal()).isNotNull();
            }
            // The answer goes to the one that greets now, whatever was replayed before.
            backup.open(primary.seal(false));
            primary.open(backup.answer(false));
        }
        assertThat(backup.open(primary.seal(false))).isEqualTo(Opened.heartbeat(false));
    }

    private void assertNothingBelieved(List<byte[]> recording) {
        for (byte[] message : recording) {
            assertThat(backup.open(message).refusal()).isNotNull();
        }
    }

    @Test
    void everyChangedBitIsNoticed() {
        acquaint();
        byte[] message = primary.seal(true);
        for (int bit = 0; bit < message.length * 8; bit++) {
            byte[] forged = message.clone();
            forged[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(backup.open(forged).refusal()).isIn(Refusal.FORGED, Refusal.MALFORMED);
        }
        assertThat(backup.open(message)).isEqualTo(Opened.heartbeat(true));
    }

    @Test
    void whoHasAnotherKeyOrNoneIsRefused() {
        HmacSeal stranger = seal(true, "another secret of other routers".getBytes(UTF_8));
        assertThat(backup.open(stranger.seal(true)).refusal()).isEqualTo(Refusal.FORGED);
        assertThat(backup.open(PulseMessage.of(true)).refusal()).isEqualTo(Refusal.UNAUTHENTICATED);
        assertThat(backup.open(new byte[72]).refusal()).isEqualTo(Refusal.MALFORMED);
        assertThat(backup.open(new byte[0]).refusal()).isEqualTo(Refusal.MALFORMED);
        assertThat(Seal.OPEN.open(primary.seal(true)).refusal()).isEqualTo(Refusal.UNEXPECTED);
    }

    @Test
    void ownWordsAreNotThePartners() {
        acquaint();
        assertThat(primary.open(primary.seal(true)).refusal()).isEqualTo(Refusal.OWN_ROLE);
    }
}
