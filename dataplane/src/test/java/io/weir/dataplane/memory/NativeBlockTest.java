package io.weir.dataplane.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

final class NativeBlockTest {
    private static final long MIB = 1L << 20;

    @ParameterizedTest
    @ValueSource(longs = {1, 64, 4095, 2 * MIB - 1, 2 * MIB, 5 * MIB + 3})
    void isZeroedAndHoldsWhatIsWritten(long bytes) {
        for (NativeBlock block : List.of(new NativeBlock(bytes), NativeBlock.table(bytes))) {
            try (block) {
                long last = block.address() + bytes - 1;
                assertThat(block.bytes()).isEqualTo(bytes);
                assertThat(block.address() % 64).isZero();
                for (long at = block.address(); at < last; at += 61) {
                    assertThat(Memory.u8(at)).isZero();
                    Memory.putU8(at, 0xa5);
                }
                Memory.putU8(last, 0x5a);
                assertThat(Memory.u8(last)).isEqualTo(0x5a);
            }
        }
    }

    @Test
    void aLargeBlockTakesMemoryWhenItIsTouched() throws IOException {
        assumeThat(Files.exists(Path.of("/proc/self/smaps"))).isTrue();
        try (NativeBlock block = new NativeBlock(64 * MIB)) {
            Memory.putU8(block.address() + 5 * MIB, 1);
            assertThat(kibibytes("Rss", block.address())).isBetween(4L, 32L << 10);
        }
    }

    @Test
    void aTableHasItsMemoryFromTheStart() throws IOException {
        assumeThat(Files.exists(Path.of("/proc/self/smaps"))).isTrue();
        try (NativeBlock block = NativeBlock.table(16 * MIB)) {
            assertThat(kibibytes("Rss", block.address())).isGreaterThanOrEqualTo(16 << 10);
        }
    }

    @Test
    void aTableLiesInHugePagesWhereTheSystemHasThem() throws IOException {
        Path setting = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
        assumeThat(Files.exists(setting) && !Files.readString(setting).contains("[never]"))
                .as("huge pages on this machine")
                .isTrue();
        try (NativeBlock block = NativeBlock.table(16 * MIB)) {
            assertThat(block.address() % (2 * MIB)).isZero();
            // Fragmented memory may have none left, so their number is not asserted.
            assertThat(flags(block.address())).contains(" hg");
        }
    }

    @Test
    void saysWhatTheSystemRefuses() {
        assertThatThrownBy(() -> new NativeBlock(1L << 60))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessageContaining(Long.toString(1L << 60));
    }

    /** A value of the mapping that holds an address, as the kernel tells of it. */
    private static long kibibytes(String name, long address) throws IOException {
        String line = mapping(address, name + ":");
        return Long.parseLong(line.substring(0, line.indexOf(" kB")).strip());
    }

    private static String flags(long address) throws IOException {
        return mapping(address, "VmFlags:");
    }

    private static String mapping(long address, String name) throws IOException {
        boolean inside = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                long from = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
                long to =
                        Long.parseUnsignedLong(
                                line.substring(line.indexOf('-') + 1, line.indexOf(' ')), 16);
                inside = from <= address && address < to;
            } else if (inside && line.startsWith(name)) {
                return line.substring(name.length());
            }
        }
        throw new AssertionError("no mapping holds the address");
    }
}
