package io.weir.control.replay;

import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.ipvsadm.Names;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.ServiceId;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One of two balancers that synchronise their connections.
 *
 * @param name which one
 * @param end its end of the link between them
 */
record SyncSide(String name, VirtualHost host, SyncEnd end, Ipvsadm ipvsadm, Listings listings)
        implements AutoCloseable {
    private static final int HEADER_LINES = 3;
    private static final Pattern PORT = Pattern.compile(":(\\d+) ");

    private static final String SERVICES_HEADER =
            """
            Prot LocalAddress:Port Scheduler Flags
              -> RemoteAddress:Port Forward Weight ActiveConn InActConn
            """;

    private static final String HEADER =
            "pro expire state       source             virtual            destination       "
                    + " origin\n";

    SyncSide(String name, VirtualHost host, SyncEnd end) {
        this(name, host, end, new Ipvsadm(host.balancer().administration(), Names.NONE));
    }

    private SyncSide(String name, VirtualHost host, SyncEnd end, Ipvsadm ipvsadm) {
        this(name, host, end, ipvsadm, new Listings(ipvsadm));
    }

    /**
     * The services as a "list" event has them: sorted, those of marks last, and the servers of each
     * as well.
     */
    String services() {
        List<String> lines = listings.services().lines().toList();
        int header = Math.min(HEADER_LINES, lines.size());
        List<List<String>> blocks = new ArrayList<>();
        for (String line : lines.subList(header, lines.size())) {
            if (!line.startsWith("  ->")) {
                blocks.add(new ArrayList<>());
            }
            blocks.getLast().add(line);
        }
        blocks.forEach(block -> block.subList(1, block.size()).sort(null));
        blocks.sort(
                Comparator.comparing((List<String> block) -> block.getFirst().startsWith("FWM"))
                        .thenComparing(block -> portPadded(block.getFirst())));
        StringBuilder text = new StringBuilder(lines.getFirst()).append("\n" + SERVICES_HEADER);
        for (List<String> block : blocks) {
            block.forEach(line -> text.append(line.stripTrailing()).append('\n'));
        }
        return text.toString();
    }

    private static String portPadded(String line) {
        return PORT.matcher(line)
                .replaceAll(port -> ":%05d ".formatted(Integer.valueOf(port.group(1))));
    }

    /** The connections as a "conns" event has them: those of ipvsadm -Lnc with their origin. */
    String connections() {
        List<String> rows = new ArrayList<>();
        host.balancer()
                .administration()
                .connections(
                        connection ->
                                rows.add(
                                        "%-3s %02d:%02d  %-11s %-18s %-18s %-18s %s%s"
                                                .formatted(
                                                        protocol(connection.protocol()),
                                                        connection.expiresSeconds() / 60,
                                                        connection.expiresSeconds() % 60,
                                                        connection.state(),
                                                        client(connection),
                                                        virtual(connection),
                                                        server(connection),
                                                        origin(connection),
                                                        engine(connection))));
        rows.sort(null);
        return HEADER + String.join("", rows.stream().map(row -> row + "\n").toList());
    }

    /** The same as an "inject" event compares them: without the time that is left. */
    List<String> timelessConnections() {
        List<String> rows = new ArrayList<>();
        host.balancer()
                .administration()
                .connections(
                        connection ->
                                rows.add(
                                        String.join(
                                                        " ",
                                                        protocol(connection.protocol()),
                                                        connection.state(),
                                                        client(connection),
                                                        virtual(connection),
                                                        server(connection),
                                                        origin(connection))
                                                + engine(connection)));
        rows.sort(null);
        return rows;
    }

    private static String protocol(int number) {
        return switch (number) {
            case ServiceId.TCP -> "TCP";
            case ServiceId.UDP -> "UDP";
            case ServiceId.SCTP -> "SCTP";
            default -> "IP";
        };
    }

    private static String client(ConnectionListing connection) {
        return endpoint(connection.client(), connection.clientPort());
    }

    private static String virtual(ConnectionListing connection) {
        return endpoint(connection.virtual(), connection.virtualPort());
    }

    private static String server(ConnectionListing connection) {
        return endpoint(connection.server(), connection.serverPort());
    }

    private static String endpoint(IpAddress address, int port) {
        return (address.ipv6() ? "[" + address + "]" : address.toString()) + ":" + port;
    }

    private static String origin(ConnectionListing connection) {
        return connection.synced() ? "SYNC" : "LOCAL";
    }

    private static String engine(ConnectionListing connection) {
        String engine = connection.persistenceEngine();
        return engine == null ? "" : " " + engine + " " + connection.persistenceData();
    }

    @Override
    public void close() {
        host.close();
    }
}
