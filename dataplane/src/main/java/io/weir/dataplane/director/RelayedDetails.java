package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_FOLLOWED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_SYNCED;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.spi.ApplicationGateway;
import io.weir.dataplane.sync.SyncEntry;

import java.util.Arrays;

/**
 * What entries tell of connections that nothing here needs: how sequence numbers are shifted of
 * those that no application gateway follows here, and firewall marks of those whose server is not
 * in a service of that mark. It is kept for a third balancer (recorded: inject-relay), for so many
 * connections as there is room. The gateway knows and does it for those that it follows. Owned by
 * the worker.
 */
final class RelayedDetails {
    private static final int RECORDS = 1024;
    private static final int NUMBERS = SyncEntry.SEQUENCE_NUMBERS;
    private static final int DIRECTIONS =
            ApplicationGateway.SHIFTS_CLIENT | ApplicationGateway.SHIFTS_SERVER;

    private final ConnectionTable table;
    private final ConnectionLife life;
    // A record belongs to the connection that still has these ends, whatever has become of others
    // in the same slot.
    private final int[] slots = new int[RECORDS];
    private final int[] clients = new int[RECORDS];
    private final int[] ports = new int[RECORDS];
    private final int[] marks = new int[RECORDS];
    private final int[] directions = new int[RECORDS];
    private final int[] numbers = new int[RECORDS * NUMBERS];

    RelayedDetails(ConnectionTable table, ConnectionLife life) {
        this.table = table;
        this.life = life;
        Arrays.fill(slots, ConnectionTable.NONE);
    }

    /** Takes over what an entry says of a connection. */
    void take(int slot, SyncEntry entry) {
        int shifted = entry.hasSequence ? entry.flags & DIRECTIONS : 0;
        if (shifted != 0 && table.has(slot, FLAG_FOLLOWED)) {
            life.listeners().gateway().takeShifts(slot, shifted, entry.sequence);
            shifted = 0;
        }
        if (shifted == 0 && entry.mark == 0) {
            return;
        }
        int record = slot & (RECORDS - 1);
        slots[record] = slot;
        clients[record] = table.client(slot);
        ports[record] = ports(slot);
        marks[record] = entry.mark;
        directions[record] = shifted;
        System.arraycopy(entry.sequence, 0, numbers, record * NUMBERS, NUMBERS);
    }

    /** Fills in what is known of a connection. */
    void describe(int slot, SyncEntry entry) {
        int shifted = 0;
        if (table.has(slot, FLAG_FOLLOWED)) {
            shifted = life.listeners().gateway().shifts(slot, entry.sequence);
        }
        int record = slot & (RECORDS - 1);
        if (table.has(slot, FLAG_SYNCED)
                && slots[record] == slot
                && clients[record] == table.client(slot)
                && ports[record] == ports(slot)) {
            entry.mark = entry.mark == 0 ? marks[record] : entry.mark;
            if (shifted == 0 && directions[record] != 0) {
                shifted = directions[record];
                System.arraycopy(numbers, record * NUMBERS, entry.sequence, 0, NUMBERS);
            }
        }
        entry.flags |= shifted;
        entry.hasSequence = shifted != 0;
    }

    private int ports(int slot) {
        return table.clientPort(slot) << 16 | table.virtualPort(slot);
    }
}
