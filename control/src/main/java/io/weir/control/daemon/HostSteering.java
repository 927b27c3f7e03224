package io.weir.control.daemon;

import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.io.TrafficSteering;
import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Keeps the kernel's steering in step with the rules, so that whoever changed a rule and got an
 * answer finds the host out of the way.
 *
 * <p>Any thread. Deriving and writing the steering costs time in proportion to all rules, so a
 * thread that changes many of them does so {@link #batch in one go}.
 */
final class HostSteering {
    private static final ScopedValue<Boolean> BATCH = ScopedValue.newInstance();

    private final TrafficSteering steering;
    private final Supplier<@Nullable SteeringRules> changes;
    private final Set<Endpoint> added = new HashSet<>();
    private SteeringRules applied = SteeringRules.NONE;
    private @Nullable SteeringRules refused;

    /**
     * Starts out with no packet steered.
     *
     * @param changes the rules as they are now if they may have changed since the last call, else
     *     null
     */
    HostSteering(TrafficSteering steering, Supplier<@Nullable SteeringRules> changes) {
        this.steering = steering;
        this.changes = changes;
    }

    /** Work that may change rules. */
    @FunctionalInterface
    interface Work<T, X extends Exception> {
        T run() throws X;
    }

    /** Does work on the calling thread during which {@link #afterChange} does nothing. */
    <T, X extends Exception> T batch(Work<T, X> work) throws X {
        return ScopedValue.where(BATCH, true).call(work::run);
    }

    /**
     * Called after each change of rules.
     *
     * @throws IllegalStateException if the kernel refuses; the change itself stays
     */
    void afterChange() {
        if (!BATCH.isBound()) {
            try {
                settle();
            } catch (SteeringException e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
        }
    }

    /**
     * Brings the kernel up to date.
     *
     * @throws SteeringException if it refuses, now or still; the steering of before stays in force
     */
    synchronized void settle() throws SteeringException {
        SteeringRules wanted = changes.get();
        if (wanted == null) {
            wanted = refused;
        }
        if (wanted != null) {
            refused = wanted;
            steering.update(wanted);
            applied = wanted;
            added.clear();
            refused = null;
        }
    }

    /**
     * Takes a real server's replies before the server gets its first packet, if its service has
     * traffic already: else the host would reset or route away what comes back first.
     *
     * @param replies where they come from
     * @throws SteeringException if the kernel refuses
     */
    synchronized void expect(ServiceId service, Set<Endpoint> replies) throws SteeringException {
        if (hasTraffic(service) && !replies.stream().allMatch(this::isTaken)) {
            steering.add(replies);
            added.addAll(replies);
        }
    }

    private boolean isTaken(Endpoint reply) {
        return applied.serverEndpoints().contains(reply) || added.contains(reply);
    }

    private boolean hasTraffic(ServiceId service) {
        return service.isMark()
                ? applied.marked().isServed(service.mark(), service.address().ipv6())
                : applied.virtualEndpoints()
                        .contains(
                                new Endpoint(
                                        service.protocol(), service.address(), service.port()));
    }
}
