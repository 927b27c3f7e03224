package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_TEMPLATE;
import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.ExpiryWheel;
import io.weir.dataplane.flow.ReportRecords;
import io.weir.dataplane.flow.SctpState;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;

/**
 * Says when a connection or template is reported to the other balancer: with which packet of its
 * client, after which change of its state, after how long (recorded: threshold-count, refresh,
 * tcp-close, persist-tmpl; the kernel's documentation of net.ipv4.vs). Owned by the worker.
 */
final class ReportRules {
    private static final int TICKS_PER_SECOND = 1_000 / ExpiryWheel.TICK_MILLIS;

    /** An entry that moves its end by less is repeated by nobody but its period. */
    private static final int LEAST_TICKS = 10 * TICKS_PER_SECOND;

    /** A record is looked at once in 2^this ticks, ten seconds. */
    private static final int PERIOD_TICKS_SHIFT = 10;

    /** Repetitions come after this part of the refresh period. */
    private static final int REPETITION_PART = 8;

    /** With sync_established, a flow without states is one once its client speaks again. */
    private static final int FLOW_PACKETS = 2;

    private static final int TCP_STATES =
            1 << TcpState.ESTABLISHED
                    | 1 << TcpState.FIN_WAIT
                    | 1 << TcpState.TIME_WAIT
                    | 1 << TcpState.CLOSE
                    | 1 << TcpState.CLOSE_WAIT;

    private static final int SCTP_STATES =
            1 << SctpState.ESTABLISHED
                    | 1 << SctpState.SHUTDOWN_SENT
                    | 1 << SctpState.SHUTDOWN_RECEIVED
                    | 1 << SctpState.SHUTDOWN_ACK_SENT
                    | 1 << SctpState.CLOSED;

    private final ConnectionTable table;
    private final ExpiryWheel wheel;
    private final ReportRecords records;
    private final Sysctls sysctls;

    ReportRules(ConnectionTable table, ExpiryWheel wheel, ReportRecords records, Sysctls sysctls) {
        this.table = table;
        this.wheel = wheel;
        this.records = records;
        this.sysctls = sysctls;
    }

    /** Whether an entry is one that others know of, if they know all. */
    boolean told(int slot) {
        return reportable(slot)
                && (table.has(slot, FLAG_TEMPLATE)
                        || !sysctls.on(Sysctl.SYNC_PERSIST_MODE)
                        || !controlledByTemplate(slot));
    }

    // A connection whose state nobody else needs is not reported; a template always may be.
    private boolean reportable(int slot) {
        if (table.has(slot, FLAG_TEMPLATE)) {
            return true;
        }
        return switch (table.protocol(slot)) {
            case ServiceId.TCP -> (TCP_STATES >> table.state(slot) & 1) != 0;
            case ServiceId.SCTP -> (SCTP_STATES >> table.state(slot) & 1) != 0;
            default -> true;
        };
    }

    /**
     * Whether an entry is to be reported now; if so, notes that it was.
     *
     * @param packets how many have come from its client, or were counted for a template
     */
    boolean due(int slot, long packets, int nowTick) {
        if (!told(slot)) {
            return false;
        }
        boolean template = table.has(slot, FLAG_TEMPLATE);
        if (!template && packets < FLOW_PACKETS && oneQuestion(slot)) {
            return false;
        }
        int end = nowTick + wheel.timeoutSeconds(slot) * TICKS_PER_SECOND;
        if (!template && atOnce(slot, packets)) {
            note(slot, end, 0, nowTick);
            return true;
        }
        if (!counted(template, packets)) {
            return false;
        }
        int repetitions = 0;
        if (sysctls.on(Sysctl.SYNC_REFRESH_PERIOD)) {
            if (!template && lookedAfter(slot, nowTick)) {
                return false;
            }
            if (!moved(slot, end, nowTick)) {
                repetitions = repetition(slot, nowTick);
                if (repetitions == 0) {
                    return false;
                }
            }
        }
        note(slot, end, repetitions, nowTick);
        return true;
    }

    // The record is in memory that no packet needs else. With sync_established no connection waits
    // for it, so that it is looked at with the first packet of a period alone.
    private boolean lookedAfter(int slot, int nowTick) {
        if (!sysctls.on(Sysctl.SYNC_ESTABLISHED)) {
            return false;
        }
        int period = nowTick >> PERIOD_TICKS_SHIFT;
        if (table.period(slot) == (period & 15)) {
            return true;
        }
        table.setPeriod(slot, period);
        return false;
    }

    private void note(int slot, int end, int repetitions, int nowTick) {
        table.setStateReported(slot);
        records.setEnd(slot, end, repetitions, nowTick);
    }

    private boolean controlledByTemplate(int slot) {
        int controller = table.controller(slot);
        while (controller != NONE) {
            if (table.has(controller, FLAG_TEMPLATE)) {
                return true;
            }
            controller = table.controller(controller);
        }
        return false;
    }

    // With sync_established, what may be one question and one answer is not worth a report.
    private boolean oneQuestion(int slot) {
        int protocol = table.protocol(slot);
        return protocol != ServiceId.TCP
                && protocol != ServiceId.SCTP
                && sysctls.on(Sysctl.SYNC_ESTABLISHED);
    }

    // That a connection is over is told whatever the settings; that it has begun, only if they say
    // so.
    private boolean atOnce(int slot, long packets) {
        int state = table.state(slot);
        int protocol = table.protocol(slot);
        boolean early = sysctls.on(Sysctl.SYNC_ESTABLISHED);
        if (protocol != ServiceId.TCP && protocol != ServiceId.SCTP) {
            return early && packets == FLOW_PACKETS;
        }
        int established = protocol == ServiceId.TCP ? TcpState.ESTABLISHED : SctpState.ESTABLISHED;
        return state != table.reportedState(slot) && (early || state != established);
    }

    // By as much as the refresh period, or half the timeout if that is less.
    private boolean moved(int slot, int end, int nowTick) {
        int timeout = wheel.timeoutSeconds(slot) * TICKS_PER_SECOND;
        int period = sysctls.get(Sysctl.SYNC_REFRESH_PERIOD);
        long least = Math.max(timeout / 2, LEAST_TICKS);
        if (period > 0) {
            least = Math.min(least, (long) period * TICKS_PER_SECOND);
        }
        return Math.abs((end & ~3) - records.end(slot, nowTick)) >= least;
    }

    /** Which repetition of the last report is due, from 1; 0 for none. */
    private int repetition(int slot, int nowTick) {
        int done = records.repeated(slot, nowTick);
        if (done >= sysctls.get(Sysctl.SYNC_RETRIES)) {
            return 0;
        }
        int timeout = wheel.timeoutSeconds(slot) * TICKS_PER_SECOND;
        long pause =
                Integer.toUnsignedLong(sysctls.get(Sysctl.SYNC_REFRESH_PERIOD))
                        * TICKS_PER_SECOND
                        / REPETITION_PART;
        int reported = records.end(slot, nowTick) - timeout;
        return nowTick - reported < pause ? 0 : done + 1;
    }

    private boolean counted(boolean template, long packets) {
        int period = sysctls.syncPeriod();
        if (period > 0) {
            return template || packets % period == sysctls.syncThreshold();
        }
        return sysctls.on(Sysctl.SYNC_REFRESH_PERIOD) || packets == sysctls.syncThreshold();
    }
}
