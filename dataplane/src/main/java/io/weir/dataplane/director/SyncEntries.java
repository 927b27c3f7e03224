package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_EXPECTED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_FOLLOWED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_INACTIVE;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_NO_CLIENT_PORT;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_NO_OUTPUT;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_PORT_TEMPLATE;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_SYNCED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_TEMPLATE;
import static io.weir.dataplane.flow.ConnectionTable.METHOD_MASK;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.ExpiryWheel;
import io.weir.dataplane.flow.PersistenceData;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.PersistenceEngine;
import io.weir.dataplane.sync.SyncEntry;

/** Describes connections and templates as messages tell of them. Owned by the worker. */
final class SyncEntries {
    /** The flags that have the same place in the table and in messages. */
    private static final int SHARED_FLAGS =
            METHOD_MASK
                    | FLAG_SYNCED
                    | FLAG_NO_OUTPUT
                    | FLAG_INACTIVE
                    | FLAG_NO_CLIENT_PORT
                    | FLAG_TEMPLATE;

    private static final long LOW_WORD = 0xffffffffL;

    private final ConnectionTable table;
    private final PersistenceData persistenceData;
    private final ServerRegistry servers;
    private final ExpiryWheel wheel;
    private final RelayedDetails details;

    SyncEntries(
            ConnectionTable table,
            PersistenceData persistenceData,
            ServerRegistry servers,
            ExpiryWheel wheel,
            RelayedDetails details) {
        this.table = table;
        this.persistenceData = persistenceData;
        this.servers = servers;
        this.wheel = wheel;
        this.details = details;
    }

    /** Fills in an entry. */
    void describe(int slot, SyncEntry entry) {
        entry.clear();
        entry.protocol = table.protocol(slot);
        entry.flags = flags(slot);
        entry.state = table.state(slot);
        entry.clientPort = table.clientPort(slot);
        entry.virtualPort = table.virtualPort(slot);
        entry.serverPort = table.serverPort(slot);
        entry.mark = mark(slot);
        entry.timeoutSeconds = wheel.timeoutSeconds(slot);
        entry.ipv6 = table.ipv6(slot);
        if (entry.ipv6) {
            entry.clientHigh = table.clientHigh(slot);
            entry.clientLow = table.clientLow(slot);
            entry.virtualHigh = table.virtualHigh(slot);
            entry.virtualLow = table.virtualLow(slot);
            entry.serverHigh = table.serverHigh(slot);
            entry.serverLow = table.serverLow(slot);
        } else {
            entry.clientLow = table.client(slot) & LOW_WORD;
            entry.virtualLow = table.virtual(slot) & LOW_WORD;
            entry.serverLow = table.server(slot) & LOW_WORD;
        }
        int data = table.data(slot);
        if (data != PersistenceData.NONE) {
            describeEngine(data, entry);
        }
        if (!entry.template()) {
            details.describe(slot, entry);
        }
    }

    private int flags(int slot) {
        int all = table.flags(slot);
        int flags = all & SHARED_FLAGS;
        if ((all & (FLAG_TEMPLATE | FLAG_PORT_TEMPLATE)) != 0) {
            flags |= FLAG_TEMPLATE;
            // Nobody counts templates here, but the kernel calls them so (recorded: persist-tmpl).
            flags |= FLAG_INACTIVE;
            if ((all & METHOD_MASK) != ForwardingMethod.MASQUERADE.code()) {
                flags |= FLAG_NO_OUTPUT;
            }
        } else if ((all & (FLAG_FOLLOWED | FLAG_EXPECTED)) != 0) {
            flags |= SyncEntry.FLAG_CONNTRACK;
        }
        return flags;
    }

    private int mark(int slot) {
        RealServer server = servers.get(table.serverNumber(slot));
        VirtualService service = server == null ? null : server.owner();
        return service != null && service.id().isMark() ? service.id().mark() : 0;
    }

    private void describeEngine(int data, SyncEntry entry) {
        PersistenceEngine engine = persistenceData.engine(data);
        if (engine == null) {
            return;
        }
        String name = engine.name();
        entry.engineNameLength = Math.min(name.length(), SyncEntry.MAX_ENGINE_NAME);
        for (int i = 0; i < entry.engineNameLength; i++) {
            entry.engineName[i] = (byte) name.charAt(i);
        }
        entry.engineDataLength = persistenceData.copy(data, entry.engineData);
    }
}
