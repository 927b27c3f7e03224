package io.weir.control.ipvsadm;

import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.ConnectionListing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;

/** Prints connections one by one as the table yields them, so that no listing is ever in memory. */
final class ConnectionPrinter {
    private static final int ENDPOINT_WIDTH = 18;

    private final EndpointText endpoints;
    private final boolean engines;
    private final Appendable out;
    private final StringBuilder line = new StringBuilder();
    private final StringBuilder endpoint = new StringBuilder();

    ConnectionPrinter(Set<Option> options, Names names, Appendable out) {
        this.endpoints = EndpointText.of(names, options.contains(Option.NUMERIC));
        this.engines = options.contains(Option.PERSISTENT_CONN);
        this.out = out;
    }

    void print(Administration administration) throws IOException {
        out.append("IPVS connection entries\n");
        out.append("pro expire state       source             virtual            destination");
        out.append(engines ? "        pe name          pe_data\n" : "\n");
        try {
            administration.connections(this::append);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void append(ConnectionListing connection) {
        line.setLength(0);
        int protocol = connection.protocol();
        Columns.left(line, Protocols.name(protocol), 3).append(' ');
        expiry(connection.expiresSeconds());
        Columns.left(line, connection.state(), 11).append(' ');
        endpoints.append(fresh(), connection.client(), connection.clientPort(), protocol);
        Columns.left(line, endpoint, ENDPOINT_WIDTH).append(' ');
        endpoints.append(fresh(), connection.virtual(), connection.virtualPort(), protocol);
        Columns.left(line, endpoint, ENDPOINT_WIDTH).append(' ');
        endpoints.append(fresh(), connection.server(), connection.serverPort(), protocol);
        String engine = connection.persistenceEngine();
        if (engines && engine != null) {
            Columns.left(line, endpoint, 16).append(' ');
            Columns.left(line, engine, ENDPOINT_WIDTH).append(' ');
            String data = connection.persistenceData();
            line.append(data == null ? "" : data);
        } else {
            line.append(endpoint);
        }
        try {
            out.append(line.append('\n'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private StringBuilder fresh() {
        endpoint.setLength(0);
        return endpoint;
    }

    private void expiry(int seconds) {
        int start = line.length();
        twoDigits(seconds / 60);
        line.append(':');
        twoDigits(seconds % 60);
        Columns.left(line, "", 6 - (line.length() - start)).append(' ');
    }

    private void twoDigits(int number) {
        if (number < 10) {
            line.append('0');
        }
        line.append(number);
    }
}
