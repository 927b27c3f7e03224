package io.weir.control.api;

import io.weir.dataplane.io.PortStatistics;
import io.weir.dataplane.service.CounterSnapshot;
import io.weir.dataplane.sync.SyncCounters;

import java.util.List;

/**
 * The counters of the whole balancer, as the API shows them.
 *
 * @param totals connections, packets and bytes of all services
 * @param ports what each port has seen
 * @param synchronisation what synchronisation daemons have sent and taken
 * @param drops every reason and its count
 */
record CountersDocument(
        CounterSnapshot totals,
        List<BalancerView.Port> ports,
        SyncCounters.Snapshot synchronisation,
        List<BalancerView.Drop> drops) {
    static CountersDocument of(ApiBackend backend) {
        return new CountersDocument(
                backend.administration().totals(),
                backend.view().ports(),
                backend.view().syncCounters(),
                backend.view().drops());
    }

    /**
     * The same for a terminal.
     *
     * @param all whether reasons that never occurred are shown too
     */
    String text(boolean all) {
        StringBuilder text = new StringBuilder();
        row(text, "", "connections", "packets in", "bytes in", "packets out", "bytes out");
        row(
                text,
                "services",
                number(totals.connections()),
                number(totals.inPackets()),
                number(totals.inBytes()),
                number(totals.outPackets()),
                number(totals.outBytes()));
        text.append('\n');
        row(
                text,
                "port",
                "received",
                "bytes",
                "ring full",
                "truncated",
                "sent",
                "bytes",
                "refused");
        for (BalancerView.Port port : ports) {
            PortStatistics seen = port.statistics();
            if (seen != null) {
                row(
                        text,
                        port.name(),
                        number(seen.receivedFrames()),
                        number(seen.receivedBytes()),
                        number(seen.receiveDrops()),
                        number(seen.receiveTruncated()),
                        number(seen.transmittedFrames()),
                        number(seen.transmittedBytes()),
                        number(seen.transmitErrors()));
            }
        }
        text.append('\n');
        synchronisation(text, all);
        drops(text, all);
        return text.toString();
    }

    // Nobody who has no partner wants to read of it.
    private void synchronisation(StringBuilder text, boolean all) {
        SyncCounters.Snapshot seen = synchronisation;
        if (!all && seen.messagesSent() + seen.messagesLost() + seen.messagesReceived() == 0) {
            return;
        }
        row(text, "sync", "entries", "messages", "bytes", "lost");
        row(
                text,
                "sent",
                number(seen.entriesSent()),
                number(seen.messagesSent()),
                number(seen.bytesSent()),
                number(seen.messagesLost()));
        row(
                text,
                "received",
                number(seen.entriesReceived()),
                number(seen.messagesReceived()),
                number(seen.bytesReceived()));
        text.append('\n');
    }

    private void drops(StringBuilder text, boolean all) {
        boolean any = false;
        for (BalancerView.Drop drop : drops) {
            if (all || drop.packets() > 0) {
                any = true;
                text.append(
                        "%-28s %12d  %s%n"
                                .formatted(drop.reason(), drop.packets(), drop.explanation()));
            }
        }
        if (!any) {
            text.append("no packet was dropped\n");
        }
    }

    private static String number(long value) {
        return Long.toString(value);
    }

    private static void row(StringBuilder text, String name, String... cells) {
        text.append("%-16s".formatted(name));
        for (String cell : cells) {
            text.append(" %14s".formatted(cell));
        }
        text.append('\n');
    }
}
