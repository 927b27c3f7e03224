package io.weir.bench.live;

import io.weir.control.client.ControlConnection;
import io.weir.control.lab.LabException;
import io.weir.dataplane.worker.DurationSums;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * How long a worker does not look at its ports, as it measures it itself, beside what the machine
 * lets other threads have at the same time ({@link PauseProbe}). Over a contender that has no
 * worker, a thread that spins in its place is measured in the same way.
 */
final class Pauses implements Measure {
    private static final Metric PERCENTILE = new Metric("p99.99 of turns, at most", "us", true);
    private static final Metric LONG = new Metric("in turns over 1 ms", "%", true);
    private static final Metric AWAKE = new Metric("awake", "%", true);
    private static final Metric FIRST = new Metric("first of all, p99.99", "us", true);
    private static final Metric FIRST_LONGEST = new Metric("first of all, longest", "us", true);
    private static final Metric EQUAL = new Metric("equal to all, p99.99", "us", true);
    private static final Metric EQUAL_LONGEST = new Metric("equal to all, longest", "us", true);
    private static final Metric STOLEN = new Metric("taken by the hypervisor", "%", true);
    private static final Metric RATE = new Metric("passed", "1/s", false);

    private static final long PROBE_WARM_UP_MILLIS = 1000;
    private static final long MARGIN_SECONDS = 15;
    private static final long LONG_NANOS = 1_000_000;
    private static final double SHARE = 0.9999;
    private static final double NANOS_PER_MICRO = 1e3;

    private static final Pattern SLEPT =
            Pattern.compile("(first|equal) ns: p99.99 (\\d+) longest (\\d+)");
    private static final Pattern SPUN = Pattern.compile("spun ([\\d ]+)");

    private final String name;
    private final PauseLoad load;

    Pauses(String name, PauseLoad load) {
        this.name = name;
        this.load = load;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return "how long a worker does not look at its ports, at " + load.description();
    }

    @Override
    public Layout layout() {
        return Layout.DEFAULT;
    }

    @Override
    public List<Metric> metrics() {
        return List.of(
                PERCENTILE, LONG, AWAKE, FIRST, FIRST_LONGEST, EQUAL, EQUAL_LONGEST, STOLEN, RATE);
    }

    @Override
    public List<Metric> charted() {
        return List.of(LONG);
    }

    @Override
    public Optional<String> lacks() {
        return load.lacks();
    }

    @Override
    public Optional<String> excludes(Contender contender) {
        return PacketPath.excludes(contender);
    }

    @Override
    public Map<Metric, Double> run(Turn turn) throws IOException, InterruptedException {
        boolean spins = turn.contender().processes().isEmpty();
        Duration all = turn.warmUp().plus(turn.length()).plusSeconds(MARGIN_SECONDS);
        try (PauseLoad.Traffic traffic = load.start(turn, all)) {
            Thread.sleep(turn.warmUp());
            try (Program probe = startProbe(turn, spins)) {
                probe.await(() -> probe.output().contains(PauseProbe.BEGINS));
                long began = System.nanoTime();
                long stolen = ProcessorTime.stolen();
                long passed = traffic.passed();
                List<Long> before = spins ? List.of() : turnSums(turn);
                String report = probe.finish(turn.length().toSeconds() + MARGIN_SECONDS);
                double nanos = System.nanoTime() - began;
                List<Long> sums = spins ? spun(report) : difference(turnSums(turn), before);
                Map<Metric, Double> found = new HashMap<>(turns(sums, nanos));
                found.putAll(slept(report));
                found.put(STOLEN, 100 * (ProcessorTime.stolen() - stolen) / nanos / processors());
                found.put(RATE, (traffic.passed() - passed) * 1e9 / nanos);
                return found;
            }
        }
    }

    private static int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    private static Program startProbe(Turn turn, boolean spins) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-Xmx64m", "-XX:-UsePerfData", "-Xint"));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(PauseProbe.class.getName());
        command.add(String.valueOf(PROBE_WARM_UP_MILLIS));
        command.add(String.valueOf(turn.length().toMillis()));
        if (spins) {
            command.add("spin");
        }
        return turn.site().start(turn.site().balancer(), "probe.out", command);
    }

    /** The worker's own sums; of several workers, all of theirs. */
    private static List<Long> turnSums(Turn turn) throws IOException {
        JsonNode status = turn.site().balancer().call(Pauses::status);
        long[] sums = new long[DurationSums.LIMITS_NANOS.size()];
        for (JsonNode worker : status.path("workers")) {
            for (int i = 0; i < sums.length; i++) {
                double seconds = worker.path("turnSeconds").path(i).path("seconds").asDouble();
                sums[i] += Math.round(seconds * 1e9);
            }
        }
        return LongStream.of(sums).boxed().toList();
    }

    private static JsonNode status() throws IOException {
        try (ControlConnection connection = ControlConnection.open(null)) {
            connection.send("GET", "/v1/status", "application/json", null);
            try (InputStream body = connection.response()) {
                return JsonMapper.shared().readTree(body);
            }
        }
    }

    private static List<Long> spun(String report) throws LabException {
        Matcher line = SPUN.matcher(report);
        if (!line.find()) {
            throw new LabException("the probe said " + report.strip().replace('\n', ' '));
        }
        return Stream.of(line.group(1).split(" ")).map(Long::valueOf).toList();
    }

    private static List<Long> difference(List<Long> after, List<Long> before) {
        return IntStream.range(0, after.size())
                .mapToObj(i -> after.get(i) - before.get(i))
                .toList();
    }

    /** What sums of turns by length say; without any turn, that none was long. */
    static Map<Metric, Double> turns(List<Long> sums, double nanos) {
        long all = sums.getLast();
        int index = 0;
        while (sums.get(index) < all * SHARE) {
            index++;
        }
        long within = sums.get(DurationSums.LIMITS_NANOS.indexOf(LONG_NANOS));
        return Map.of(
                PERCENTILE, DurationSums.LIMITS_NANOS.get(index) / NANOS_PER_MICRO,
                LONG, all == 0 ? 0 : 100.0 * Math.max(0, all - within) / all,
                AWAKE, 100 * all / nanos);
    }

    private static Map<Metric, Double> slept(String report) {
        Map<Metric, Double> found = new HashMap<>();
        Matcher line = SLEPT.matcher(report);
        while (line.find()) {
            boolean first = line.group(1).equals("first");
            double percentile = Double.parseDouble(line.group(2)) / NANOS_PER_MICRO;
            double longest = Double.parseDouble(line.group(3)) / NANOS_PER_MICRO;
            found.put(first ? FIRST : EQUAL, percentile);
            found.put(first ? FIRST_LONGEST : EQUAL_LONGEST, longest);
        }
        return found;
    }
}
