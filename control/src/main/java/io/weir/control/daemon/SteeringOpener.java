package io.weir.control.daemon;

import io.weir.dataplane.io.steering.KernelSteering;
import io.weir.dataplane.offload.FlowTable;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;

/** Loads the programs that steer traffic, with or without the part that forwards known flows. */
final class SteeringOpener {
    private static final Logger LOG = System.getLogger("weir");

    /**
     * Room for one flow where there is room for so many connections: for both directions of a
     * quarter of them.
     */
    private static final int CONNECTIONS_PER_FLOW = 2;

    private static final int FEWEST_FLOWS = 1 << 10;
    private static final int MOST_FLOWS = 1 << 22;

    private SteeringOpener() {}

    /**
     * Loads them. A kernel that can steer but not forward is used without, and the log says so.
     *
     * @throws IOException if the kernel refuses; the message is for the operator
     */
    static KernelSteering open(DaemonOptions options) throws IOException {
        // With several workers none could tell whose connection a flow is of.
        if (!options.offloads() || options.workers().workers() > 1) {
            return KernelSteering.open();
        }
        try {
            return KernelSteering.openForwarding(
                    bucketBits(options.connections()), new SecureRandom().nextLong());
        } catch (IOException e) {
            LOG.log(Level.WARNING, e.getMessage() + "; the kernel will forward no flow by itself");
            return KernelSteering.open();
        }
    }

    private static int bucketBits(int connections) {
        int flows = Math.clamp(connections / CONNECTIONS_PER_FLOW, FEWEST_FLOWS, MOST_FLOWS);
        return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(flows / FlowTable.WAYS);
    }
}
