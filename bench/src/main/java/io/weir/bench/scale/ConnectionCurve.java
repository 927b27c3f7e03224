package io.weir.bench.scale;

import io.weir.dataplane.flow.ConnectionLine;
import io.weir.dataplane.flow.ConnectionReader;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.flow.ExpiryWheel;
import io.weir.dataplane.flow.PersistenceData;
import io.weir.dataplane.net.IpAddress;

import java.util.SplittableRandom;

/** What a connection costs in a table that holds so many. */
final class ConnectionCurve {
    private static final int LOOKUPS = 2_000_000;
    private static final int BURST = 64;
    private static final int TIMEOUT_SECONDS = 60;

    /** Expiries of one cycle of a worker that is late. */
    private static final int BUDGET = 256;

    private static final IpAddress SERVER = IpAddress.v4(0x0a020001);

    private final int connections;
    private final ConnectionTable table;
    private final ExpiryWheel wheel;
    private final Endpoints ends = new Endpoints();
    private final double setUpMillis;
    private int expired;

    /** Being a field keeps the loads in the program. */
    private int touched;

    /** What touching loaded; nobody needs it. */
    int touched() {
        return touched;
    }

    private ConnectionCurve(int connections) {
        this.connections = connections;
        long start = System.nanoTime();
        table = new ConnectionTable(connections, 1);
        setUpMillis = (System.nanoTime() - start) / 1e6;
        wheel = new ExpiryWheel(table);
    }

    /** Measures all of it and describes it in one line of Markdown. */
    static String measure(int connections) {
        ConnectionCurve curve = new ConnectionCurve(connections);
        try (curve.table;
                curve.wheel) {
            return curve.line();
        }
    }

    private String line() {
        double insert = perConnection(this::fill);
        double lookup = lookUp();
        double list = perConnection(this::list);
        long start = System.nanoTime();
        long longest = expire();
        double expiry = (double) (System.nanoTime() - start) / connections;
        if (expired != connections) {
            throw new AssertionError(expired + " of " + connections + " have expired");
        }
        return "| %,d | %d | %.1f | %.0f | %.0f | %.0f | %.0f | %.0f |"
                .formatted(
                        connections,
                        ((long) table.slots() * 64) >> 20,
                        setUpMillis,
                        insert,
                        lookup,
                        list,
                        expiry,
                        longest / 1e3);
    }

    private double perConnection(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (double) (System.nanoTime() - start) / connections;
    }

    private Endpoints client(int number) {
        return ends.setV4(6, 0x0b000000 + (number >>> 14), 0x0a010064)
                .setPorts(1024 + (number & 0x3fff), 80);
    }

    private void fill() {
        for (int i = 0; i < connections; i++) {
            int slot = table.insert(client(i), SERVER, 80, 0, 0);
            if (slot == ConnectionTable.NONE) {
                throw new AssertionError("no room for connection " + i);
            }
            wheel.schedule(slot, TIMEOUT_SECONDS, 0);
        }
    }

    /** As a worker does: touches the lines of a burst, then finds each; nanoseconds for one. */
    private double lookUp() {
        SplittableRandom random = new SplittableRandom(5);
        int[] burst = new int[BURST];
        int found = 0;
        long start = System.nanoTime();
        for (int done = 0; done < LOOKUPS; done += BURST) {
            for (int i = 0; i < BURST; i++) {
                burst[i] = random.nextInt(connections);
                long line = table.searchedLine(table.hash(client(burst[i])), 0);
                touched += ConnectionLine.flags(line);
            }
            for (int i = 0; i < BURST; i++) {
                found += table.findForward(client(burst[i])) == ConnectionTable.NONE ? 0 : 1;
            }
        }
        double nanos = (double) (System.nanoTime() - start) / LOOKUPS;
        if (found != LOOKUPS) {
            throw new AssertionError(found + " of " + LOOKUPS + " were found");
        }
        return nanos;
    }

    private void list() {
        try (PersistenceData none = new PersistenceData(1, 1)) {
            ConnectionReader reader = new ConnectionReader(table, none);
            int listed = 0;
            while (reader.next()) {
                listed++;
            }
            if (listed != connections) {
                throw new AssertionError(listed + " of " + connections + " were listed");
            }
        }
    }

    /** Lets all expire together; the longest that one cycle takes, in nanoseconds. */
    private long expire() {
        long longest = 0;
        int work = BUDGET;
        while (work > 0) {
            long start = System.nanoTime();
            work = wheel.advance(2 * TIMEOUT_SECONDS * 100, BUDGET, this::end);
            longest = Math.max(longest, System.nanoTime() - start);
        }
        return longest;
    }

    private void end(int slot) {
        table.remove(slot);
        expired++;
    }
}
