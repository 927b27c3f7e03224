package io.weir.dataplane.io;

import io.weir.dataplane.io.SteeringRules.Endpoint;

import java.util.Set;

/**
 * Keeps the host's own network stack away from the balancer's packets.
 *
 * <p>Called by one control thread. Closing it, or the end of the process in whatever way, gives the
 * packets back to the host at once.
 */
public interface TrafficSteering extends AutoCloseable {
    /**
     * Replaces the rules. Packets matched by both the old and the new rules are never given to the
     * host in between.
     *
     * @throws SteeringException if the kernel refuses, the rules of before staying in force
     */
    void update(SteeringRules rules) throws SteeringException;

    /**
     * Takes the replies of more real servers, beside what the rules say, until the next {@link
     * #update}. Costs the same however many there are already.
     *
     * @throws SteeringException if the kernel refuses
     */
    void add(Set<Endpoint> serverEndpoints) throws SteeringException;

    /** Packets taken from the host since it was opened. */
    long takenPackets();

    @Override
    void close();

    /** The kernel refused; the message says what, where and what to do. */
    final class SteeringException extends Exception {
        private static final long serialVersionUID = 1L;

        public SteeringException(String message) {
            super(message);
        }
    }
}
