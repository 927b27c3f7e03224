package io.weir.dataplane.worker;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.spi.Forwarder;
import io.weir.dataplane.spi.ForwarderContext;
import io.weir.dataplane.spi.ForwarderFactory;
import io.weir.dataplane.spi.PacketSelection;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * The forwarder of each method, and the packets of a burst that wait for it. Owned by the worker.
 */
final class ForwardingMethods {
    private static final int METHODS = ForwardingMethod.values().length;

    private final @Nullable Forwarder[] forwarders = new Forwarder[METHODS];
    private final PacketSelection[] selections = new PacketSelection[METHODS];

    ForwardingMethods(List<ForwarderFactory> factories, ForwarderContext context) {
        for (ForwarderFactory factory : factories) {
            Forwarder forwarder = factory.create(context);
            forwarders[forwarder.method().code()] = forwarder;
        }
        for (int method = 0; method < METHODS; method++) {
            selections[method] = new PacketSelection();
        }
    }

    /** The forwarder of a method's code, or null if there is none. */
    @Nullable Forwarder get(int method) {
        return forwarders[method];
    }

    /** Lets a packet wait for the forwarder of its method. */
    void select(int method, Packet packet) {
        selections[method].add(packet);
    }

    /** Lets each forwarder rewrite its packets. */
    void forward(ConnectionTable table) {
        for (int method = 0; method < METHODS; method++) {
            PacketSelection selection = selections[method];
            Forwarder forwarder = forwarders[method];
            if (selection.size() > 0 && forwarder != null) {
                forwarder.forward(selection, table);
                selection.clear();
            }
        }
    }

    /** Forgets what waits. */
    void clear() {
        for (PacketSelection selection : selections) {
            selection.clear();
        }
    }
}
