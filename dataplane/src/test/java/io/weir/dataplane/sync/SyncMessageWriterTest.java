package io.weir.dataplane.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;

class SyncMessageWriterTest {
    private static final int SYNC_ID = 10;

    private static SyncEntry established() {
        SyncEntry entry = new SyncEntry();
        entry.protocol = 6;
        entry.state = 1;
        entry.clientPort = 17127;
        entry.virtualPort = 80;
        entry.serverPort = 8080;
        entry.timeoutSeconds = 900;
        entry.clientLow = 0x0a01001aL;
        entry.virtualLow = 0x0a010064L;
        entry.serverLow = 0x0a02000dL;
        return entry;
    }

    private static String written(SyncMessageWriter writer) {
        int length = writer.finish();
        return HexFormat.of().formatHex(writer.message(), 0, length);
    }

    /** The bytes are the kernel's (recorded: tcp-life-1). */
    @Test
    void writesVersion1AsTheKernelDoes() {
        SyncMessageWriter writer = new SyncMessageWriter(SYNC_ID, 1472);
        writer.begin(false);
        writer.append(established());
        assertThat(written(writer))
                .isEqualTo(
                        "000a002c01010000000600240000000000"
                                + "0142e700501f9000000000000003840a01001a0a0100640a02000d");
    }

    @Test
    void writesVersion0() {
        SyncMessageWriter writer = new SyncMessageWriter(SYNC_ID, 1472);
        writer.begin(true);
        SyncEntry entry = established();
        entry.flags = SyncEntry.FLAG_CONNTRACK | SyncEntry.FLAG_SYNC;
        writer.append(entry);
        assertThat(written(writer))
                .isEqualTo("010a001c000642e700501f900a01001a0a0100640a02000d00200001");
    }

    /** Sizes as recorded in sip-pe-1: 36 bytes, 22 of data, 5 of the name. */
    @Test
    void engineDataComeBeforeTheEnginesNameAndTheNextEntryIsAligned() {
        SyncMessageWriter writer = new SyncMessageWriter(SYNC_ID, 1472);
        writer.begin(false);
        SyncEntry template = established();
        template.flags = SyncEntry.FLAG_TEMPLATE;
        byte[] data = "d7febfda@example.org".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(data, 0, template.engineData, 0, data.length);
        template.engineDataLength = data.length;
        System.arraycopy(new byte[] {'s', 'i', 'p'}, 0, template.engineName, 0, 3);
        template.engineNameLength = 3;
        writer.append(template);
        writer.append(established());
        String message = written(writer);
        assertThat(message).hasSize(2 * (8 + 63 + 1 + 36)).startsWith("000a006c0201");
        assertThat(message.substring(2 * (8 + 36)))
                .startsWith("0214" + HexFormat.of().formatHex(data) + "0303736970" + "00");
    }

    @Test
    void oneEntryIsWrittenHoweverShortMessagesAre() {
        SyncMessageWriter writer = new SyncMessageWriter(SYNC_ID, 1);
        writer.begin(false);
        assertThat(writer.append(established())).isTrue();
        assertThat(writer.append(established())).isFalse();
        assertThat(writer.finish()).isEqualTo(44);
    }

    @Test
    void aMessageHoldsNoMoreEntriesThanItsCountCanSay() {
        for (boolean version0 : new boolean[] {false, true}) {
            SyncMessageWriter writer = new SyncMessageWriter(SYNC_ID, 65507);
            writer.begin(version0);
            int taken = 0;
            while (writer.append(established())) {
                taken++;
            }
            assertThat(taken).isEqualTo(255);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theReaderFindsWhatWasWritten(boolean version0) {
        Seed seed = Seed.ofThisRun();
        RandomGenerator random = seed.random();
        SyncMessageReader reader = new SyncMessageReader();
        for (int round = 0; round < 2_000; round++) {
            int maxLength = 1 + random.nextInt(1500);
            SyncMessageWriter writer = new SyncMessageWriter(SYNC_ID, maxLength);
            writer.begin(version0);
            List<String> sent = new ArrayList<>();
            SyncEntry entry = random(random, version0);
            while (writer.append(entry)) {
                sent.add(text(entry));
                entry = random(random, version0);
            }
            int length = writer.finish();
            assertThat(length).as("%s", seed).isLessThanOrEqualTo(Math.max(maxLength, 400));
            assertThat(read(reader, writer.message(), length)).as("%s", seed).isEqualTo(sent);
        }
    }

    private static List<String> read(SyncMessageReader reader, byte[] message, int length) {
        List<String> found = new ArrayList<>();
        assertThat(reader.begin(message, length, SYNC_ID, 65535))
                .isEqualTo(SyncMessageReader.Verdict.READABLE);
        SyncEntry entry = new SyncEntry();
        while (true) {
            SyncMessageReader.Step step = reader.next(entry);
            if (step == SyncMessageReader.Step.END) {
                return found;
            }
            assertThat(step).isEqualTo(SyncMessageReader.Step.ENTRY);
            found.add(text(entry));
        }
    }

    private static SyncEntry random(RandomGenerator random, boolean version0) {
        SyncEntry entry = new SyncEntry();
        entry.ipv6 = !version0 && random.nextInt(3) == 0;
        boolean template = random.nextInt(4) == 0;
        entry.protocol = random.nextBoolean() ? 6 : 17;
        entry.flags = template ? SyncEntry.FLAG_TEMPLATE : random.nextInt(4);
        entry.state = entry.protocol == 6 ? random.nextInt(11) : 0;
        entry.clientPort = random.nextInt(1 << 16);
        entry.virtualPort = random.nextInt(1 << 16);
        entry.serverPort = random.nextInt(1 << 16);
        entry.mark = version0 ? 0 : random.nextInt();
        entry.timeoutSeconds = version0 ? 0 : random.nextInt();
        entry.clientHigh = entry.ipv6 ? random.nextLong() : 0;
        entry.clientLow = entry.ipv6 ? random.nextLong() : random.nextInt() & 0xffffffffL;
        entry.virtualHigh = entry.ipv6 ? random.nextLong() : 0;
        entry.virtualLow = entry.ipv6 ? random.nextLong() : random.nextInt() & 0xffffffffL;
        entry.serverHigh = entry.ipv6 ? random.nextLong() : 0;
        entry.serverLow = entry.ipv6 ? random.nextLong() : random.nextInt() & 0xffffffffL;
        if (random.nextInt(4) == 0) {
            entry.flags |= SyncEntry.FLAG_IN_SEQUENCE;
            entry.hasSequence = true;
            Arrays.setAll(entry.sequence, i -> random.nextInt());
        }
        if (!version0 && template && random.nextBoolean()) {
            entry.engineDataLength = 1 + random.nextInt(255);
            random.nextBytes(entry.engineData);
            entry.engineNameLength = 3;
            System.arraycopy(new byte[] {'s', 'i', 'p'}, 0, entry.engineName, 0, 3);
        }
        return entry;
    }

    private static String text(SyncEntry entry) {
        HexFormat hex = HexFormat.of();
        return String.join(
                " ",
                Boolean.toString(entry.ipv6),
                Arrays.toString(
                        new long[] {
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
                            entry.serverLow
                        }),
                hex.formatHex(entry.engineName, 0, entry.engineNameLength),
                hex.formatHex(entry.engineData, 0, entry.engineDataLength),
                entry.hasSequence ? Arrays.toString(entry.sequence) : "");
    }
}
