package io.weir.schedulers;

import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.spi.PersistenceEngine;
import io.weir.dataplane.spi.Scheduler;
import io.weir.dataplane.spi.SchedulerCatalog;

import org.jspecify.annotations.Nullable;

import java.util.random.RandomGenerator;

/** The algorithms and persistence engines of LVS by the names that ipvsadm takes. Stateless. */
public final class Schedulers implements SchedulerCatalog {
    private final PersistenceEngine sip = new SipPersistence();

    @Override
    public @Nullable Scheduler create(String name, Sysctls sysctls, RandomGenerator random) {
        return switch (name) {
            case RoundRobin.NAME -> new RoundRobin();
            case WeightedRoundRobin.NAME -> new WeightedRoundRobin();
            case LeastConnection.NAME -> new LeastConnection();
            case WeightedLeastConnection.NAME -> new WeightedLeastConnection();
            case LocalityLeastConnection.NAME ->
                    new LocalityLeastConnection(sysctls, random.nextLong());
            case LocalityLeastConnectionReplicated.NAME ->
                    new LocalityLeastConnectionReplicated(sysctls, random.nextLong());
            case DestinationHash.NAME -> new DestinationHash();
            case SourceHash.NAME -> new SourceHash();
            case ShortestExpectedDelay.NAME -> new ShortestExpectedDelay();
            case NeverQueue.NAME -> new NeverQueue();
            case WeightedFailover.NAME -> new WeightedFailover();
            case WeightedOverflow.NAME -> new WeightedOverflow();
            case Maglev.NAME -> new Maglev();
            case PowerOfTwoChoices.NAME -> new PowerOfTwoChoices(random);
            default -> null;
        };
    }

    @Override
    public @Nullable PersistenceEngine persistenceEngine(String name) {
        return name.equals(SipPersistence.NAME) ? sip : null;
    }
}
