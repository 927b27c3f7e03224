package io.weir.dataplane.spi;

import io.weir.dataplane.service.RealServer;

import org.jspecify.annotations.Nullable;

/** Finds real servers by the number that connections know them by. Owned by the worker. */
@FunctionalInterface
public interface ServerLookup {
    /** The server, or null if there is none of that number. */
    @Nullable RealServer server(int number);
}
