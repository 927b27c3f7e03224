package io.weir.bench.stage;

import io.weir.dataplane.checksum.ChecksumUpdate;
import io.weir.dataplane.checksum.Crc32c;
import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Time for one checksum, over all bytes or by the difference. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class ChecksumBenchmark {
    static final int COUNT = 64;
    static final int HEADER_BYTES = 20;
    static final int SHORT_BYTES = 40;
    static final int LONG_BYTES = 1460;

    private static final int STRIDE = 1536;

    private final NativeBlock memory = new NativeBlock((long) COUNT * STRIDE);
    private final Crc32c crc = new Crc32c();
    private final int[] old = new int[COUNT];
    private final int[] changed = new int[COUNT];

    /** Fills the memory with random bytes. */
    @Setup
    public void setUp() {
        SplittableRandom random = new SplittableRandom(7);
        for (long at = 0; at < memory.bytes(); at += Long.BYTES) {
            Memory.putNativeLong(memory.address() + at, random.nextLong());
        }
        for (int i = 0; i < COUNT; i++) {
            old[i] = random.nextInt();
            changed[i] = random.nextInt();
        }
    }

    /** Frees the memory. */
    @TearDown
    public void tearDown() {
        memory.close();
    }

    long data(int index) {
        return memory.address() + (long) index * STRIDE;
    }

    /** The sum over an IPv4 header without options. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public int full20() {
        return full(HEADER_BYTES);
    }

    /** The sum over a short TCP segment. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public int full40() {
        return full(SHORT_BYTES);
    }

    /** The sum over a full TCP segment. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public int full1460() {
        return full(LONG_BYTES);
    }

    private int full(int bytes) {
        int result = 0;
        for (int i = 0; i < COUNT; i++) {
            result ^= InternetChecksum.complement(InternetChecksum.sum(data(i), bytes));
        }
        return result;
    }

    /** An update for another address and another port, as NAT needs it for TCP. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public int update() {
        int result = 0;
        for (int i = 0; i < COUNT; i++) {
            int checksum = ChecksumUpdate.replace32(old[i] & 0xffff, old[i], changed[i]);
            result ^= ChecksumUpdate.replace16(checksum, old[i] >>> 16, changed[i] >>> 16);
        }
        return result;
    }

    int old(int index) {
        return old[index];
    }

    int changed(int index) {
        return changed[index];
    }

    /** The CRC32c of an SCTP packet of 1460 bytes. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public int sctp1460() {
        int result = 0;
        for (int i = 0; i < COUNT; i++) {
            result ^= crc.sctp(data(i), LONG_BYTES);
        }
        return result;
    }
}
