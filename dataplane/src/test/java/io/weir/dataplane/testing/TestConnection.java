package io.weir.dataplane.testing;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.offload.FlowEnds;
import io.weir.dataplane.service.ForwardingMethod;

import java.util.Objects;

/** A connection by NAT between addresses of one family, for tests that want its ends. */
public record TestConnection(
        int protocol,
        String client,
        int clientPort,
        String virtual,
        int virtualPort,
        String server,
        int serverPort) {
    /** The direction to the server. */
    public FlowEnds toServer() {
        return ends(false);
    }

    /** The direction to the client. */
    public FlowEnds toClient() {
        return ends(true);
    }

    private FlowEnds ends(boolean reply) {
        IpAddress from = address(client);
        IpAddress to = address(virtual);
        Endpoints ends = new Endpoints();
        if (from.ipv6()) {
            ends.setV6(protocol, from.high(), from.low(), to.high(), to.low());
        } else {
            ends.setV4(protocol, from.v4(), to.v4());
        }
        ends.setPorts(clientPort, virtualPort);
        int method = ForwardingMethod.MASQUERADE.code();
        try (ConnectionTable table = new ConnectionTable(1, 1)) {
            int slot =
                    table.insert(ends, address(server), serverPort, method, ConnectionTable.NONE);
            FlowEnds made = new FlowEnds();
            made.set(table, slot, reply);
            return made;
        }
    }

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }
}
