package io.weir.dataplane.sync;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;

/** Any bytes are a message: reading ends, and what it gives can be sent and read again. */
class SyncMessageFuzzTest {
    private static final int MOST = 65507;

    static Stream<byte[]> seeds() {
        String plain =
                "000600240000000000" + "0142e700501f9000000000000003840a01001a0a0100640a02000d";
        String template =
                "0011003f0000110000"
                        + "00000013c413c400000000"
                        + "0000003c0a01001a0a0100640a02000d"
                        + "0214"
                        + "61".repeat(20)
                        + "0303736970"
                        + "00";
        String ipv6 =
                "010600620000060000"
                        + "0142e700501f9000000000"
                        + "00000384"
                        + "fd".repeat(48)
                        + "0118"
                        + "01".repeat(24);
        String version0 = "000642e700501f900a01001a0a0100640a02000d06000001" + "ff".repeat(24);
        return Stream.of(
                        message(1, plain),
                        message(3, plain + template + ipv6),
                        "020a0064" + version0 + version0,
                        "000a000800010000",
                        "")
                .map(HexFormat.of()::parseHex);
    }

    private static String message(int count, String entries) {
        return "000a%04x%02x010000%s".formatted(8 + entries.length() / 2, count, entries);
    }

    @MethodSource("seeds")
    @FuzzTest
    void ends(byte[] input) {
        byte[] message = input.clone();
        SyncMessageReader reader = new SyncMessageReader();
        SyncEntry entry = new SyncEntry();
        if (reader.begin(message, message.length, 0, MOST) != SyncMessageReader.Verdict.READABLE) {
            assertThat(reader.next(entry)).isEqualTo(SyncMessageReader.Step.END);
            return;
        }
        int steps = 0;
        SyncMessageReader.Step step;
        do {
            step = reader.next(entry);
            assertThat(++steps).isLessThanOrEqualTo(257);
            if (step == SyncMessageReader.Step.ENTRY && reader.version1()) {
                assertThat(again(entry)).isEqualTo(words(entry));
            }
        } while (step != SyncMessageReader.Step.END);
        assertThat(message).isEqualTo(input);
    }

    private static String again(SyncEntry entry) {
        SyncMessageWriter writer = new SyncMessageWriter(1, 1472);
        writer.begin(false);
        // An option without its flags is not sent.
        int shifted = SyncEntry.FLAG_IN_SEQUENCE | SyncEntry.FLAG_OUT_SEQUENCE;
        entry.hasSequence &= (entry.flags & shifted) != 0;
        assertThat(writer.append(entry)).isTrue();
        int length = writer.finish();
        SyncMessageReader reader = new SyncMessageReader();
        SyncEntry read = new SyncEntry();
        assertThat(reader.begin(writer.message(), length, 1, 1472))
                .isEqualTo(SyncMessageReader.Verdict.READABLE);
        assertThat(reader.next(read)).isEqualTo(SyncMessageReader.Step.ENTRY);
        return words(read);
    }

    private static String words(SyncEntry entry) {
        return Arrays.asList(
                        entry.ipv6,
                        entry.protocol,
                        entry.flags,
                        entry.state,
                        entry.clientPort,
                        entry.virtualPort,
                        entry.serverPort,
                        entry.mark,
                        entry.timeoutSeconds,
                        entry.clientHigh,
                        entry.clientLow,
                        entry.virtualHigh,
                        entry.virtualLow,
                        entry.serverHigh,
                        entry.serverLow,
                        HexFormat.of().formatHex(entry.engineName, 0, entry.engineNameLength),
                        HexFormat.of().formatHex(entry.engineData, 0, entry.engineDataLength),
                        entry.hasSequence ? Arrays.toString(entry.sequence) : "")
                .toString();
    }
}
