package io.weir.dataplane.testing;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.PersistenceEngine;
import io.weir.dataplane.spi.Scheduler;
import io.weir.dataplane.spi.SchedulerCatalog;

import org.jspecify.annotations.Nullable;

import java.util.random.RandomGenerator;

/** Picks the first server that may be picked; for tests that are not about scheduling. */
public final class FirstServer implements Scheduler {
    /** Knows this scheduler alone, as "first", and one persistence engine, as "payload". */
    public static final SchedulerCatalog CATALOG =
            new SchedulerCatalog() {
                private final PersistenceEngine payload = new PayloadEngine();

                @Override
                public @Nullable PersistenceEngine persistenceEngine(String name) {
                    return name.equals(payload.name()) ? payload : null;
                }

                @Override
                public @Nullable Scheduler create(
                        String name, Sysctls sysctls, RandomGenerator random) {
                    return name.equals("first") ? new FirstServer() : null;
                }
            };

    private FirstServer() {}

    @Override
    public String name() {
        return "first";
    }

    @Override
    public @Nullable RealServer select(VirtualService service, FlowKey flow, long nowMillis) {
        for (RealServer server : service.servers()) {
            if (server.eligible()) {
                return server;
            }
        }
        return null;
    }
}
