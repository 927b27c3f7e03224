package io.weir.bench.live;

import io.weir.control.lab.LabException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** As many HTTP requests as get through, by wrk on one thread. */
final class WebLoad implements Measure {
    private static final Metric RATE = new Metric("rate", "1/s", false);
    private static final Metric MACHINE = new Metric("machine time", "us", true);
    private static final Metric BALANCER = new Metric("balancer time", "us", true);
    private static final Metric OWN = new Metric("own time", "us", true);

    private static final Pattern COUNT = Pattern.compile("(\\d+) requests in");
    private static final Pattern PER_SECOND = Pattern.compile("Requests/sec: +([0-9.]+)");
    // Of the kinds of errors, a read error is a response that a closed connection cut off.
    private static final Pattern ERRORS =
            Pattern.compile("Socket errors: .*|Non-2xx or 3xx responses: .*");
    private static final long MARGIN_SECONDS = 10;

    /** How long a connection lives. */
    enum Connection {
        /** For one request, after which the server closes it. */
        SHORT("a connection for each"),
        /** For the whole measurement. */
        KEPT("connections kept alive");

        private final String words;

        Connection(String words) {
            this.words = words;
        }
    }

    private final String name;
    private final Connection connection;
    private final int clients;
    private final Layout layout;

    /**
     * A load.
     *
     * @param clients how many requests are under way at once
     */
    WebLoad(String name, Connection connection, int clients, Layout layout) {
        this.name = name;
        this.connection = connection;
        this.clients = clients;
        this.layout = layout;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return "HTTP requests by wrk, " + clients + " at a time, " + connection.words;
    }

    @Override
    public Layout layout() {
        return layout;
    }

    @Override
    public List<Metric> metrics() {
        List<Metric> metrics = new ArrayList<>(List.of(RATE, MACHINE));
        if (layout.placement() == Layout.Placement.BALANCER_APART) {
            metrics.add(BALANCER);
        }
        metrics.add(OWN);
        return metrics;
    }

    @Override
    public List<Metric> charted() {
        return layout.placement() == Layout.Placement.BALANCER_APART
                ? List.of(RATE, BALANCER)
                : List.of(RATE);
    }

    @Override
    public Optional<String> lacks() {
        return Tool.lacks("wrk", "wrk").or(() -> Tool.lacks("nginx", "nginx-light"));
    }

    @Override
    public Map<Metric, Double> run(Turn turn) throws IOException, InterruptedException {
        WebServer.start(turn.site());
        load(turn, turn.warmUp().toMillis() / 1e3);
        Costs costs = Costs.begin(turn);
        String report = load(turn, turn.length().toMillis() / 1e3);
        double requests = number(report, COUNT);
        return Map.of(
                RATE, number(report, PER_SECOND),
                MACHINE, costs.machineNanos() / 1e3 / requests,
                BALANCER, costs.balancerNanos() / 1e3 / requests,
                OWN, costs.contenderNanos() / 1e3 / requests);
    }

    private String load(Turn turn, double seconds) throws IOException, InterruptedException {
        Site site = turn.site();
        long whole = Math.max(1, Math.round(seconds));
        List<String> command =
                new ArrayList<>(List.of("wrk", "-t", "1", "-c", String.valueOf(clients)));
        command.addAll(List.of("-d", whole + "s", "--timeout", whole + "s"));
        if (connection == Connection.SHORT) {
            command.addAll(List.of("-H", "Connection: close"));
        }
        command.add("http://" + turn.contender().address() + ":" + Site.HTTP + "/");
        try (Program wrk = site.start(site.client(), "wrk.out", command)) {
            String report = wrk.finish(whole + MARGIN_SECONDS);
            Matcher errors = ERRORS.matcher(report);
            if (errors.find()) {
                throw new LabException("wrk: " + errors.group());
            }
            return report;
        }
    }

    /** The number that a report has at a pattern. */
    static double number(String report, Pattern pattern) throws LabException {
        Matcher matcher = pattern.matcher(report);
        if (!matcher.find() || Double.parseDouble(matcher.group(1)) == 0) {
            throw new LabException("wrk got no answer: " + report.strip().replace('\n', ' '));
        }
        return Double.parseDouble(matcher.group(1));
    }
}
