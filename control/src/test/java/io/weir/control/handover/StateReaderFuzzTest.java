package io.weir.control.handover;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import org.junit.jupiter.params.provider.MethodSource;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Any bytes with a right sum at their end: reading ends, and what it gives can be written again.
 */
class StateReaderFuzzTest {
    private static final long COOKIE = 4711;
    private static final Moment NOW = new Moment(1_000_000, 500_000);

    static Stream<byte[]> seeds() throws IOException {
        return Stream.of(
                withoutSum(new SavedState(List.of(), List.of())),
                withoutSum(
                        new SavedState(
                                List.of(StateFileTest.SERVER, StateFileTest.SERVER),
                                List.of(new byte[8], new byte[100]))));
    }

    private static byte[] withoutSum(SavedState state) throws IOException {
        byte[] whole = write(state);
        return Arrays.copyOf(whole, whole.length - Long.BYTES);
    }

    private static byte[] write(SavedState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StateWriter writer = new StateWriter(bytes);
        writer.begin(COOKIE, NOW);
        writer.write(state.health());
        for (byte[] message : state.connections()) {
            writer.write(message, message.length);
        }
        writer.end();
        return bytes.toByteArray();
    }

    private static SavedState read(byte[] bytes) throws IOException {
        return new StateReader(new ByteArrayInputStream(bytes)).read(COOKIE, NOW);
    }

    @MethodSource("seeds")
    @FuzzTest
    void ends(byte[] input) throws IOException {
        CRC32C sum = new CRC32C();
        sum.update(input);
        byte[] whole =
                ByteBuffer.allocate(input.length + Long.BYTES)
                        .put(input)
                        .putLong(sum.getValue())
                        .array();
        SavedState state;
        try {
            state = read(whole);
        } catch (IOException refused) {
            assertThat(refused.getMessage()).startsWith("it is ");
            return;
        }
        if (state.health().stream()
                .allMatch(
                        server ->
                                server.checks().stream()
                                        .allMatch(
                                                check ->
                                                        Math.max(
                                                                        check.name().length(),
                                                                        check.detail().length())
                                                                <= StateWriter.MOST_TEXT))) {
            SavedState again = read(write(state));
            assertThat(again.health()).isEqualTo(state.health());
            assertThat(again.connections()).hasSameSizeAs(state.connections());
        }
    }
}
