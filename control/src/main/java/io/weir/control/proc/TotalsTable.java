package io.weir.control.proc;

import io.weir.dataplane.service.CounterSnapshot;

import java.io.IOException;

/** The texts of ip_vs_stats and ip_vs_stats_percpu. */
final class TotalsTable {
    private TotalsTable() {}

    static void write(CounterSnapshot totals, Appendable out) throws IOException {
        out.append("   Total Incoming Outgoing         Incoming         Outgoing\n");
        out.append("   Conns  Packets  Packets            Bytes            Bytes\n");
        out.append(counts(totals)).append("\n\n");
        out.append(" Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s\n");
        out.append(rates(totals)).append('\n');
    }

    static void writePerProcessor(CounterSnapshot totals, Appendable out) throws IOException {
        out.append("       Total Incoming Outgoing         Incoming         Outgoing\n");
        out.append("CPU    Conns  Packets  Packets            Bytes            Bytes\n");
        out.append("  0 ").append(counts(totals)).append('\n');
        out.append("  ~ ").append(counts(totals)).append("\n\n");
        out.append("     Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s\n");
        out.append("    ").append(rates(totals)).append('\n');
    }

    private static CharSequence counts(CounterSnapshot totals) {
        return line(
                totals.connections(),
                totals.inPackets(),
                totals.outPackets(),
                totals.inBytes(),
                totals.outBytes());
    }

    private static CharSequence rates(CounterSnapshot totals) {
        return line(
                totals.connectionRate(),
                totals.inPacketRate(),
                totals.outPacketRate(),
                totals.inByteRate(),
                totals.outByteRate());
    }

    private static CharSequence line(
            long connections, long inPackets, long outPackets, long inBytes, long outBytes) {
        StringBuilder line = new StringBuilder();
        Fields.hex(line, connections, 8).append(' ');
        Fields.hex(line, inPackets, 8).append(' ');
        Fields.hex(line, outPackets, 8).append(' ');
        Fields.hex(line, inBytes, 16).append(' ');
        return Fields.hex(line, outBytes, 16);
    }
}
