package io.weir.control.replay;

import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.ipvsadm.Names;
import io.weir.dataplane.io.memory.MemoryLink;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Replays one recorded scenario: its rules, then its events one by one, each at its time. A
 * scenario of two balancers that synchronise their connections is replayed with two.
 *
 * <p>Of the recording only what was done to the kernel is read, never what it answered.
 */
public final class ScenarioReplay {
    /** The kernel's table had this size, and its listings say so. */
    private static final int CONNECTIONS = 4096;

    private final Path scenario;
    private final List<String> complaints = new ArrayList<>();
    private int framesIn;
    private int framesOut;

    /**
     * A replay of one scenario.
     *
     * @param scenario the folder with rules, topology.json and events.jsonl
     */
    public ScenarioReplay(Path scenario) {
        this.scenario = scenario;
    }

    /**
     * What a replay did.
     *
     * @param complaints a line for each thing of the scenario that weir has not; the rest was
     *     replayed without it
     */
    public record Result(int framesIn, int framesOut, List<String> complaints) {
        public Result {
            complaints = List.copyOf(complaints);
        }
    }

    /**
     * Replays the scenario and writes events.jsonl and final.txt into a directory, which is made if
     * need be.
     *
     * @throws ReplayException if the scenario makes no sense; files may be incomplete then
     * @throws IOException if a file cannot be read or written
     */
    public Result run(Path output) throws ReplayException, IOException {
        Path network = scenario.resolve("topology.json");
        Map<String, Topology> sides = Topology.readSides(network, SyncScenarioReplay.SIDES);
        return sides.isEmpty()
                ? runAlone(Topology.read(network), output)
                : new SyncScenarioReplay(scenario, sides).run(output);
    }

    private Result runAlone(Topology topology, Path output) throws ReplayException, IOException {
        String rules = TextFile.read(scenario.resolve("rules"));
        List<RecordedEvents.Event> events = RecordedEvents.read(scenario.resolve("events.jsonl"));
        RecorderClock clock = RecorderClock.of(events);
        Files.createDirectories(output);
        try (VirtualHost host =
                new VirtualHost(
                        CONNECTIONS,
                        MemoryLink.DEFAULT_FRAME_BYTES,
                        topology.routing(),
                        topology.marks(),
                        clock.millis(0))) {
            host.connect(topology);
            Ipvsadm ipvsadm = new Ipvsadm(host.balancer().administration(), Names.NONE);
            Listings listings = new Listings(ipvsadm);
            topology.sysctls().forEach((name, value) -> set(host, name, value));
            restore(ipvsadm, rules);
            try (EventLog log = new EventLog(output.resolve("events.jsonl"))) {
                Player player = new Player(host, ipvsadm, listings, log, clock);
                for (RecordedEvents.Event event : events) {
                    player.replay(event);
                }
            }
            Files.writeString(output.resolve("final.txt"), listings.all());
        }
        return new Result(framesIn, framesOut, complaints);
    }

    private void restore(Ipvsadm ipvsadm, String rules) {
        Ipvsadm.Outcome outcome = ipvsadm.run(List.of("-R"), rules);
        if (outcome.exitCode() != 0) {
            String why = outcome.errors().lines().findFirst().orElse("refused");
            complaints.add(scenario.resolve("rules") + ": " + why);
        }
    }

    private void set(VirtualHost host, String name, String value) {
        String refusal = host.set(name, value);
        if (refusal != null) {
            complaints.add(scenario + ": " + refusal);
        }
    }

    /** Does what the recorder did, one event after the other. */
    private final class Player {
        private final VirtualHost host;
        private final Ipvsadm ipvsadm;
        private final Listings listings;
        private final EventLog log;
        private final RecorderClock clock;
        private RecordedEvents.@Nullable Event previous;
        private double lastListing = Double.NEGATIVE_INFINITY;

        Player(
                VirtualHost host,
                Ipvsadm ipvsadm,
                Listings listings,
                EventLog log,
                RecorderClock clock) {
            this.host = host;
            this.ipvsadm = ipvsadm;
            this.listings = listings;
            this.log = log;
            this.clock = clock;
        }

        void replay(RecordedEvents.Event event) throws ReplayException, IOException {
            if (!event.operation().equals("conns")) {
                host.advance(clock.millis(event.recordedMillis()));
            }
            switch (event.operation()) {
                case "in" -> inject(event);
                case "ipvsadm" -> ipvsadm.run(List.of(event.text("args").trim().split("\\s+")));
                case "sysctl" -> set(host, event.text("key"), event.word("value"));
                case "wait" -> {
                    host.advance(clock.millis(event.overMillis()));
                    collect(event);
                }
                case "conns" -> {
                    double complete = event.recordedMillis();
                    host.advance(
                            clock.readMillis(previous, lastListing, complete, listings.entries()));
                    lastListing = complete;
                    log.listing(seconds(event), "conns", listings.connections());
                }
                case "list" -> log.listing(seconds(event), "list", listings.services());
                default -> {}
            }
            previous = event;
        }

        private static double seconds(RecordedEvents.Event event) {
            return event.node().path("t").asDouble();
        }

        private void inject(RecordedEvents.Event event) throws ReplayException, IOException {
            String link = event.text("if");
            if (!host.hasLink(link)) {
                throw event.fault("there is no interface \"" + link + "\" in topology.json");
            }
            byte[] frame;
            try {
                frame = HexFormat.of().parseHex(event.text("frame"));
            } catch (IllegalArgumentException notHex) {
                throw event.fault("\"frame\" is not a row of hexadecimal bytes");
            }
            log.in(seconds(event), link, frame);
            framesIn++;
            boolean verified = event.node().path("rx_csum_verified").asBoolean(false);
            if (!host.inject(link, frame, verified)) {
                throw event.fault("a frame of " + frame.length + " bytes is too large");
            }
            collect(event);
        }

        private void collect(RecordedEvents.Event cause) throws IOException {
            boolean spontaneous = cause.operation().equals("wait");
            double seconds = cause.overMillis() / 1000;
            host.drainTo(
                    (link, frame) -> {
                        if (!isArp(frame)) {
                            log.out(seconds, link, frame, spontaneous);
                            framesOut++;
                        }
                    });
        }
    }

    // The recordings leave ARP out.
    static boolean isArp(byte[] frame) {
        return frame.length >= 14 && frame[12] == 0x08 && frame[13] == 0x06;
    }
}
