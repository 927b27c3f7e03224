package io.weir.bench.live;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Something that is done over a contender and yields values. */
interface Measure {
    /** Short and fixed; also the name of the file of its results. */
    String name();

    /** What is done, in one sentence for whoever reads the results. */
    String description();

    Layout layout();

    /** What it yields, in the order in which tables show it. */
    List<Metric> metrics();

    /** Of those, what is drawn. */
    List<Metric> charted();

    /** What this machine lacks for it, or empty; asked once, before the first round. */
    Optional<String> lacks();

    /** Why it cannot be done over a contender, or empty. */
    default Optional<String> excludes(Contender contender) {
        return Optional.empty();
    }

    /**
     * Measures once.
     *
     * @return a value for each of the metrics; one that a contender does not have may be missing
     */
    Map<Metric, Double> run(Turn turn) throws IOException, InterruptedException;

    /**
     * One contender's time on a site of its own.
     *
     * @param warmUp how long to drive it before values count
     * @param length how long values count
     */
    record Turn(Site site, Contender.Running contender, Duration warmUp, Duration length) {}
}
