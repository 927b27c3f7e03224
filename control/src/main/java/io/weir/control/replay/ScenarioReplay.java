package io.weir.control.replay;

import io.weir.control.Balancer;
import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.service.Sysctl;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Replays one recorded scenario: its rules, then its events one by one, each at its time.
 *
 * <p>Of the recording only what was done to the kernel is read, never what it answered.
 */
public final class ScenarioReplay {
    /** The kernel's table had this size, and its listings say so. */
    private static final int CONNECTIONS = 4096;

    private static final long SEED = 1;

    /** The recording's ticks of 10 ms begin at an unknown time; the middle errs least. */
    private static final long TICK_PHASE_MILLIS = 5;

    /** A listing bears the time when it was complete; it was read a little before. */
    private static final long LISTING_MILLIS = 4;

    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path scenario;
    private final Map<String, MemoryLink> links = new LinkedHashMap<>();
    private final CommandRunner commands;
    private long nowMillis = TICK_PHASE_MILLIS;

    /** Runs an ipvsadm command line against a balancer. */
    public interface CommandRunner {
        /** Returns what the command printed on standard output. */
        String run(Balancer balancer, List<String> arguments, String input);
    }

    public ScenarioReplay(Path scenario, CommandRunner commands) {
        this.scenario = scenario;
        this.commands = commands;
    }

    /**
     * Replays the scenario and writes events.jsonl and final.txt into a directory, which is made if
     * need be.
     */
    public void run(Path output) throws ReplayException, IOException {
        Path file = scenario.resolve("topology.json");
        Topology topology = Topology.of(parse(Files.readString(file), file, 1), file);
        try (Balancer balancer = balancer(topology)) {
            set(balancer, topology.sysctls());
            commands.run(balancer, List.of("-R"), Files.readString(scenario.resolve("rules")));
            Files.createDirectories(output);
            try (Writer events = Files.newBufferedWriter(output.resolve("events.jsonl"))) {
                replayEvents(balancer, events);
            }
            Files.writeString(output.resolve("final.txt"), new FinalText(commands).of(balancer));
        }
    }

    private Balancer balancer(Topology topology) {
        Balancer balancer =
                Balancer.builder()
                        .connections(CONNECTIONS)
                        .routing(topology.routing())
                        .icmpErrorsPerSecond(0)
                        .marker(topology.marks())
                        .clock(() -> nowMillis)
                        .seed(SEED)
                        .build();
        for (Link link : topology.network().links()) {
            MemoryLink memory = MemoryLink.open(link.name(), link.index(), null);
            links.put(link.name(), memory);
            balancer.attach(memory.port(), link);
        }
        balancer.networkChanged(topology.network());
        for (NeighbourEntry neighbour : topology.neighbours()) {
            balancer.neighbourChanged(neighbour);
        }
        return balancer;
    }

    private static void set(Balancer balancer, Map<String, Integer> sysctls) {
        sysctls.forEach((name, value) -> set(balancer, name, value));
    }

    private static void set(Balancer balancer, String name, int value) {
        Sysctl sysctl = Sysctl.named(name);
        if (sysctl != null) {
            balancer.administration().setSysctl(sysctl, value);
        }
    }

    private void replayEvents(Balancer balancer, Writer out) throws ReplayException, IOException {
        Path file = scenario.resolve("events.jsonl");
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            JsonNode event = parse(line, file, ++number);
            long millis = Math.round(event.path("t").asDouble() * 1000) + TICK_PHASE_MILLIS;
            String operation = event.path("op").asString();
            boolean listing = operation.equals("conns") || operation.equals("list");
            advance(balancer, listing ? millis - LISTING_MILLIS : millis);
            replay(balancer, event, out);
        }
    }

    private static JsonNode parse(String text, Path file, int line) throws ReplayException {
        try {
            return JSON.readTree(text);
        } catch (JacksonException malformed) {
            throw new ReplayException(
                    file + ":" + line + ": not JSON: " + malformed.getOriginalMessage());
        }
    }

    /** Lets the worker live through the time until an event, as a running one would. */
    private void advance(Balancer balancer, long millis) {
        while (nowMillis < millis) {
            nowMillis = Math.min(millis, nowMillis + 10);
            settle(balancer);
        }
    }

    private static void settle(Balancer balancer) {
        while (balancer.runOnce() > 0) {
            // until nothing is left to do
        }
    }

    private void replay(Balancer balancer, JsonNode event, Writer out)
            throws ReplayException, IOException {
        switch (event.path("op").asString()) {
            case "in" -> inject(balancer, event, out);
            case "ipvsadm" -> {
                List<String> arguments =
                        List.of(event.path("args").asString().trim().split("\\s+"));
                commands.run(balancer, arguments, "");
            }
            case "sysctl" ->
                    set(balancer, event.path("key").asString(), event.path("value").asInt());
            case "wait" -> {
                long end = nowMillis + Math.round(event.path("s").asDouble() * 1000);
                advance(balancer, end);
                collect(out, event);
            }
            case "conns" -> list(event, Listings.connections(commands, balancer), out);
            case "list" -> list(event, Listings.services(commands, balancer), out);
            default -> {}
        }
    }

    private void inject(Balancer balancer, JsonNode event, Writer out)
            throws ReplayException, IOException {
        MemoryLink link = links.get(event.path("if").asString());
        if (link == null) {
            throw new ReplayException(scenario + ": no interface " + event.path("if"));
        }
        ObjectNode written = JSON.createObjectNode();
        written.put("t", nowMillis / 1000.0);
        written.put("op", "in");
        written.set("if", event.path("if"));
        written.set("frame", event.path("frame"));
        write(written, out);
        link.inject(HexFormat.of().parseHex(event.path("frame").asString()));
        settle(balancer);
        collect(out, null);
    }

    private void collect(Writer out, @Nullable JsonNode spontaneous) throws IOException {
        for (Map.Entry<String, MemoryLink> link : links.entrySet()) {
            byte[] frame = link.getValue().poll();
            while (frame != null) {
                if (!isArp(frame)) {
                    ObjectNode written = JSON.createObjectNode();
                    written.put("t", nowMillis / 1000.0);
                    written.put("op", "out");
                    written.put("if", link.getKey());
                    written.put("frame", HexFormat.of().formatHex(frame));
                    if (spontaneous != null) {
                        written.put("spontaneous", true);
                    }
                    write(written, out);
                }
                frame = link.getValue().poll();
            }
        }
    }

    // The recordings leave ARP out.
    private static boolean isArp(byte[] frame) {
        return frame.length >= 14 && frame[12] == 0x08 && frame[13] == 0x06;
    }

    private void list(JsonNode event, String text, Writer out) throws IOException {
        ObjectNode written = JSON.createObjectNode();
        written.put("t", nowMillis / 1000.0);
        written.set("op", event.path("op"));
        written.put("text", text);
        write(written, out);
    }

    private static void write(ObjectNode event, Writer out) throws IOException {
        out.write(JSON.writeValueAsString(event));
        out.write('\n');
    }
}
