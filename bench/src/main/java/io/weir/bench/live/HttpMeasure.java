package io.weir.bench.live;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** HTTP requests to the servers' nginx, and what processor time each of them takes. */
abstract class HttpMeasure implements Measure {
    private static final Metric MACHINE = new Metric("machine time", "us", true);

    /** Of the balancer's processor, where it has one of its own. */
    static final Metric BALANCER = new Metric("balancer time", "us", true);

    private static final Metric OWN = new Metric("own time", "us", true);

    private final String name;
    private final Layout layout;

    HttpMeasure(String name, Layout layout) {
        this.name = name;
        this.layout = layout;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final Layout layout() {
        return layout;
    }

    @Override
    public Optional<String> lacks() {
        return Tool.lacks("nginx", "nginx-light");
    }

    /** What it yields beside processor time. */
    abstract List<Metric> found();

    @Override
    public final List<Metric> metrics() {
        List<Metric> all = new ArrayList<>(found());
        all.add(MACHINE);
        if (balancerIsApart()) {
            all.add(BALANCER);
        }
        all.add(OWN);
        return all;
    }

    /** Whether the balancer's processor is its own, so that its time is the balancer's. */
    final boolean balancerIsApart() {
        return layout.placement() == Layout.Placement.BALANCER_APART;
    }

    /** Processor time from a moment on, divided among requests. */
    static Map<Metric, Double> each(Costs costs, double requests) throws IOException {
        Map<Metric, Double> found = new HashMap<>();
        found.put(MACHINE, costs.machineNanos() / 1e3 / requests);
        found.put(BALANCER, costs.balancerNanos() / 1e3 / requests);
        found.put(OWN, costs.contenderNanos() / 1e3 / requests);
        return found;
    }

    @Override
    public final Map<Metric, Double> run(Turn turn) throws IOException, InterruptedException {
        WebServer.start(turn.site());
        return drive(turn);
    }

    /** Sends the requests of one turn to servers that are up. */
    abstract Map<Metric, Double> drive(Turn turn) throws IOException, InterruptedException;
}
