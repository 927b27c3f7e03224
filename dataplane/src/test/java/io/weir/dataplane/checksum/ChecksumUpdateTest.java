package io.weir.dataplane.checksum;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.testing.Seed;
import io.weir.dataplane.testing.SlowChecksum;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.Random;

/** The update of a changed field against summing everything again. */
class ChecksumUpdateTest {
    private static final int BYTES = 40;
    private static final int ROUNDS = 20_000;

    private final Seed seed = Seed.ofThisRun();
    private final Random random = seed.random();

    /** RFC 1624 section 4: the example on which the update of RFC 1141 gives 0xffff. */
    @Test
    void updatesTheExampleOfRfc1624() {
        assertThat(ChecksumUpdate.replace16(0xdd2f, 0x5555, 0x3285)).isZero();
    }

    @Test
    void changesNothingForTheSameValue() {
        for (int checksum = 0; checksum < 0xffff; checksum++) {
            int value = random.nextInt();
            assertThat(ChecksumUpdate.replace16(checksum, value, value)).isEqualTo(checksum);
            assertThat(ChecksumUpdate.replace32(checksum, value, value)).isEqualTo(checksum);
            assertThat(ChecksumUpdate.replace64(checksum, value, value)).isEqualTo(checksum);
        }
    }

    @Test
    void agreesWithSummingAgain() {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = randomData();
            ByteBuffer data = ByteBuffer.wrap(bytes);
            int before = SlowChecksum.checksum(bytes);
            int at = random.nextInt((BYTES - 8) / 2) * 2;
            int updated;
            if (round % 3 == 0) {
                int replacement = (int) value(16);
                updated = ChecksumUpdate.replace16(before, data.getShort(at), replacement);
                data.putShort(at, (short) replacement);
            } else if (round % 3 == 1) {
                int replacement = (int) value(32);
                updated = ChecksumUpdate.replace32(before, data.getInt(at), replacement);
                data.putInt(at, replacement);
            } else {
                long replacement = value(64);
                updated = ChecksumUpdate.replace64(before, data.getLong(at), replacement);
                data.putLong(at, replacement);
            }
            assertThat(updated)
                    .as("round %d, %s", round, seed)
                    .isEqualTo(SlowChecksum.checksum(bytes));
        }
    }

    @Test
    void partialSumsAgreeWithSummingAgain() {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = randomData();
            ByteBuffer data = ByteBuffer.wrap(bytes);
            int before = SlowChecksum.sum(bytes);
            int at = random.nextInt((BYTES - 8) / 2) * 2;
            int updated;
            if (round % 2 == 0) {
                int replacement = (int) value(32);
                updated = ChecksumUpdate.partialReplace32(before, data.getInt(at), replacement);
                data.putInt(at, replacement);
            } else {
                long replacement = value(64);
                updated = ChecksumUpdate.partialReplace64(before, data.getLong(at), replacement);
                data.putLong(at, replacement);
            }
            assertThat(updated).as("round %d, %s", round, seed).isEqualTo(SlowChecksum.sum(bytes));
        }
    }

    /** Not all zero: the first word is the constant part that every real header has. */
    private byte[] randomData() {
        byte[] bytes = new byte[BYTES];
        ByteBuffer data = ByteBuffer.wrap(bytes);
        boolean sparse = random.nextInt(4) == 0;
        for (int i = 0; i < BYTES; i += 2) {
            data.putShort(i, (short) (sparse ? value(16) : random.nextInt()));
        }
        data.putShort(BYTES - 2, (short) (1 + random.nextInt(0xfffe)));
        return bytes;
    }

    /** Random, or one of the values at which carries and the two zeros go wrong. */
    private long value(int bits) {
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> bits == 64 ? -1L : (1L << bits) - 1;
            default -> random.nextLong();
        };
    }
}
