package io.weir.dataplane.spi;

import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.VirtualService;

import org.jspecify.annotations.Nullable;

import java.util.random.RandomGenerator;

/** The scheduling algorithms and persistence engines that can be had by name. */
public interface SchedulerCatalog {
    /**
     * Makes a scheduler.
     *
     * @param name as ipvsadm takes it
     * @param sysctls live settings, for the algorithms that have some
     * @param random the source of chance, for the algorithms that need it
     * @return null if there is none of that name
     */
    @Nullable Scheduler create(String name, Sysctls sysctls, RandomGenerator random);

    /**
     * Finds a persistence engine.
     *
     * @param name as ipvsadm takes it
     * @return null if there is none of that name
     */
    default @Nullable PersistenceEngine persistenceEngine(String name) {
        return null;
    }

    /**
     * Lets a fresh scheduler take over a service that has servers already, as when the algorithm of
     * a live service is changed.
     */
    static void adopt(Scheduler scheduler, VirtualService service) {
        if (service.servers().length > 0) {
            scheduler.serverAdded(service, service.servers()[0]);
        }
    }
}
