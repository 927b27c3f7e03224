package io.weir.control.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.check.Health;
import io.weir.control.check.ServerHealth;
import io.weir.control.check.ServerKey;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

class StateFileTest {
    private static final long COOKIE = 4711;
    private static final byte[] MESSAGE = {0, 0, 0, 8, 0, 1, 0, 0};
    static final ServerHealth SERVER =
            new ServerHealth(
                    new ServerKey(
                            ServiceId.of(ServiceId.TCP, IpAddress.v4(0x0a010064), 80),
                            new ServerId(IpAddress.v6(0xfd00L << 48, 7), 8080)),
                    Health.UP,
                    Instant.ofEpochMilli(1_700_000_000_123L),
                    List.of(
                            new ServerHealth.CheckHealth(
                                    "tcp [fd00::7]:8080", Health.UP, "connected", 12, 0, 3)));

    @TempDir private Path directory;
    private Path path = Path.of("");
    private StateFile file = new StateFile(path, "1", COOKIE);

    @BeforeEach
    void write() throws IOException {
        path = directory.resolve("netns-1.state");
        file = new StateFile(directory, "1", COOKIE);
        long count = file.write(List.of(SERVER), sink -> sink.take(MESSAGE, MESSAGE.length, 5));
        assertThat(count).isEqualTo(5);
    }

    private void assertIgnored() {
        SavedState state = file.read();
        assertThat(state.health()).isEmpty();
        assertThat(state.connections()).isEmpty();
    }

    @Test
    void keepsWhatWasWritten() throws IOException {
        SavedState state = file.read();
        assertThat(state.health()).containsExactly(SERVER);
        assertThat(state.connections()).containsExactly(MESSAGE);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        assertThat(directory).isDirectoryContaining(path::equals);
        file.delete();
        assertIgnored();
        file.delete();
    }

    @Test
    void whatNobodyHasComeForIsRemovedToo() throws IOException {
        Path old = Files.writeString(directory.resolve("netns-2.state"), "");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(61)));
        Path fresh = Files.writeString(directory.resolve("netns-3.state"), "");
        Path other = Files.writeString(directory.resolve("netns-2.sock"), "");
        Files.setLastModifiedTime(other, FileTime.from(Instant.now().minusSeconds(61)));
        file.delete();
        assertThat(directory.toFile().list())
                .containsExactlyInAnyOrder(
                        fresh.getFileName().toString(), other.getFileName().toString());
    }

    @Test
    void isIgnoredIfAnyByteIsMissingOrAnother() throws IOException {
        byte[] whole = Files.readAllBytes(path);
        Moment now = Moment.now();
        for (int i = 0; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] ^= 0x11;
            assertRefused(changed, now);
            assertRefused(Arrays.copyOf(whole, i), now);
        }
        assertRefused(Arrays.copyOf(whole, whole.length + 1), now);
        Files.write(path, Arrays.copyOf(whole, whole.length / 2));
        assertIgnored();
    }

    private static void assertRefused(byte[] bytes, Moment now) {
        StateReader reader = new StateReader(new ByteArrayInputStream(bytes));
        assertThatThrownBy(() -> reader.read(COOKIE, now)).isInstanceOf(IOException.class);
    }

    @Test
    void isIgnoredInAnotherNamespace() {
        assertThat(new StateFile(directory, "1", COOKIE + 1).read().connections()).isEmpty();
    }

    @Test
    void isIgnoredIfOthersMayWriteItOrItIsALink() throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
        assertIgnored();
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        Path elsewhere = Files.move(path, directory.resolve("elsewhere"));
        Files.createSymbolicLink(path, elsewhere);
        assertIgnored();
        Files.delete(path);
        Files.createDirectory(path);
        assertIgnored();
    }

    @Test
    void aFailureLeavesTheOldOne() {
        assertThatThrownBy(
                        () ->
                                file.write(
                                        List.of(),
                                        sink -> {
                                            throw new IllegalStateException("broken");
                                        }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(file.read().health()).containsExactly(SERVER);
        assertThat(directory.toFile().list()).containsExactly("netns-1.state");
    }

    @Test
    void isFreshForAMinuteByBothClocks() {
        Moment then = new Moment(1_000_000, 500_000);
        assertThat(then.isWithin(60_000, new Moment(1_060_000, 560_000))).isTrue();
        assertThat(then.isWithin(60_000, new Moment(999_000, 500_000))).isTrue();
        assertThat(then.isWithin(60_000, new Moment(1_060_001, 500_001))).isFalse();
        assertThat(then.isWithin(60_000, new Moment(1_000_001, 560_001))).isFalse();
        // The machine has started anew.
        assertThat(then.isWithin(60_000, new Moment(1_000_001, 20_000))).isFalse();
    }
}
