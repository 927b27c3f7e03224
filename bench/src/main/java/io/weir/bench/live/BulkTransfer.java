package io.weir.bench.live;

import io.weir.control.lab.LabException;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One TCP stream from the client to a server by iperf3. */
final class BulkTransfer implements Measure {
    private static final Metric RATE = new Metric("rate", "Gbit/s", false);
    private static final Metric COST = new Metric("machine time", "ns/KiB", true);
    private static final Metric OWN_COST = new Metric("own time", "ns/KiB", true);
    private static final long MARGIN_SECONDS = 15;

    private final String name;
    private final Layout layout;

    BulkTransfer(String name, Layout layout) {
        this.name = name;
        this.layout = layout;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return "one TCP stream from client to server by iperf3";
    }

    @Override
    public Layout layout() {
        return layout;
    }

    @Override
    public List<Metric> metrics() {
        return List.of(RATE, COST, OWN_COST);
    }

    @Override
    public List<Metric> charted() {
        return List.of(RATE);
    }

    @Override
    public Optional<String> lacks() {
        return Tool.lacks("iperf3", "iperf3");
    }

    @Override
    public Map<Metric, Double> run(Turn turn) throws IOException, InterruptedException {
        Site site = turn.site();
        String port = String.valueOf(Site.BULK);
        Program server =
                site.start(site.server(), "iperf3-server.out", List.of("iperf3", "-s", "-p", port));
        server.await(() -> site.listens(site.server(), Site.BULK));
        transfer(turn, turn.warmUp().toMillis() / 1e3);
        Costs costs = Costs.begin(turn);
        JsonNode sum = transfer(turn, turn.length().toMillis() / 1e3);
        double kibibytes = sum.path("bytes").asDouble() / 1024;
        return Map.of(
                RATE, sum.path("bits_per_second").asDouble() / 1e9,
                COST, costs.machineNanos() / kibibytes,
                OWN_COST, costs.contenderNanos() / kibibytes);
    }

    private static JsonNode transfer(Turn turn, double seconds)
            throws IOException, InterruptedException {
        Site site = turn.site();
        List<String> command =
                List.of(
                        "iperf3",
                        "-J",
                        "-c",
                        turn.contender().address(),
                        "-p",
                        String.valueOf(Site.BULK),
                        "-t",
                        String.valueOf(Math.max(1, Math.round(seconds))));
        try (Program client = site.start(site.client(), "iperf3.out", command)) {
            String report = client.finish(Math.round(seconds) + MARGIN_SECONDS);
            JsonNode sum = JsonMapper.shared().readTree(report).path("end").path("sum_received");
            if (!sum.path("bytes").isNumber()) {
                throw new LabException("iperf3 transferred nothing");
            }
            return sum;
        }
    }
}
