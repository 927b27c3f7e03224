package io.weir.dataplane.director;

import io.weir.dataplane.flow.ConnectionReader;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.ExpiryWheel;
import io.weir.dataplane.flow.PersistenceData;
import io.weir.dataplane.flow.SctpState;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.spi.PersistenceEngine;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Puts connections into the operator's words. Any thread. */
final class ConnectionLister {
    /** What the kernel shows in place of both ports of a template that was set aside. */
    private static final int RETIRED_PORT = 65535;

    private ConnectionLister() {}

    static void list(
            ConnectionTable table,
            PersistenceData persistenceData,
            int nowTick,
            Consumer<ConnectionListing> consumer) {
        ConnectionReader reader = new ConnectionReader(table, persistenceData);
        while (reader.next()) {
            int templates = ConnectionTable.FLAG_TEMPLATE | ConnectionTable.FLAG_PORT_TEMPLATE;
            boolean template = (reader.flags() & templates) != 0;
            boolean retired =
                    (reader.flags() & ConnectionTable.FLAG_TEMPLATE) != 0
                            && (reader.flags() & ConnectionTable.FLAG_RETIRED) != 0;
            if ((reader.flags() & ConnectionTable.FLAG_ONE_PACKET) != 0) {
                continue;
            }
            PersistenceEngine engine = reader.engine();
            consumer.accept(
                    new ConnectionListing(
                            reader.protocol(),
                            reader.clientAddress(),
                            reader.clientPort(),
                            reader.virtualAddress(),
                            retired ? RETIRED_PORT : reader.virtualPort(),
                            reader.serverAddress(),
                            retired ? RETIRED_PORT : reader.serverPort(),
                            state(reader, template),
                            secondsLeft(reader.expires(), nowTick),
                            (reader.flags() & ConnectionTable.FLAG_SYNCED) != 0,
                            engine == null ? null : engine.name(),
                            engine == null
                                    ? null
                                    : new String(reader.data(), StandardCharsets.ISO_8859_1)));
        }
    }

    private static int secondsLeft(int expires, int nowTick) {
        return Math.max(0, expires - nowTick) / (1000 / ExpiryWheel.TICK_MILLIS);
    }

    private static String state(ConnectionReader reader, boolean template) {
        if (template) {
            return switch (reader.state()) {
                case 0 -> "NONE";
                case ConnectionLife.TEMPLATE_ASSURED -> "ASSURED";
                // Another balancer may tell of any (recorded: inject-state).
                default -> "ERR!";
            };
        }
        return switch (reader.protocol()) {
            case ServiceId.TCP -> TcpState.name(reader.state());
            case ServiceId.UDP -> "UDP";
            case ServiceId.SCTP -> SctpState.name(reader.state());
            default -> "NONE";
        };
    }
}
