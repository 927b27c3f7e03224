package io.weir.control.daemon;

import io.weir.control.config.ServiceConfig;
import io.weir.control.handover.SavedState;
import io.weir.control.warmup.TrafficPattern;
import io.weir.control.warmup.WarmUp;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;

/** Has the packets' way compiled for the services that the daemon is about to have. */
final class PacketPathWarmUp {
    private static final Logger LOG = System.getLogger("weir");

    private static final Duration LONGEST = Duration.ofMillis(1_500);

    private PacketPathWarmUp() {}

    /**
     * Warms up for the services of a configuration, or for the balancer's if it has none.
     *
     * <p>Returns when it is done; but if connections of the process before wait, it goes on beside
     * their packets, because slow is better for them than later.
     */
    static void before(
            LiveBalancer balancer,
            DaemonOptions options,
            ConfiguredDaemon.@Nullable Source configuration,
            SavedState left) {
        if (!options.warmsUp()) {
            return;
        }
        List<ServiceConfig> services = configuration == null ? List.of() : configuration.services();
        List<TrafficPattern> patterns =
                services.isEmpty()
                        ? TrafficPattern.of(balancer.administration().services())
                        : TrafficPattern.ofConfigured(services);
        boolean offloads = balancer.offloaded() != null;
        if (left.connections().isEmpty()) {
            run(patterns, offloads);
        } else {
            Thread.ofPlatform().daemon().name("weir-warm-up").start(() -> run(patterns, offloads));
        }
    }

    private static void run(List<TrafficPattern> patterns, boolean offloads) {
        try {
            WarmUp.Outcome outcome = WarmUp.run(patterns, offloads, LONGEST);
            LOG.log(Level.DEBUG, () -> "packets made up to warm up: " + outcome);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "the first packets will be slow: " + e);
        }
    }
}
