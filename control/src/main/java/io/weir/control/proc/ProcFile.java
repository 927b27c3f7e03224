package io.weir.control.proc;

import io.weir.dataplane.service.Administration;
import io.weir.nat.ftp.FtpGateway;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** A file that the kernel's IPVS has in /proc/net, laid out as there. */
public enum ProcFile {
    /** Services and servers. */
    SERVICES("ip_vs") {
        @Override
        public void write(Administration balancer, Appendable out) throws IOException {
            new ServiceTable(out)
                    .write(balancer.services(), Integer.toString(balancer.connectionCapacity()));
        }
    },
    /** Connections and templates. */
    CONNECTIONS("ip_vs_conn") {
        @Override
        public void write(Administration balancer, Appendable out) throws IOException {
            new ConnectionTable(false, out).write(balancer);
        }
    },
    /** The same with where each comes from: begun here, or told by another balancer. */
    ORIGINS("ip_vs_conn_sync") {
        @Override
        public void write(Administration balancer, Appendable out) throws IOException {
            new ConnectionTable(true, out).write(balancer);
        }
    },
    /** The totals. */
    TOTALS("ip_vs_stats") {
        @Override
        public void write(Administration balancer, Appendable out) throws IOException {
            TotalsTable.write(balancer.totals(), out);
        }
    },
    /** The totals of each processor: one, as one thread forwards everything. */
    PROCESSOR_TOTALS("ip_vs_stats_percpu") {
        @Override
        public void write(Administration balancer, Appendable out) throws IOException {
            TotalsTable.writePerProcessor(balancer.totals(), out);
        }
    },
    /** The application helpers: FTP's, with the connections it follows. */
    APPLICATIONS("ip_vs_app") {
        @Override
        public void write(Administration balancer, Appendable out) throws IOException {
            out.append("prot port    usecnt name\n")
                    .append(
                            "%-3s  %-7d %-8d %s\n"
                                    .formatted(
                                            "TCP",
                                            FtpGateway.CONTROL_PORT,
                                            balancer.followedConnections(),
                                            "ftp"));
        }
    };

    private static final String DIRECTORY = "/proc/net/";

    private final String fileName;

    ProcFile(String fileName) {
        this.fileName = fileName;
    }

    /** Its name in /proc/net. */
    public String fileName() {
        return fileName;
    }

    /**
     * Writes the whole text, line by line.
     *
     * @throws IOException if {@code out} throws it
     */
    public abstract void write(Administration balancer, Appendable out) throws IOException;

    /**
     * The file of a name, with or without {@code /proc/net/} before it.
     *
     * @return null if IPVS has no such file
     */
    public static @Nullable ProcFile named(String name) {
        String wanted = name.startsWith(DIRECTORY) ? name.substring(DIRECTORY.length()) : name;
        for (ProcFile file : values()) {
            if (file.fileName.equals(wanted)) {
                return file;
            }
        }
        return null;
    }

    /** All names, separated by commas, for messages. */
    public static String names() {
        return Arrays.stream(values()).map(ProcFile::fileName).collect(Collectors.joining(", "));
    }
}
