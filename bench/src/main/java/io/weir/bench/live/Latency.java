package io.weir.bench.live;

import io.weir.control.lab.LabException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long HTTP requests take over connections that are kept alive, by {@link LatencyClient}. */
final class Latency extends HttpMeasure {
    private static final Metric P50 = new Metric("p50", "us", true);
    private static final Metric P99 = new Metric("p99", "us", true);
    private static final Metric P999 = new Metric("p99.9", "us", true);

    private static final Pattern REPORT =
            Pattern.compile("(\\d+) requests, ns: p50 (\\d+) p99 (\\d+) p99.9 (\\d+)");
    private static final long MARGIN_SECONDS = 15;

    private final int connections;
    private final int rate;

    /**
     * A load.
     *
     * @param connections over how many connections requests go
     * @param rate requests per second over all of them, answered or not; 0 for each as soon as the
     *     one before was answered
     */
    Latency(String name, int connections, int rate, Layout layout) {
        super(name, layout);
        this.connections = connections;
        this.rate = rate;
    }

    @Override
    public String description() {
        return rate == 0
                ? "HTTP requests one at a time, on one connection"
                : rate
                        + " HTTP requests a second, whether answers come or not, on "
                        + connections
                        + (connections == 1 ? " connection" : " connections");
    }

    @Override
    List<Metric> found() {
        return List.of(P50, P99, P999);
    }

    @Override
    public List<Metric> charted() {
        return List.of(P50, P99);
    }

    @Override
    Map<Metric, Double> drive(Turn turn) throws IOException, InterruptedException {
        Site site = turn.site();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-Xmx128m", "-XX:-UsePerfData"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(LatencyClient.class.getName());
        command.addAll(List.of(turn.contender().address(), String.valueOf(Site.HTTP)));
        command.addAll(List.of(String.valueOf(connections), String.valueOf(rate)));
        command.add(String.valueOf(turn.warmUp().toMillis()));
        command.add(String.valueOf(turn.length().toMillis()));
        try (Program client = site.start(site.client(), "latency.out", command)) {
            client.await(() -> client.output().contains(LatencyClient.BEGINS));
            Costs costs = Costs.begin(turn);
            client.await(() -> REPORT.matcher(client.output()).find());
            Matcher report = REPORT.matcher(client.output());
            if (!report.find()) {
                throw new IllegalStateException("the client's report was there before");
            }
            double requests = Double.parseDouble(report.group(1));
            if (requests == 0) {
                throw new LabException("no request was answered in the time that counts");
            }
            Map<Metric, Double> found = each(costs, requests);
            client.finish(MARGIN_SECONDS);
            found.put(P50, micros(report.group(2)));
            found.put(P99, micros(report.group(3)));
            found.put(P999, micros(report.group(4)));
            return found;
        }
    }

    private static double micros(String nanos) {
        return Double.parseDouble(nanos) / 1e3;
    }
}
