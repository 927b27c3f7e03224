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
final class WebLoad extends HttpMeasure {
    private static final Metric RATE = new Metric("rate", "1/s", false);

    private static final Pattern COUNT = Pattern.compile("(\\d+) requests in");
    private static final Pattern PER_SECOND = Pattern.compile("Requests/sec: +([0-9.]+)");
    // Of the kinds of errors, a read error is a response that a closed connection cut off.
    private static final Metric READ_ERRORS = new Metric("read errors", "ppm", true);
    private static final Pattern READ =
            Pattern.compile("Socket errors: connect 0, read (\\d+), write 0, timeout 0");
    private static final Pattern ERRORS =
            Pattern.compile("Socket errors: .*|Non-2xx or 3xx responses: .*");
    // A kernel of 2025 may reset a connection whose handshake's end and request it receives on two
    // processors at once, with any balancer and without one (docs/decisions/flow-offload.md).
    private static final double MOST_READ_ERRORS = 20e-6;
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

    private final Connection connection;
    private final int clients;

    /**
     * A load.
     *
     * @param clients how many requests are under way at once
     */
    WebLoad(String name, Connection connection, int clients, Layout layout) {
        super(name, layout);
        this.connection = connection;
        this.clients = clients;
    }

    @Override
    public String description() {
        return "HTTP requests by wrk, " + clients + " at a time, " + connection.words;
    }

    @Override
    List<Metric> found() {
        return connection == Connection.SHORT ? List.of(RATE, READ_ERRORS) : List.of(RATE);
    }

    @Override
    public List<Metric> charted() {
        return balancerIsApart() ? List.of(RATE, BALANCER) : List.of(RATE);
    }

    @Override
    public Optional<String> lacks() {
        return lacksTools();
    }

    /** What this machine lacks for such loads, or empty. */
    static Optional<String> lacksTools() {
        return Tool.lacks("wrk", "wrk").or(() -> Tool.lacks("nginx", "nginx-light"));
    }

    @Override
    Map<Metric, Double> drive(Turn turn) throws IOException, InterruptedException {
        load(turn, turn.warmUp().toMillis() / 1e3);
        Costs costs = Costs.begin(turn);
        String report = load(turn, turn.length().toMillis() / 1e3);
        double requests = number(report, COUNT);
        Map<Metric, Double> found = each(costs, requests);
        found.put(RATE, number(report, PER_SECOND));
        found.put(READ_ERRORS, readErrors(report) / requests * 1e6);
        return found;
    }

    private String load(Turn turn, double seconds) throws IOException, InterruptedException {
        long whole = Math.max(1, Math.round(seconds));
        try (Program wrk = start(turn, connection, clients, whole)) {
            String report = wrk.finish(whole + MARGIN_SECONDS);
            refuseErrors(report, connection);
            return report;
        }
    }

    /** Refuses what a benchmark must not have but a few cut off responses of short connections. */
    static void refuseErrors(String report, Connection connection) throws LabException {
        Matcher errors = ERRORS.matcher(report);
        while (errors.find()) {
            boolean few =
                    connection == Connection.SHORT
                            && READ.matcher(errors.group()).matches()
                            && readErrors(report)
                                    <= Math.max(1, number(report, COUNT) * MOST_READ_ERRORS);
            if (!few) {
                throw new LabException("wrk: " + errors.group());
            }
        }
    }

    /** How many responses were cut off. */
    static double readErrors(String report) {
        Matcher read = READ.matcher(report);
        return read.find() ? Double.parseDouble(read.group(1)) : 0;
    }

    /**
     * Starts wrk, which ends by itself.
     *
     * @param clients how many requests are under way at once
     */
    static Program start(Turn turn, Connection connection, int clients, long seconds)
            throws IOException {
        Site site = turn.site();
        List<String> command =
                new ArrayList<>(List.of("wrk", "-t", "1", "-c", String.valueOf(clients)));
        command.addAll(List.of("-d", seconds + "s", "--timeout", seconds + "s"));
        if (connection == Connection.SHORT) {
            command.addAll(List.of("-H", "Connection: close"));
        }
        String server = site.family().endpoint(turn.contender().address(), Site.HTTP);
        command.add("http://" + server + "/");
        return site.start(site.client(), "wrk.out", command);
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
