package io.weir.dataplane.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.sync.SyncMessageReader.Step;
import io.weir.dataplane.sync.SyncMessageReader.Verdict;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** What of a message is taken, by the kernel's rules (recorded: inject-header and others). */
class SyncMessageReaderTest {
    private static final int SYNC_ID = 10;
    private static final int MOST = 1472;

    /** 10.1.0.26:17127 to 10.1.0.100:80 at 10.2.0.13:8080, established, 900 seconds. */
    private static final String ENTRY =
            "000600240000000000" + "0142e700501f9000000000" + "000003840a01001a0a0100640a02000d";

    private static final String ENTRY_V0 = "000642e700501f900a01001a0a0100640a02000d00000001";

    private final SyncMessageReader reader = new SyncMessageReader();
    private final SyncEntry entry = new SyncEntry();

    private static String message(int count, String entries) {
        return "000a%04x%02x010000%s".formatted(8 + entries.length() / 2, count, entries);
    }

    private static String version0(int count, String entries) {
        return "%02x0a%04x%s".formatted(count, 4 + entries.length() / 2, entries);
    }

    private static String with(String options) {
        return "000600%02x".formatted(36 + options.length() / 2) + ENTRY.substring(8) + options;
    }

    private Verdict begin(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        return reader.begin(bytes, bytes.length, SYNC_ID, MOST);
    }

    private List<Step> steps(String hex) {
        assertThat(begin(hex)).isEqualTo(Verdict.READABLE);
        List<Step> steps = new ArrayList<>();
        do {
            steps.add(reader.next(entry));
        } while (steps.getLast() != Step.END && steps.size() < 300);
        return steps;
    }

    @Test
    void readsVersion1() {
        assertThat(begin(message(1, ENTRY))).isEqualTo(Verdict.READABLE);
        assertThat(reader.next(entry)).isEqualTo(Step.ENTRY);
        assertThat(entry.protocol).isEqualTo(6);
        assertThat(entry.state).isEqualTo(1);
        assertThat(entry.clientLow).isEqualTo(0x0a01001aL);
        assertThat(entry.clientPort).isEqualTo(17127);
        assertThat(entry.virtualLow).isEqualTo(0x0a010064L);
        assertThat(entry.virtualPort).isEqualTo(80);
        assertThat(entry.serverLow).isEqualTo(0x0a02000dL);
        assertThat(entry.serverPort).isEqualTo(8080);
        assertThat(entry.timeoutSeconds).isEqualTo(900);
        assertThat(reader.next(entry)).isEqualTo(Step.END);
        assertThat(reader.next(entry)).isEqualTo(Step.END);
    }

