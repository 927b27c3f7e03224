package io.weir.control.replay;

import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.dataplane.io.memory.MemoryLink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Replays one recorded scenario of two balancers that synchronise their connections: both run under
 * one clock, with a link between them that carries what their daemons send.
 *
 * <p>Of the recording only what was done to the kernels is read, never what they answered.
 */
final class SyncScenarioReplay {
    /** The names of the two in recordings, whatever daemons each runs. */
    static final List<String> SIDES = List.of("master", "backup");

    /** The kernel's table had this size, and its listings say so. */
    private static final int CONNECTIONS = 4096;

    private static final String LINK = "sync";

    private final Path scenario;
    private final Map<String, Topology> topologies;
    private final List<String> complaints = new ArrayList<>();
    private final Map<String, SyncSide> sides = new LinkedHashMap<>();

    /**
     * A replay of one scenario.
     *
     * @param scenario its folder
     * @param topologies the networks of both sides by name
     */
    SyncScenarioReplay(Path scenario, Map<String, Topology> topologies) {
        this.scenario = scenario;
        this.topologies = topologies;
    }

    /** See {@link ScenarioReplay#run}. */
    ScenarioReplay.Result run(Path output) throws ReplayException, IOException {
        List<RecordedEvents.Event> events = RecordedEvents.read(scenario.resolve("events.jsonl"));
        Files.createDirectories(output);
        try {
            for (Map.Entry<String, Topology> side : topologies.entrySet()) {
                sides.put(side.getKey(), open(side.getKey(), side.getValue()));
            }
            try (EventLog log = new EventLog(output.resolve("events.jsonl"))) {
                SyncPlayer player = new SyncPlayer(sides, log);
                for (RecordedEvents.Event event : events) {
                    player.replay(event);
                }
                Files.writeString(output.resolve("final.txt"), listings());
                return new ScenarioReplay.Result(player.framesIn(), player.framesOut(), complaints);
            }
        } finally {
            sides.values().forEach(SyncSide::close);
        }
    }

    private SyncSide open(String name, Topology topology) throws ReplayException {
        SyncEnd end = new SyncEnd(topology.network(), LINK);
        VirtualHost host =
                new VirtualHost(
                        CONNECTIONS,
                        MemoryLink.DEFAULT_FRAME_BYTES,
                        topology.routing(),
                        topology.marks(),
                        0,
                        end);
        SyncSide side = new SyncSide(name, host, end);
        host.connect(topology);
        topology.sysctls()
                .forEach(
                        (setting, value) -> {
                            String refusal = host.set(setting, value);
                            if (refusal != null) {
                                complaints.add(scenario + ": " + name + ": " + refusal);
                            }
                        });
        restore(side);
        return side;
    }

    // Both have the same rules unless each has its own file.
    private void restore(SyncSide side) throws ReplayException {
        Path own = scenario.resolve("rules-" + side.name());
        Path file = Files.exists(own) ? own : scenario.resolve("rules");
        Ipvsadm.Outcome outcome = side.ipvsadm().run(List.of("-R"), TextFile.read(file));
        if (outcome.exitCode() != 0) {
            String why = outcome.errors().lines().findFirst().orElse("refused");
            complaints.add(file + ": " + why);
        }
    }

    private String listings() {
        StringBuilder text = new StringBuilder();
        for (SyncSide side : sides.values()) {
            if (!text.isEmpty()) {
                text.append('\n');
            }
            text.append(side.listings().ofSide(side.name()));
        }
        return text.toString();
    }
}
