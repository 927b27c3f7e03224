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
        if (!options.offloads()) {
            return KernelSteering.open();
        }
        try {
            return KernelSteering.openForwarding(
                    bucketBits(options.connections(), options.workers().workers()),
                    new SecureRandom().nextLong(),
                    options.workers().workers());
        } catch (IOException e) {
            LOG.log(Level.WARNING, e.getMessage() + "; the kernel will forward no flow by itself");
            return KernelSteering.open();
        }
    }

    // Each worker remembers something about each place.
    private static int bucketBits(int connections, int workers) {
        int most = MOST_FLOWS / workers;
        int wanted = connections / CONNECTIONS_PER_FLOW / workers;
        int flows = Math.clamp(wanted, Math.min(FEWEST_FLOWS, most), most);
        return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(flows / FlowTable.WAYS);
    }
}
