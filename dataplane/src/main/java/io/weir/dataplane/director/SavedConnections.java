package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_EXPECTED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_MASQUERADED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_NO_CLIENT_PORT;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_ONE_PACKET;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_PORT_TEMPLATE;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_RETIRED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_SYNCED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_TEMPLATE;
import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.ExpiryWheel;
import io.weir.dataplane.flow.SctpState;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.sync.SyncEntry;
import io.weir.dataplane.sync.SyncMessageReader;
import io.weir.dataplane.sync.SyncMessageWriter;

/**
 * Connections and templates on their way from one process to the next on the same machine, as
 * messages of the synchronisation protocol. Owned by the worker.
 *
 * <p>A connection has the time that it had left, a template all of its time. What the protocol has
 * no words for does not come across: connections that real servers have opened, those to a server
 * of the other address family, and those that an application gateway only expects.
 */
public final class SavedConnections {
    /** The longest message in bytes. */
    public static final int MOST_BYTES = 32_768;

    private final ConnectionTable table;
    private final ExpiryWheel wheel;
    private final ConnectionLife life;
    private final SyncEntries entries;
    private final SyncedConnections synced;
    private final WorkerShare share;
    private final SyncMessageReader reader = new SyncMessageReader();
    private final SyncEntry entry = new SyncEntry();

    SavedConnections(
            ConnectionTable table,
            ExpiryWheel wheel,
            ConnectionLife life,
            SyncEntries entries,
            SyncedConnections synced,
            WorkerShare share) {
        this.table = table;
        this.wheel = wheel;
        this.life = life;
        this.entries = entries;
        this.synced = synced;
        this.share = share;
    }

    /** Where saved connections go. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Takes a message.
         *
         * @param message not kept beyond this call
         * @param length its length in bytes
         * @param count how many entries it has
         * @return false to be given no more
         */
        boolean take(byte[] message, int length, int count);
    }

    /**
     * Whether one of them is not over, be it half-closed or of a protocol without an end: its
     * packets would be refused by whoever does not know of it.
     */
    public boolean anyGoesOn() {
        for (int slot = 0; slot < table.slots(); slot++) {
            if (table.used(slot)
                    && lasts(slot)
                    && !table.has(slot, FLAG_TEMPLATE | FLAG_PORT_TEMPLATE)
                    && !over(slot)) {
                return true;
            }
        }
        return false;
    }

    private boolean over(int slot) {
        return switch (table.protocol(slot)) {
            case ServiceId.TCP -> TcpState.over(table.state(slot));
            case ServiceId.SCTP -> table.state(slot) == SctpState.CLOSED;
            default -> false;
        };
    }

    /** Tells of all connections that can be told of. */
    public void save(Sink sink) {
        SyncMessageWriter writer = new SyncMessageWriter(0, MOST_BYTES);
        writer.begin(false);
        for (int slot = 0; slot < table.slots(); slot++) {
            if (table.used(slot) && lasts(slot)) {
                describe(slot);
                if (!writer.append(entry)) {
                    if (!give(writer, sink)) {
                        return;
                    }
                    writer.append(entry);
                }
            }
        }
        if (writer.entries() > 0) {
            give(writer, sink);
        }
    }

    private static boolean give(SyncMessageWriter writer, Sink sink) {
        int length = writer.finish();
        boolean more = sink.take(writer.message(), length, writer.entries());
        writer.begin(false);
        return more;
    }

    private boolean lasts(int slot) {
        boolean expectedOnly =
                table.has(slot, FLAG_EXPECTED)
                        && table.protocol(slot) == ServiceId.TCP
                        && table.state(slot) == TcpState.LISTEN;
        return !expectedOnly
                && !table.has(slot, FLAG_MASQUERADED | FLAG_ONE_PACKET | FLAG_RETIRED)
                && table.ipv6(slot) == table.serverIpv6(slot);
    }

    private void describe(int slot) {
        entries.describe(slot, entry);
        if (!table.has(slot, FLAG_TEMPLATE | FLAG_PORT_TEMPLATE)) {
            entry.timeoutSeconds = wheel.secondsLeft(slot, life.now());
        }
    }

    /** Takes a message's connections of this worker's clients into the table. Returns how many. */
    public int restore(byte[] message) {
        int taken = 0;
        if (table.size() == 0) {
            // The wheel of a worker in its first cycle has not seen the time yet, and would have to
            // turn through all of it.
            wheel.advance(life.now(), 1, life);
        }
        if (begins(message)) {
            while (nextEntry()) {
                int slot = synced.take(entry, true);
                if (slot != NONE) {
                    own(slot);
                    taken++;
                }
            }
        }
        return taken;
    }

    /**
     * Gives a message's connections the entries of real servers that have come since they were
     * restored; until then NAT and direct routing go by the address alone.
     *
     * @return how many are still without one
     */
    public int bind(byte[] message) {
        int without = 0;
        if (begins(message)) {
            while (nextEntry()) {
                int slot = synced.bind(entry);
                if (slot != NONE) {
                    own(slot);
                    without += table.serverNumber(slot) == NONE ? 1 : 0;
                }
            }
        }
        return without;
    }

    private boolean begins(byte[] message) {
        return reader.begin(message, message.length, 0, MOST_BYTES)
                        == SyncMessageReader.Verdict.READABLE
                && reader.version1();
    }

    /** Goes to the next entry that can be used here; false if there is none. */
    private boolean nextEntry() {
        SyncMessageReader.Step step = reader.next(entry);
        while (step == SyncMessageReader.Step.SKIPPED
                || (step == SyncMessageReader.Step.ENTRY && !share.owns(entry))) {
            step = reader.next(entry);
        }
        return step == SyncMessageReader.Step.ENTRY;
    }

    // It began here and not at another balancer. Without a server's entry, or a client's port, the
    // flag says more than where it comes from.
    private void own(int slot) {
        if ((entry.flags & (SyncEntry.FLAG_SYNC | FLAG_NO_CLIENT_PORT)) == 0
                && table.serverNumber(slot) != NONE) {
            table.setFlags(slot, table.flags(slot) & ~FLAG_SYNCED);
        }
    }
}
