package io.weir.dataplane.net;

/**
 * Asks who has an address. The answer arrives through {@link NetworkListener#neighbourChanged}.
 *
 * <p>Called by the worker: must neither block nor throw, and may drop requests when it has too
 * many.
 */
public interface NeighbourResolver {
    /** Starts or repeats resolution of a neighbour. */
    void resolve(int linkIndex, IpAddress address);
}
