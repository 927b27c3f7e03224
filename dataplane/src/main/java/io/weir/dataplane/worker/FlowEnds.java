package io.weir.dataplane.worker;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.service.ForwardingMethod;

/**
 * The ends of one direction of an IPv4 connection, as its packets come and as they leave. Made
 * once, set for each; owned by the worker.
 */
final class FlowEnds {
    int source;
    int destination;

    /** The source port in the upper half, the destination port in the lower. */
    int ports;

    int newSource;
    int newDestination;
    int newPorts;

    /** Where the packets go. */
    int hopAddress;

    /** Becomes the direction to the server, or with {@code reply} the one to the client. */
    void set(ConnectionTable table, int slot, boolean reply) {
        int client = table.client(slot);
        int clientPort = table.clientPort(slot);
        int virtual = table.virtual(slot);
        int virtualPort = table.virtualPort(slot);
        int server = table.server(slot);
        int serverPort = table.serverPort(slot);
        if (reply) {
            source = server;
            destination = client;
            ports = serverPort << Short.SIZE | clientPort;
            newSource = virtual;
            newDestination = client;
            newPorts = virtualPort << Short.SIZE | clientPort;
            hopAddress = client;
            return;
        }
        boolean translated = table.method(slot) == ForwardingMethod.MASQUERADE.code();
        source = client;
        destination = virtual;
        ports = clientPort << Short.SIZE | virtualPort;
        newSource = client;
        newDestination = translated ? server : virtual;
        newPorts = translated ? clientPort << Short.SIZE | serverPort : ports;
        hopAddress = server;
    }

    boolean translated() {
        return source != newSource || destination != newDestination || ports != newPorts;
    }
}
