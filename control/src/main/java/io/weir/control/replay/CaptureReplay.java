package io.weir.control.replay;

import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.ipvsadm.Names;
import io.weir.control.ipvsadm.RuleScript;
import io.weir.control.ipvsadm.RuleScriptException;
import io.weir.control.replay.MergedCaptures.Arrival;
import io.weir.dataplane.io.pcap.CaptureFormat;
import io.weir.dataplane.io.pcap.CaptureWriter;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ServiceListing;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Replays captured traffic through a balancer with given rules, by the captures' time stamps, and
 * captures what it emits.
 */
public final class CaptureReplay {
    private static final int CONNECTIONS = 1 << 18;

    /** Offloads hand whole segments of 64 KiB to a capture. */
    private static final int FRAME_BYTES = (1 << 16) + 256;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Path rules;
    private final List<CaptureSource> sources;
    private final @Nullable Path topologyFile;
    private final Map<String, LinkCount> counts = new LinkedHashMap<>();
    private final List<String> complaints = new ArrayList<>();
    private final Map<String, Long> ownMacs = new HashMap<>();
    private final Map<String, CaptureWriter> writers = new LinkedHashMap<>();
    private long startNanos;
    private long truncated;

    /**
     * A replay.
     *
     * @param rules a file in the format of ipvsadm-save
     * @param sources the captures, several for a link if need be
     * @param topologyFile the network in the form of a scenario's topology.json; null to guess it
     */
    public CaptureReplay(Path rules, List<CaptureSource> sources, @Nullable Path topologyFile) {
        this.rules = rules;
        this.sources = List.copyOf(sources);
        this.topologyFile = topologyFile;
    }

    /** What happened on a link. */
    public static final class LinkCount {
        private long in;
        private long own;
        private long out;

        private LinkCount() {}

        /** Frames that arrived. */
        public long in() {
            return in;
        }

        /** Captured frames that were the balancer's own and did not arrive again. */
        public long own() {
            return own;
        }

        /** Frames that weir emitted. */
        public long out() {
            return out;
        }
    }

    /**
     * What a replay did.
     *
     * @param links by name
     * @param drops packets that went no further, by reason
     * @param complaints a line for each thing the user should know about the input
     */
    public record Result(
            Map<String, LinkCount> links, Map<DropReason, Long> drops, List<String> complaints) {
        public Result {
            complaints = List.copyOf(complaints);
        }
    }

    /**
     * Replays everything and writes events.jsonl, final.txt and a pcapng file for each link into a
     * directory, which is made if need be.
     *
     * @throws ReplayException if the rules or the topology make no sense
     * @throws IOException if a file cannot be read or written
     */
    public Result run(Path output) throws ReplayException, IOException {
        RuleScript script = readRules();
        Topology given = topologyFile == null ? null : Topology.read(topologyFile);
        try (VirtualHost host =
                new VirtualHost(
                        CONNECTIONS,
                        FRAME_BYTES,
                        given == null || given.routing(),
                        given == null ? MarkTable.EMPTY : given.marks(),
                        0)) {
            apply(script, host);
            Topology topology = given == null ? guess(host) : given;
            connect(host, topology);
            Files.createDirectories(output);
            try (EventLog log = new EventLog(output.resolve("events.jsonl"))) {
                for (Link link : topology.network().links()) {
                    Path file = output.resolve(link.name() + ".pcapng");
                    writers.put(
                            link.name(),
                            CaptureWriter.create(file, CaptureFormat.PCAPNG, List.of(link.name())));
                }
                replay(host, log);
            } finally {
                for (CaptureWriter writer : writers.values()) {
                    writer.close();
                }
            }
            Ipvsadm ipvsadm = new Ipvsadm(host.balancer().administration(), Names.NONE);
            Files.writeString(output.resolve("final.txt"), new Listings(ipvsadm).all());
            return new Result(counts, host.balancer().drops(), complaints);
        }
    }

