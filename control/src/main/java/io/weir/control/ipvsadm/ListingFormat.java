package io.weir.control.ipvsadm;

import io.weir.dataplane.service.CounterSnapshot;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.TunnelSettings;

import java.util.Set;

/** The columns of a listing of services and servers. */
enum ListingFormat {
    PLAIN(
            "Prot LocalAddress:Port Scheduler Flags",
            "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn") {
        @Override
        void server(StringBuilder line, ServerListing server, boolean exact) {
            Columns.left(line.append(' '), server.settings().method().label(), 7).append(' ');
            weight(line, server);
            connections(line, server);
        }
    },
    TUNNEL(
            "Prot LocalAddress:Port Scheduler Flags",
            "  -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn"
                    + " InActConn") {
        @Override
        void server(StringBuilder line, ServerListing server, boolean exact) {
            Columns.left(line.append(' '), server.settings().method().label(), 7).append(' ');
            Columns.left(line, tunnelInfo(server), 13).append(' ');
            weight(line, server);
            connections(line, server);
        }
    },
    THRESHOLDS(
            "Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn ",
            "  -> RemoteAddress:Port") {
        @Override
        void server(StringBuilder line, ServerListing server, boolean exact) {
            Columns.left(line.append(' '), server.settings().upperThreshold(), 10);
            Columns.left(line.append(' '), server.settings().lowerThreshold(), 10);
            connections(line.append(' '), server);
        }
    },
    PERSISTENT(
            "Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn ",
            "  -> RemoteAddress:Port") {
        @Override
        void server(StringBuilder line, ServerListing server, boolean exact) {
            Columns.left(line.append(' '), server.settings().weight(), 9);
            Columns.left(line.append(' '), server.persistent(), 11);
            connections(line.append(' '), server);
        }
    },
    STATS(
            "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes",
            "  -> RemoteAddress:Port") {
        @Override
        void server(StringBuilder line, ServerListing server, boolean exact) {
            counters(line, server.counters(), exact);
        }

        @Override
        void counters(StringBuilder line, CounterSnapshot counters, boolean exact) {
            Columns.counter(line, counters.connections(), exact);
            Columns.counter(line, counters.inPackets(), exact);
            Columns.counter(line, counters.outPackets(), exact);
            Columns.counter(line, counters.inBytes(), exact);
            Columns.counter(line, counters.outBytes(), exact);
        }
    },
    RATE(
            "Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS",
            "  -> RemoteAddress:Port") {
        @Override
        void server(StringBuilder line, ServerListing server, boolean exact) {
            counters(line, server.counters(), exact);
        }

        @Override
        void counters(StringBuilder line, CounterSnapshot counters, boolean exact) {
            Columns.counter(line, counters.connectionRate(), exact);
            Columns.counter(line, counters.inPacketRate(), exact);
            Columns.counter(line, counters.outPacketRate(), exact);
            Columns.counter(line, counters.inByteRate(), exact);
            Columns.counter(line, counters.outByteRate(), exact);
        }
    };

    private final String serviceHeader;
    private final String serverHeader;

    ListingFormat(String serviceHeader, String serverHeader) {
        this.serviceHeader = serviceHeader;
        this.serverHeader = serverHeader;
    }

    /** The format that options ask for; of several the one that ipvsadm prefers. */
    static ListingFormat of(Set<Option> options) {
        if (options.contains(Option.STATS)) {
            return STATS;
        }
        if (options.contains(Option.RATE)) {
            return RATE;
        }
        if (options.contains(Option.THRESHOLDS)) {
            return THRESHOLDS;
        }
        if (options.contains(Option.PERSISTENT_CONN)) {
            return PERSISTENT;
        }
        return options.contains(Option.TUN_INFO) ? TUNNEL : PLAIN;
    }

    /** Both header lines. */
    String header() {
        return serviceHeader + '\n' + serverHeader + '\n';
    }

    /** Tells whether the line of a service has counters instead of its settings. */
    boolean hasCounters() {
        return this == STATS || this == RATE;
    }

    /** Appends what stands behind the address of a server. */
    abstract void server(StringBuilder line, ServerListing server, boolean exact);

    /** Appends what stands behind the address of a service if the format {@link #hasCounters}. */
    void counters(StringBuilder line, CounterSnapshot counters, boolean exact) {
        throw new IllegalStateException(this + " has no counters");
    }

    private static void weight(StringBuilder line, ServerListing server) {
        Columns.left(line, server.settings().weight(), 6).append(' ');
    }

    private static void connections(StringBuilder line, ServerListing server) {
        Columns.left(line, server.active(), 10).append(' ');
        Columns.left(line, server.inactive(), 10);
    }

    private static String tunnelInfo(ServerListing server) {
        if (server.settings().method() != ForwardingMethod.TUNNEL) {
            return "n/a";
        }
        TunnelSettings tunnel = server.settings().tunnel();
        String checksum =
                switch (tunnel.checksum()) {
                    case NONE -> "-c";
                    case FULL -> "+c";
                    case REMOTE -> "r+c";
                };
        return switch (tunnel.type()) {
            case IPIP -> "ipip";
            case GUE -> "gue:" + tunnel.port() + ':' + checksum;
            case GRE -> "gre:" + checksum;
        };
    }
}
