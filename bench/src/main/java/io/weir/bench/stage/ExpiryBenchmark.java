package io.weir.bench.stage;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.flow.ExpiryWheel;
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
 * Time for what timers cost a connection: renewal by a packet, and a whole life in the table from
 * insertion to expiry.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ExpiryBenchmark {
    static final int BURST = 64;

    private static final int TCP = 6;
    private static final int SECONDS = 60;
    private static final IpAddress SERVER = IpAddress.v4(0x0a02_000b);

    /** A table whose entries all have a timer. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // set by JMH and setUp
    public static class Timed {
        private static final int ORDER = 1 << 20;

        /** Entries of the table. */
        @Param({"1000", "1000000"})
        public int entries;

        private ConnectionTable table;
        private ExpiryWheel wheel;
        private final int[] order = new int[ORDER];
        private int next;
        private int now;

        /** Fills table and wheel. */
        @Setup
        public void setUp() {
            table = new ConnectionTable(entries, 42);
            wheel = new ExpiryWheel(table);
            int[] slots = new int[entries];
            Endpoints ends = new Endpoints();
            for (int i = 0; i < entries; i++) {
                slots[i] = insert(table, ends, i);
                wheel.schedule(slots[i], SECONDS, 0);
            }
            SplittableRandom random = new SplittableRandom(17);
            for (int i = 0; i < ORDER; i++) {
                order[i] = slots[random.nextInt(entries)];
            }
        }

        /** Frees the table. */
        @TearDown
        public void tearDown() {
            wheel.close();
            table.close();
        }

        int slot(int index) {
            return order[index];
        }

        ExpiryWheel wheel() {
            return wheel;
        }

        int now() {
            return now;
        }
    }

    /** A table into which 64 entries come in each tick, and out of which as many expire. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // set by JMH and setUp
    public static class Passing implements ExpiryWheel.ExpiryListener {
        /** Ticks until the table holds as many as it will. */
        static final int FULL_TICKS = 8_000;

        private ConnectionTable table;
        private ExpiryWheel wheel;
        private final Endpoints ends = new Endpoints();
        private int tick;
        private int inserted;
        private long expired;

        /** Fills table and wheel. */
        @Setup
        public void setUp() {
            table = new ConnectionTable(1 << 20, 42);
            wheel = new ExpiryWheel(table);
            for (int i = 0; i < FULL_TICKS; i++) {
                step();
            }
        }

        /** Frees the table. */
        @TearDown
        public void tearDown() {
            wheel.close();
            table.close();
        }

        int step() {
            for (int i = 0; i < BURST; i++) {
                int slot = insert(table, ends, inserted++ & 0x3fff_ffff);
                wheel.schedule(slot, SECONDS, tick);
            }
            return wheel.advance(++tick, Integer.MAX_VALUE, this);
        }

        @Override
        public void expired(int slot) {
            table.remove(slot);
            expired++;
        }

        long expired() {
            return expired;
        }

        int size() {
            return table.size();
        }
    }

    private static int insert(ConnectionTable table, Endpoints ends, int entry) {
        ends.setV4(TCP, StageFrames.CLIENT + (entry >>> 3), StageFrames.VIRTUAL)
                .setPorts(1024 + (entry & 7), StageFrames.VIRTUAL_PORT);
        int slot = table.insert(ends, SERVER, 80, 0, 0);
        if (slot == ConnectionTable.NONE) {
            throw new IllegalStateException("entry " + entry + " found no place");
        }
        return slot;
    }

    /** Renews entries in random order, as each packet does. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public int renew(Timed timed) {
        timed.now++;
        for (int i = 0; i < BURST; i++) {
            timed.wheel.renew(timed.order[timed.next + i], SECONDS, timed.now);
        }
        timed.next = timed.next + BURST & Timed.ORDER - 1;
        return timed.now;
    }

    /** The life of an entry: insertion, timer, its moves in the wheel, expiry, removal. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public int life(Passing passing) {
        return passing.step();
    }
}
