package io.weir.bench.stage;

import io.weir.dataplane.flow.ConnectionLine;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.net.IpAddress;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Time for one look into a full connection table, entries in random order: in a burst, one after
 * the other, or with all lines of the burst touched first.
 *
 * <p>Of the time, {@link #endpointsAlone} makes the endpoints.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class ConnectionTableBenchmark {
    static final int BURST = 64;

    private static final int TCP = 6;
    private static final int SERVER = 0x0a02_000b;
    private static final int SERVER_PORT = 8080;
    private static final int PORTS = 50_000;
    private static final int ORDER = 1 << 21;

    /** Entries of the table, all that it takes but a burst. */
    @Param({"1000", "64000", "1000000", "10000000"})
    public int entries;

    private ConnectionTable table = new ConnectionTable(1, 1);
    private final IpAddress server = IpAddress.v4(SERVER);
    private final Endpoints[] burst = new Endpoints[BURST];
    private final int[] slots = new int[BURST];
    private int[] order = {};
    private int next;

    /** Fills the table. */
    @Setup
    public void setUp() {
        table.close();
        table = new ConnectionTable(entries + BURST, 42);
        Endpoints ends = new Endpoints();
        for (int i = 0; i < entries; i++) {
            if (insert(request(ends, i)) == ConnectionTable.NONE) {
                throw new IllegalStateException("entry " + i + " found no place");
            }
        }
        for (int i = 0; i < BURST; i++) {
            burst[i] = new Endpoints();
        }
        SplittableRandom random = new SplittableRandom(11);
        order = new int[ORDER];
        for (int i = 0; i < ORDER; i++) {
            order[i] = random.nextInt(entries);
        }
    }

    /** Frees the table. */
    @TearDown
    public void tearDown() {
        table.close();
    }

    private int insert(Endpoints ends) {
        return table.insert(ends, server, SERVER_PORT, 0, 0);
    }

    // Client 11.0.0.0 and up, 8 ports each.
    private static Endpoints request(Endpoints ends, int entry) {
        int port = 1024 + (entry >>> 3) % PORTS + (entry & 7);
        return ends.setV4(TCP, StageFrames.CLIENT + (entry >>> 3), StageFrames.VIRTUAL)
                .setPorts(port, StageFrames.VIRTUAL_PORT);
    }

    private static void reply(Endpoints ends, int entry) {
        int port = 1024 + (entry >>> 3) % PORTS + (entry & 7);
        ends.setV4(TCP, SERVER, StageFrames.CLIENT + (entry >>> 3)).setPorts(SERVER_PORT, port);
    }

    private int entry() {
        next = next + 1 & ORDER - 1;
        return order[next];
    }

    private void requests(int offset) {
        for (int i = 0; i < BURST; i++) {
            request(burst[i], entry() + offset);
        }
    }

    private void replies() {
        for (int i = 0; i < BURST; i++) {
            reply(burst[i], entry());
        }
    }

    private int touch() {
        int touched = 0;
        for (int i = 0; i < BURST; i++) {
            touched += ConnectionLine.flags(table.searchedLine(table.hash(burst[i]), 0));
        }
        return touched;
    }

    private int find() {
        int found = 0;
        for (int i = 0; i < BURST; i++) {
            found += table.findForward(burst[i]) == ConnectionTable.NONE ? 0 : 1;
        }
        return found;
    }

    /** Makes the endpoints of a burst and looks for none. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public Endpoints[] endpointsAlone() {
        requests(0);
        return burst;
    }

    /** Finds a client's connections; returns how many. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public int hit() {
        requests(0);
        return find();
    }

    /** The same after all lines were touched. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public long hitTouched() {
        requests(0);
        long touched = touch();
        return touched << 32 | find();
    }

    /** Finds the connections of servers' replies after all lines were touched. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public long hitReplyTouched() {
        replies();
        long touched = touch();
        int found = 0;
        for (int i = 0; i < BURST; i++) {
            found += table.findReply(burst[i]) == ConnectionTable.NONE ? 0 : 1;
        }
        return touched << 32 | found;
    }

    /** Finds that there is no such connection; returns how many there were. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public int miss() {
        requests(entries);
        return find();
    }

    /** The same after all lines were touched. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public long missTouched() {
        requests(entries);
        long touched = touch();
        return touched << 32 | find();
    }

    /** Inserts new entries and removes them again; returns how many found a place. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public int insertAndRemove() {
        requests(entries);
        int inserted = 0;
        for (int i = 0; i < BURST; i++) {
            slots[i] = insert(burst[i]);
        }
        for (int i = 0; i < BURST; i++) {
            if (slots[i] != ConnectionTable.NONE) {
                table.remove(slots[i]);
                inserted++;
            }
        }
        return inserted;
    }

    ConnectionTable table() {
        return table;
    }
}