    private RuleScript readRules() throws ReplayException {
        try {
            return RuleScript.read(rules.toString(), TextFile.read(rules), Names.NONE);
        } catch (RuleScriptException e) {
            throw new ReplayException(e.text());
        }
    }

    private static void apply(RuleScript script, VirtualHost host) throws ReplayException {
        try {
            script.applyTo(host.balancer().administration());
        } catch (RuleScriptException e) {
            throw new ReplayException(e.text());
        }
    }

    private Topology guess(VirtualHost host) throws IOException {
        List<ServiceListing> services = host.balancer().administration().services();
        if (services.stream().anyMatch(service -> service.id().isMark())) {
            complaints.add(
                    rules
                            + ": a service of a firewall mark gets no packets; give the marks in a"
                            + " file with --topology");
        }
        List<String> links = sources.stream().map(CaptureSource::link).distinct().toList();
        CapturedNetwork network = new CapturedNetwork(links, services);
        try (MergedCaptures captures = MergedCaptures.open(sources)) {
            for (Arrival arrival = captures.next(); arrival != null; arrival = captures.next()) {
                network.learn(arrival.link(), arrival.frame().bytes());
            }
        }
        return network.topology();
    }

    private void connect(VirtualHost host, Topology topology) throws ReplayException {
        topology.sysctls().forEach(host::set);
        host.connect(topology);
        for (Link link : topology.network().links()) {
            counts.put(link.name(), new LinkCount());
            ownMacs.put(link.name(), link.mac());
        }
        for (CaptureSource source : sources) {
            if (!host.hasLink(source.link())) {
                throw new ReplayException(
                        source.file()
                                + ": "
                                + topologyFile
                                + " has no interface \""
                                + source.link()
                                + "\", only "
                                + String.join(", ", counts.keySet()));
            }
        }
    }

    private void replay(VirtualHost host, EventLog log) throws IOException {
        try (MergedCaptures captures = MergedCaptures.open(sources)) {
            Arrival arrival = captures.next();
            startNanos = arrival == null ? 0 : arrival.frame().timestampNanos();
            for (; arrival != null; arrival = captures.next()) {
                long nanos = arrival.frame().timestampNanos();
                host.advance((nanos - startNanos) / NANOS_PER_MILLI);
                emit(host, log, startNanos + host.nowMillis() * NANOS_PER_MILLI, true);
                arrive(host, log, arrival);
                emit(host, log, Math.max(nanos, startNanos), false);
            }
        }
        if (truncated > 0) {
            complaints.add(
                    truncated
                            + " frames are cut short in the captures and were replayed so; capture"
                            + " with a larger snapshot length");
        }
    }

    private void arrive(VirtualHost host, EventLog log, Arrival arrival) throws IOException {
        byte[] bytes = arrival.frame().bytes();
        LinkCount count = counts.getOrDefault(arrival.link(), new LinkCount());
        if (bytes.length >= SeenFrame.ETHERNET_HEADER
                && SeenFrame.sourceMac(bytes) == ownMacs.getOrDefault(arrival.link(), -1L)) {
            count.own++;
            return;
        }
        if (arrival.frame().isTruncated()) {
            truncated++;
        }
        count.in++;
        log.in(seconds(arrival.frame().timestampNanos()), arrival.link(), bytes);
        if (!host.inject(arrival.link(), bytes, false)) {
            complaints.add(
                    "a frame of " + bytes.length + " bytes on " + arrival.link() + " is too large");
        }
    }

    private void emit(VirtualHost host, EventLog log, long nanos, boolean spontaneous)
            throws IOException {
        host.drainTo(
                (link, frame) -> {
                    counts.getOrDefault(link, new LinkCount()).out++;
                    log.out(seconds(nanos), link, frame, spontaneous);
                    CaptureWriter writer = writers.get(link);
                    if (writer != null) {
                        writer.write(nanos, 0, frame);
                    }
                });
    }

    private double seconds(long nanos) {
        return (nanos - startNanos) / 1e9;
    }
}
