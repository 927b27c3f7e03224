package io.weir.control.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.io.pcap.CaptureFormat;
import io.weir.dataplane.io.pcap.CaptureReader;
import io.weir.dataplane.io.pcap.CaptureWriter;
import io.weir.dataplane.io.pcap.CapturedFrame;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

final class CaptureReplayTest {
    private static final long START = 1_700_000_000_000_000_000L;

    @TempDir private Path folder;
    private Recordings recordings;

    @BeforeEach
    void open() throws Exception {
        recordings = Recordings.open();
    }

    @AfterEach
    void close() throws Exception {
        recordings.close();
    }

    @Test
    void theNetworkIsGuessedFromCapturesOfBothSides() throws Exception {
        CaptureReplay.Result result =
                replay("fwd-nat-tcp-1", capture("fwd-nat-tcp-1", Set.of("in"), "cli", "srv"));
        assertThat(result.complaints()).isEmpty();
        assertSameFrames("fwd-nat-tcp-1");
    }

    @Test
    void ipv6NetworksAreGuessedTheSameWay() throws Exception {
        replay("ipv6-rr-1", capture("ipv6-rr-1", Set.of("in"), "cli", "srv"));
        assertSameFrames("ipv6-rr-1");
    }

    @Test
    void ipv6ServersThatWereNotSeenAreReachedByAMadeUpAddress() throws Exception {
        CaptureReplay.Result result =
                replay("ipv6-rr-1", capture("ipv6-rr-1", Set.of("in"), "cli"));
        assertThat(result.links().get("cli").in()).isPositive();
        assertThat(result.links().get("cli").out()).isPositive();
        assertThat(result.drops()).isEmpty();
    }

    @Test
    void whatTheBalancerSentItselfIsLeftOut() throws Exception {
        CaptureReplay.Result result =
                replay(
                        "fwd-nat-tcp-1",
                        capture("fwd-nat-tcp-1", Set.of("in", "out"), "cli", "srv"));
        assertThat(result.links().get("cli").own()).isEqualTo(result.links().get("cli").out());
        assertSameFrames("fwd-nat-tcp-1");
    }

    @Test
    void clientTrafficAloneIsEnough() throws Exception {
        CaptureReplay.Result result =
                replay("fwd-dr-tcp-1", capture("fwd-dr-tcp-1", Set.of("in"), "cli"));
        CaptureReplay.LinkCount count = result.links().get("cli");
        assertThat(count.in()).isPositive().isEqualTo(count.out());
        assertThat(result.drops()).isEmpty();

        long frames = 0;
        try (CaptureReader written = CaptureReader.open(folder.resolve("out/cli.pcapng"))) {
            for (CapturedFrame frame = written.next(); frame != null; frame = written.next()) {
                assertThat(frame.timestampNanos()).isGreaterThanOrEqualTo(START);
                assertThat(HexFormat.of().formatHex(frame.bytes()))
                        .as("to a real server, by an address made of its own")
                        .startsWith("02000a02");
                frames++;
            }
        }
        assertThat(frames).isEqualTo(count.out());
        assertThat(folder.resolve("out/final.txt")).content().contains("ESTABLISHED");
    }

    @Test
    void aTopologyReplacesTheGuess() throws Exception {
        Path topology = recordings.scenario("mix-random-1").resolve("topology.json");
        Path copy = Files.copy(topology, folder.resolve("topology.json"));
        assertThatThrownBy(
                        () ->
                                new CaptureReplay(
                                                rules("fwd-nat-tcp-1"),
                                                capture("fwd-nat-tcp-1", Set.of("in"), "cli")
                                                        .stream()
                                                        .map(
                                                                c ->
                                                                        new CaptureSource(
                                                                                "eth9", c.file()))
                                                        .toList(),
                                                copy)
                                        .run(folder.resolve("out")))
                .isInstanceOf(ReplayException.class)
                .hasMessageContaining("has no interface \"eth9\", only cli, srv");
    }

    @Test
    void wrongRulesAreNamedByFileAndLine() throws Exception {
        Path rules = Files.writeString(folder.resolve("wrong"), "\n-A -t 10.1.0.100:80 -s no\n");
        List<CaptureSource> sources = capture("fwd-nat-tcp-1", Set.of("in"), "cli");
        assertThatThrownBy(() -> new CaptureReplay(rules, sources, null).run(folder.resolve("out")))
                .isInstanceOf(ReplayException.class)
                .hasMessageStartingWith(rules + ":2: ");
    }

    private CaptureReplay.Result replay(String scenario, List<CaptureSource> sources)
            throws Exception {
        return new CaptureReplay(rules(scenario), sources, null).run(folder.resolve("out"));
    }

    private Path rules(String scenario) throws Exception {
        return Files.write(
                folder.resolve("rules"),
                Files.readAllBytes(recordings.scenario(scenario).resolve("rules")));
    }

    private void assertSameFrames(String scenario) throws Exception {
        assertThat(Traffic.read(folder.resolve("out/events.jsonl")).frames())
                .isEqualTo(
                        Traffic.read(recordings.scenario(scenario).resolve("events.jsonl"))
                                .frames());
    }

    private List<CaptureSource> capture(String scenario, Set<String> operations, String... links)
            throws Exception {
        List<CaptureSource> sources = new ArrayList<>();
        List<String> lines =
                Files.readAllLines(recordings.scenario(scenario).resolve("events.jsonl"));
        for (String link : links) {
            Path file = folder.resolve(link + ".pcap");
            try (CaptureWriter writer =
                    CaptureWriter.create(file, CaptureFormat.PCAP_NANOSECONDS, List.of(link))) {
                for (String line : lines) {
                    JsonNode event = JsonMapper.shared().readTree(line);
                    if (operations.contains(event.path("op").asString())
                            && event.path("if").asString("").equals(link)) {
                        long nanos = START + Math.round(event.path("t").asDouble() * 1e9);
                        byte[] frame = HexFormat.of().parseHex(event.path("frame").asString());
                        writer.write(nanos, 0, frame);
                    }
                }
            }
            sources.add(new CaptureSource(link, file));
        }
        return sources;
    }
}
