package io.weir.bench.live;

import io.weir.bench.rate.ArrivalCounter;
import io.weir.bench.rate.Flood;
import io.weir.bench.rate.FloodTraffic;
import io.weir.bench.rate.SocketFlood;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a worker has to do while its pauses are measured. */
enum PauseLoad {
    /** Established flows at a rate that leaves time; the source spins between its packets. */
    PACKETS("100,000 packets a second of 1024 UDP flows") {
        @Override
        Optional<String> lacks() {
            return Optional.empty();
        }

        @Override
        Traffic start(Measure.Turn turn, Duration length) throws IOException, InterruptedException {
            Site site = turn.site();
            PacketPath.routeBack(site);
            FloodTraffic flows = PacketPath.traffic(turn, FloodTraffic.UDP, FLOW_BITS);
            ArrivalCounter arrivals = PacketPath.arrivals(site);
            FloodThread flood =
                    FloodThread.start(site.client(), everyProcessor(), () -> source(flows));
            return new Traffic() {
                @Override
                public long passed() {
                    return arrivals.packets();
                }

                @Override
                public void close() throws IOException {
                    arrivals.close();
                    flood.close();
                }
            };
        }
    },

    /** Requests without end, so that no processor has time left. */
    REQUESTS("as many HTTP requests as get through, 32 at a time, connections kept alive") {
        @Override
        Optional<String> lacks() {
            return WebLoad.lacksTools();
        }

        @Override
        Traffic start(Measure.Turn turn, Duration length) throws IOException, InterruptedException {
            WebServer.start(turn.site());
            Program wrk = WebLoad.start(turn, WebLoad.Connection.KEPT, CLIENTS, length.toSeconds());
            return new Traffic() {
                @Override
                public long passed() throws IOException {
                    return turn.site().server().call(PauseLoad::segments);
                }

                @Override
                public void close() {
                    wrk.close();
                }
            };
        }
    };

    private static final int PACKETS_PER_SECOND = 100_000;
    private static final int FLOW_BITS = 10;
    private static final int BATCH = 16;
    private static final int CLIENTS = 32;

    private final String description;

    PauseLoad(String description) {
        this.description = description;
    }

    String description() {
        return description;
    }

    /** What this machine lacks for it, or empty. */
    abstract Optional<String> lacks();

    /**
     * Starts it.
     *
     * @param length how long it goes on at least, unless it is closed
     */
    abstract Traffic start(Measure.Turn turn, Duration length)
            throws IOException, InterruptedException;

    private static String everyProcessor() {
        return "0-" + (Runtime.getRuntime().availableProcessors() - 1);
    }

    /** TCP segments that the calling thread's network namespace has received. */
    private static long segments() throws IOException {
        List<String[]> lines =
                Files.readAllLines(Path.of("/proc/thread-self/net/snmp")).stream()
                        .filter(line -> line.startsWith("Tcp:"))
                        .map(line -> line.split(" ", -1))
                        .toList();
        int column = List.of(lines.getFirst()).indexOf("InSegs");
        return Long.parseLong(lines.get(1)[column]);
    }

    private static Flood source(FloodTraffic flows) throws IOException {
        SocketFlood flood = SocketFlood.open("client", flows, BATCH);
        flood.setRate(PACKETS_PER_SECOND);
        return flood;
    }

    /** Traffic that is under way. */
    interface Traffic extends AutoCloseable {
        /** Packets, of TCP segments, that have reached the servers so far. */
        long passed() throws IOException;

        @Override
        void close() throws IOException;
    }
}
