package io.weir.control.proc;

import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.ConnectionListing;

import java.io.IOException;
import java.io.UncheckedIOException;

/** The texts of ip_vs_conn and ip_vs_conn_sync. */
final class ConnectionTable {
    private static final String HEADER =
            "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       ";

    private final boolean origins;
    private final Appendable out;
    private final StringBuilder line = new StringBuilder();

    /**
     * A text to write.
     *
     * @param origins with where a connection comes from instead of what its persistence engine says
     */
    ConnectionTable(boolean origins, Appendable out) {
        this.origins = origins;
        this.out = out;
    }

    void write(Administration balancer) throws IOException {
        out.append(HEADER).append(origins ? "Origin Expires\n" : "Expires PEName PEData\n");
        try {
            balancer.connections(this::append);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void append(ConnectionListing connection) {
        line.setLength(0);
        Fields.left(line, Fields.protocol(connection.protocol()), 3).append(' ');
        Fields.address(line, connection.client()).append(' ');
        Fields.port(line, connection.clientPort()).append(' ');
        Fields.address(line, connection.virtual()).append(' ');
        Fields.port(line, connection.virtualPort()).append(' ');
        Fields.address(line, connection.server()).append(' ');
        Fields.port(line, connection.serverPort()).append(' ');
        Fields.left(line, connection.state(), 11).append(' ');
        if (origins) {
            line.append(connection.synced() ? "SYNC   " : "LOCAL  ");
        }
        Fields.right(line, connection.expiresSeconds(), 7);
        String engine = connection.persistenceEngine();
        if (!origins && engine != null) {
            line.append(' ').append(engine).append(' ');
            String data = connection.persistenceData();
            line.append(data == null ? "" : data);
        }
        try {
            out.append(line.append('\n'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
