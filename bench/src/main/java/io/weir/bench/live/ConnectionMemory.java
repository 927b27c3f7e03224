package io.weir.bench.live;

import io.weir.control.lab.LabException;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What memory grows by when connections are opened, each with one request, and then kept idle. */
final class ConnectionMemory implements Measure {
    private static final Metric PROCESS = new Metric("process memory", "B/connection", true);
    private static final Metric KERNEL = new Metric("kernel memory", "B/connection", true);
    private static final Metric FIXED = new Metric("process memory before", "MiB", true);

    private static final int MOST = 6000;
    private static final long SETTLE_MILLIS = 500;
    private static final byte[] REQUEST =
            "GET / HTTP/1.1\r\nHost: bench\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public String description() {
        return "memory for "
                + count()
                + " connections that had one request each and are idle; the kernel's is that of all"
                + " three hosts, so that of no balancer is to be taken off";
    }

    private static int count() {
        return Math.min(MOST, OpenFiles.proxiedConnections());
    }

    @Override
    public Layout layout() {
        return Layout.DEFAULT;
    }

    @Override
    public List<Metric> metrics() {
        return List.of(PROCESS, KERNEL, FIXED);
    }

    @Override
    public List<Metric> charted() {
        return List.of(PROCESS, KERNEL);
    }

    @Override
    public Optional<String> lacks() {
        return Tool.lacks("nginx", "nginx-light");
    }

    @Override
    public Map<Metric, Double> run(Turn turn) throws IOException, InterruptedException {
        WebServer.start(turn.site());
        List<SocketChannel> connections = new ArrayList<>();
        try {
            // A few first: what is made once for all of them is not theirs.
            open(turn, connections, 50);
            Thread.sleep(SETTLE_MILLIS);
            long process = process(turn);
            long kernel = kernel();
            int more = count() - connections.size();
            open(turn, connections, more);
            Thread.sleep(SETTLE_MILLIS);
            return Map.of(
                    PROCESS, (process(turn) - process) / (double) more,
                    KERNEL, (kernel() - kernel) / (double) more,
                    FIXED, process / (double) (1 << 20));
        } finally {
            for (SocketChannel connection : connections) {
                connection.close();
            }
        }
    }

    private static void open(Turn turn, List<SocketChannel> connections, int count)
            throws IOException {
        InetSocketAddress address = new InetSocketAddress(turn.contender().address(), Site.HTTP);
        turn.site()
                .client()
                .call(
                        () -> {
                            for (int i = 0; i < count; i++) {
                                SocketChannel connection = SocketChannel.open(address);
                                connections.add(connection);
                                ask(connection);
                            }
                            return count;
                        });
    }

    private static void ask(SocketChannel connection) throws IOException {
        connection.write(ByteBuffer.wrap(REQUEST));
        if (connection.read(ByteBuffer.allocate(4096)) <= 0) {
            throw new LabException("a connection was closed without an answer");
        }
    }

    /** Of the contender's processes: pages shared with others count in part. */
    static long process(Turn turn) throws IOException {
        long bytes = 0;
        for (long pid : turn.contender().processes()) {
            for (long each : ProcessorTime.withChildren(pid)) {
                bytes += kibibytes(Path.of("/proc", String.valueOf(each), "smaps_rollup"), "Pss:");
            }
        }
        return bytes << 10;
    }

    /** Of the kernel: sockets, connection tracking and all else that is made of slabs. */
    private static long kernel() throws IOException {
        return kibibytes(Path.of("/proc/meminfo"), "Slab:") << 10;
    }

    private static long kibibytes(Path file, String name) throws IOException {
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException(file + " has no " + name);
    }
}