    @Test
    void readsVersion0() {
        assertThat(begin(version0(1, ENTRY_V0))).isEqualTo(Verdict.READABLE);
        assertThat(reader.next(entry)).isEqualTo(Step.ENTRY);
        assertThat(entry.clientPort).isEqualTo(17127);
        assertThat(entry.serverLow).isEqualTo(0x0a02000dL);
        assertThat(entry.state).isEqualTo(1);
        assertThat(entry.timeoutSeconds).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "000a00", "000a0008", "000a002d01010000", "000a000701010000"})
    void losesMessagesWithoutTheirLength(String hex) {
        assertThat(begin(hex)).isEqualTo(Verdict.MALFORMED);
        assertThat(reader.next(entry)).isEqualTo(Step.END);
    }

    @Test
    void losesMessagesOfOthers() {
        byte[] bytes = HexFormat.of().parseHex(message(1, ENTRY));
        assertThat(reader.begin(bytes, bytes.length, 11, MOST)).isEqualTo(Verdict.OTHER_ID);
        assertThat(reader.begin(bytes, bytes.length, 0, MOST)).isEqualTo(Verdict.READABLE);
        assertThat(reader.begin(bytes, bytes.length, 10, 43)).isEqualTo(Verdict.TOO_LONG);
        assertThat(reader.next(entry)).isEqualTo(Step.END);
    }

    /** What is not surely version 1 is read as version 0, with as many entries as byte 0 says. */
    @ParameterizedTest
    @ValueSource(strings = {"01020000", "01000000", "01010001", "01010100"})
    void readsOtherVersionsAsVersion0(String rest) {
        String hex = "000a002c" + rest + ENTRY;
        assertThat(steps(hex)).containsExactly(Step.END);
        assertThat(reader.version1()).isFalse();
    }

    @Test
    void takesTheEntriesThereAre() {
        assertThat(steps(message(1, ENTRY + ENTRY))).containsExactly(Step.ENTRY, Step.END);
        assertThat(steps(message(5, ENTRY + ENTRY)))
                .containsExactly(Step.ENTRY, Step.ENTRY, Step.END);
        assertThat(steps(message(2, ENTRY + ENTRY.substring(0, 60))))
                .containsExactly(Step.ENTRY, Step.BROKEN, Step.END);
        assertThat(steps(version0(2, ENTRY_V0 + ENTRY_V0.substring(0, 20))))
                .containsExactly(Step.ENTRY, Step.BROKEN, Step.END);
    }

    /** Type, entry version and size; an entry that breaks one of them loses those behind it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "02060024",
                "04060024",
                "40060024",
                "80060024",
                "00061024",
                "0006f024",
                "00060000",
                "00060023",
                "01060024",
                "00060fff",
                "00060025",
                "00060026"
            })
    void stopsAtMalformedEntries(String start) {
        String odd = start + ENTRY.substring(8);
        assertThat(steps(message(3, ENTRY + odd + ENTRY)))
                .containsExactly(Step.ENTRY, Step.BROKEN, Step.END);
    }

    @ParameterizedTest
    @CsvSource({
        // Unknown protocols, and states beyond the last one.
        "00000024, 0001",
        "00010024, 0000",
        "00320024, 0001",
        "0006 0024, 000b",
        "00110024, 0001",
        "00840024, 000e",
        "00060024, 0100",
        "00060024, ffff"
    })
    void passesOverWhatIsUnknown(String start, String state) {
        String odd = start.replace(" ", "") + ENTRY.substring(8, 16) + state + ENTRY.substring(20);
        assertThat(steps(message(3, ENTRY + odd + ENTRY)))
                .containsExactly(Step.ENTRY, Step.SKIPPED, Step.ENTRY, Step.END);
    }

    @Test
    void takesTemplatesInAnyState() {
        String template = ENTRY.substring(0, 8) + "00001000" + "0014" + ENTRY.substring(20);
        assertThat(steps(message(1, template))).containsExactly(Step.ENTRY, Step.END);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // length 0; beyond the end; half an option; sequences of a wrong length; twice; a
                // name that is too long; zero bytes between options
                "0200",
                "0203aabb",
                "02",
                "010401020304",
                "0201aa0201bb",
                "03027369030273 69",
                "03114142434445464748494a4b4c4d4e4f5051",
                "0000",
                "0201aa00"
            })
    void stopsAtMalformedOptions(String options) {
        String odd = with(options.replace(" ", ""));
        String padding = "00".repeat(-(odd.length() / 2) & 3);
        assertThat(steps(message(2, odd + padding + ENTRY))).containsExactly(Step.BROKEN, Step.END);
    }

    @Test
    void passesOverOptionsThatMayBeIgnored() {
        String odd = with("4401aa4501bb") + "0000";
        assertThat(steps(message(2, odd + ENTRY)))
                .containsExactly(Step.ENTRY, Step.ENTRY, Step.END);
        // Without the bit the entry is passed over, and so is data of no engine.
        assertThat(steps(message(2, with("04020000") + ENTRY)))
                .containsExactly(Step.SKIPPED, Step.ENTRY, Step.END);
        assertThat(steps(message(2, with("0202aabb") + ENTRY)))
                .containsExactly(Step.SKIPPED, Step.ENTRY, Step.END);
        assertThat(steps(message(2, with("8202aabb") + ENTRY)))
                .containsExactly(Step.SKIPPED, Step.ENTRY, Step.END);
    }

    @Test
    void readsOptionsInAnyOrder() {
        String sequence = "4118" + "00000001".repeat(5) + "fffffffe";
        String odd = with("0303736970" + sequence + "0202aabb") + "00";
        assertThat(begin(message(1, odd + "0000"))).isEqualTo(Verdict.READABLE);
        assertThat(reader.next(entry)).isEqualTo(Step.ENTRY);
        assertThat(entry.engineNameLength).isEqualTo(3);
        assertThat(entry.engineName).startsWith('s', 'i', 'p');
        assertThat(entry.engineDataLength).isEqualTo(2);
        assertThat(entry.engineData).startsWith(0xaa, 0xbb);
        assertThat(entry.hasSequence).isTrue();
        assertThat(entry.sequence).containsExactly(1, 1, 1, 1, 1, -2);
    }

    @Test
    void forgetsOptionsOfTheEntryBefore() {
        String first = with("0303736970" + "0202aabb") + "000000";
        assertThat(begin(message(2, first + ENTRY))).isEqualTo(Verdict.READABLE);
        assertThat(reader.next(entry)).isEqualTo(Step.ENTRY);
        assertThat(reader.next(entry)).isEqualTo(Step.ENTRY);
        assertThat(entry.engineNameLength).isZero();
        assertThat(entry.engineDataLength).isZero();
    }

    @Test
    void readsSequencesOfVersion0() {
        String odd = ENTRY_V0.substring(0, 40) + "02000001" + "e8030000".repeat(6);
        assertThat(steps(version0(2, odd + ENTRY_V0)))
                .containsExactly(Step.ENTRY, Step.ENTRY, Step.END);
        assertThat(steps(version0(1, odd.substring(0, 60)))).containsExactly(Step.BROKEN, Step.END);
        begin(version0(1, odd));
        reader.next(entry);
        assertThat(entry.sequence).containsOnly(1000);
    }

    @Test
    void readsIpv6() {
        String odd =
                "01060048"
                        + ENTRY.substring(8, 48)
                        + "20010db8000000000000000000000001"
                        + "fd010000000000000000000000000100"
                        + "fd020000000000000000000000000011";
        assertThat(begin(message(1, odd))).isEqualTo(Verdict.READABLE);
        assertThat(reader.next(entry)).isEqualTo(Step.ENTRY);
        assertThat(entry.ipv6).isTrue();
        assertThat(entry.clientHigh).isEqualTo(0x20010db800000000L);
        assertThat(entry.clientLow).isEqualTo(1);
        assertThat(entry.virtualLow).isEqualTo(0x100);
        assertThat(entry.serverLow).isEqualTo(0x11);
    }
}
