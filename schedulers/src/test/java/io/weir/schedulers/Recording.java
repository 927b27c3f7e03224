package io.weir.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Sysctl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * What a kernel's scheduler saw and picked, replayed. The files are made by dev/scheduler-traces,
 * which describes them.
 */
final class Recording {
    private static final Map<String, Integer> FLAGS =
            Map.of(
                    "sh-fallback", ServiceSettings.FLAG_1,
                    "sh-port", ServiceSettings.FLAG_2,
                    "mh-fallback", ServiceSettings.FLAG_1,
                    "mh-port", ServiceSettings.FLAG_2);

    private final String name;
    private final List<String> lines;
    private final Map<String, RealServer> connections = new HashMap<>();
    private final Map<String, Boolean> idle = new HashMap<>();
    private Farm farm = new Farm(RoundRobin.NAME, 0, new SplittableRandom(1));
    private int picks;

    private Recording(Path file) {
        this.name = file.getFileName().toString();
        try {
            this.lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those of one algorithm. */
    static List<Recording> of(String scheduler) {
        try {
            Path folder =
                    Path.of(
                            Objects.requireNonNull(Recording.class.getResource("/recordings"))
                                    .toURI());
            try (Stream<Path> files = Files.list(folder)) {
                return files.sorted()
                        .map(Recording::new)
                        .filter(recording -> recording.isOf(scheduler))
                        .toList();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Replays all of an algorithm; there must be some. */
    static void replayAll(String scheduler) {
        List<Recording> recordings = of(scheduler);
        assertThat(recordings).isNotEmpty();
        int picks = 0;
        for (Recording recording : recordings) {
            recording.replay();
            picks += recording.picks;
        }
        System.out.printf("%s: %d picks of %d recordings%n", scheduler, picks, recordings.size());
    }

    private boolean isOf(String scheduler) {
        return lines.stream().anyMatch(line -> line.strip().equals("service " + scheduler))
                || lines.stream().anyMatch(line -> line.startsWith("service " + scheduler + " "));
    }

    @Override
    public String toString() {
        return name;
    }

    private void replay() {
        for (int i = 0; i < lines.size(); i++) {
            String[] words = lines.get(i).strip().split(" ");
            String where = name + ":" + (i + 1) + " " + lines.get(i);
            switch (words[0]) {
                case "#" -> {}
                case "service" -> startService(words);
                case "sysctl" -> setSysctl(words);
                default -> event(words, where);
            }
        }
        assertThat(picks).as(name).isPositive();
    }

    private void startService(String[] words) {
        int flags = 0;
        for (String flag : words.length > 2 ? words[2].split(",") : new String[0]) {
            flags |= Objects.requireNonNull(FLAGS.get(flag), flag);
        }
        farm = new Farm(words[1], flags, new SplittableRandom(1));
    }

    private void setSysctl(String[] words) {
        Sysctl sysctl = Objects.requireNonNull(Sysctl.named(words[1]), words[1]);
        assertThat(farm.sysctls.set(sysctl, Integer.parseInt(words[2]))).isTrue();
    }

    private void event(String[] words, String where) {
        long now = Long.parseLong(words[0]);
        farm.scheduler().housekeeping(now);
        switch (words[1]) {
            case "add" ->
                    farm.add(new ServerId(Farm.address(words[2]), Farm.PORT), given(words), true);
            case "edit" -> farm.edit(farm.server(words[2]), given(words));
            case "delete" -> farm.remove(farm.server(words[2]));
            case "pick" -> pick(words, now, where);
            case "idle" -> {
                connection(words).deactivate();
                idle.put(words[2], true);
            }
            case "busy" -> {
                connection(words).activate();
                idle.put(words[2], false);
            }
            case "end" -> connection(words).unbindConnection(!idle.get(words[2]));
            case "counts" -> compareCounts(words, where);
            default -> throw new IllegalArgumentException(where);
        }
    }

    private static ServerSettings given(String[] words) {
        return Farm.settings(
                Integer.parseInt(words[3]), Integer.parseInt(words[4]), Integer.parseInt(words[5]));
    }

    private void pick(String[] words, long now, String where) {
        FlowKey flow =
                farm.flow(
                        Farm.address(words[3]),
                        Integer.parseInt(words[4]),
                        Farm.address(words[5]),
                        Integer.parseInt(words[6]));
        RealServer server = farm.select(flow, now);
        assertThat(server == null ? "-" : server.id().address().toString())
                .as(where)
                .isEqualTo(words[7]);
        if (server != null) {
            server.bindConnection();
            server.activate();
            connections.put(words[2], server);
            idle.put(words[2], false);
        }
        picks++;
    }

    private RealServer connection(String[] words) {
        return Objects.requireNonNull(connections.get(words[2]), words[2]);
    }

    private void compareCounts(String[] words, String where) {
        RealServer server = farm.server(words[2]);
        assertThat(server.activeConnections() + " " + server.inactiveConnections())
                .as(where)
                .isEqualTo(words[3] + " " + words[4]);
    }
}
