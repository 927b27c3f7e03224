package io.weir.control.api;

import io.weir.dataplane.io.PortStatistics;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.offload.OffloadStatistics;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.sync.SyncCounters;
import io.weir.dataplane.worker.WorkerTimes;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What the API shows and sets of a running balancer besides its rules. May be called from any
 * thread.
 */
public interface BalancerView {
    /** Every reason a packet can be dropped for, with its count, in a fixed order. */
    List<Drop> drops();

    /** The ports in the order they were attached, those that are gone included. */
    List<Port> ports();

    /** The workers by their numbers; empty where nobody tells of them. */
    default List<WorkerView> workers() {
        return List.of();
    }

    /** What the kernel forwards by itself; null if nothing is handed to it. */
    default @Nullable OffloadStatistics offloaded() {
        return null;
    }

    /** Interfaces, addresses and routes as they are now. */
    NetworkSnapshot network();

    /** What synchronisation daemons have sent and taken since the start. */
    SyncCounters.Snapshot syncCounters();

    /** The value of a setting: a number, or a {@link Sysctl#pair}. */
    long sysctl(Sysctl sysctl);

    /**
     * Changes a setting.
     *
     * @return false, and nothing changed, if the value is out of its range
     */
    boolean setSysctl(Sysctl sysctl, long value);

    /**
     * A reason for drops.
     *
     * @param reason its name, lower case with hyphens
     * @param explanation one sentence for an operator
     * @param packets packets dropped for it since the start
     */
    record Drop(String reason, String explanation, long packets) {}

    /**
     * A worker.
     *
     * @param cpu the CPU that it is kept on; null if the kernel chooses
     * @param priority what it is to other threads: normal, realtime
     * @param received frames received since the start
     * @param dropped packets dropped since the start, for all reasons
     * @param connections connections and templates in its part of the table
     * @param times how it has spent its time
     */
    record WorkerView(
            @Nullable Integer cpu,
            String priority,
            long received,
            long dropped,
            int connections,
            WorkerTimes times) {}

    /**
     * A port.
     *
     * @param name the interface's name
     * @param io how frames are moved: af_packet, af_xdp
     * @param ioDetail in which mode, or why not in another way; empty if there is nothing to say
     * @param attached false while the interface is gone
     * @param statistics since the port was opened; null if it never was
     */
    record Port(
            String name,
            String io,
            String ioDetail,
            boolean attached,
            @Nullable PortStatistics statistics) {}
}
