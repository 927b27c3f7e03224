package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.offload.FlowEnds;
import io.weir.dataplane.offload.FlowTable;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.CpuAffinity;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.SystemCallException;

import org.opentest4j.TestAbortedException;

import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The programs that forward flows, in the kernel, which runs frames through them; none is sent. */
final class FlowPrograms implements AutoCloseable {
    static final int REDIRECTED = 7; // TC_ACT_REDIRECT
    static final int REJECTED = 0;
    static final int LEFT = -1;
    static final int PASSED = 2; // XDP_PASS
    static final int REDIRECTED_BY_DRIVER = 4; // XDP_REDIRECT
    static final int LINK = 17;
    static final int LONGEST = 1400;

    /** Both programs have to run on the same processor, as they do for a frame that arrives. */
    private final ExecutorService processor = Executors.newSingleThreadExecutor();

    private final FlowMaps maps;
    private final FlowTable table;
    private final Descriptor finder;
    private final Descriptor forwarder;
    private final Descriptor driver;
    private int nextPlace;

    FlowPrograms(int bucketBits, long seed) throws SystemCallException {
        int cpu = CpuAffinity.allowed().getFirst();
        run(
                () -> {
                    CpuAffinity.pin(cpu);
                    return cpu;
                });
        maps = FlowMaps.open(bucketBits, seed, 1);
        table = maps.tables().getFirst();
        // As a program of another type: a test run gives a socket's filter no Ethernet header.
        BpfAssembler find = new BpfAssembler();
        FlowFilter.find(find, maps);
        finder = load(find);
        BpfAssembler forward = new BpfAssembler();
        FlowIngress.forward(forward, maps);
        forwarder = load(forward);
        BpfAssembler redirect = new BpfAssembler();
        FlowDriver.redirect(redirect, maps, 0);
        redirect.moveImmediate(BpfAssembler.R0, PASSED);
        redirect.exit();
        driver = Bpf.loadProgram(Bpf.PROGRAM_XDP, redirect.assemble(), "test");
    }

    private static Descriptor load(BpfAssembler code) throws SystemCallException {
        code.moveImmediate(BpfAssembler.R0, LEFT);
        code.exit();
        return Bpf.loadProgram(Bpf.PROGRAM_SCHED_CLS, code.assemble(), "test");
    }

    FlowTable table() {
        return table;
    }

    /** The number of the program that a packet socket has. */
    int finder() {
        return finder.number();
    }

    /** The number of the driver's program. */
    int driver() {
        return driver.number();
    }

    private static long mac(String text) {
        return Long.parseLong(text.replace(":", ""), 16);
    }

    /** Lets the kernel forward a flow; returns its place. */
    int open(TestFlow flow) {
        FlowEnds ends = flow.ends();
        int place = table.bucket(ends) + nextPlace++ % FlowTable.WAYS;
        table.putWayOut(place, ends, LINK, LONGEST, true);
        table.putEthernet(
                place,
                mac(TestFlow.SERVER_MAC),
                mac(TestFlow.OUT_MAC),
                ends.ipv6() ? 0x86dd : 0x0800);
        if (ends.translated()) {
            table.putTranslation(place, ends);
        }
        table.open(place, ends);
        return place;
    }

    private int run(Callable<Integer> program) {
        try {
            return processor.submit(program).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TestAbortedException aborted) {
                throw aborted;
            }
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    int find(byte[] frame) {
        return run(() -> Bpf.testRun(finder.number(), frame, "test"));
    }

    int forward(byte[] frame) {
        return run(() -> Bpf.testRunInPlace(forwarder.number(), frame, "test"));
    }

    /**
     * As {@link #forward}, for a frame of which hardware has made a sum, which has to stay right;
     * ends the test where the kernel knows no such frames.
     */
    int forwardSummed(byte[] frame) {
        return run(
                () -> {
                    try {
                        return Bpf.testRunSummed(forwarder.number(), frame, "test");
                    } catch (SystemCallException e) {
                        if (e.errno() == Errno.EINVAL) {
                            throw new TestAbortedException("only Linux 6.17 or later", e);
                        }
                        throw e;
                    }
                });
    }

    int redirect(byte[] frame) {
        return run(() -> Bpf.testRunInPlace(driver.number(), frame, "test"));
    }

    /** A frame is forwarded at the ingress, and again at the driver. */
    void isForwarded(byte[] frame, byte[] expected) {
        byte[] left = Arrays.copyOf(expected, frame.length);
        assertThat(find(frame)).as("of the filter").isEqualTo(REJECTED);
        byte[] changed = frame.clone();
        assertThat(forward(changed)).as("at the ingress").isEqualTo(REDIRECTED);
        assertThat(changed).isEqualTo(left);
        byte[] redirected = frame.clone();
        assertThat(redirect(redirected)).as("at the driver").isEqualTo(REDIRECTED_BY_DRIVER);
        assertThat(redirected).isEqualTo(left);
    }

    /** No program has anything to do with a frame. */
    void isLeft(byte[] frame) {
        assertThat(find(frame)).as("of the filter").isEqualTo(LEFT);
        byte[] same = frame.clone();
        assertThat(forward(same)).as("at the ingress").isEqualTo(LEFT);
        assertThat(same).isEqualTo(frame);
        assertThat(redirect(same)).as("at the driver").isEqualTo(PASSED);
        assertThat(same).isEqualTo(frame);
    }

    @Override
    public void close() {
        processor.close();
        driver.close();
        forwarder.close();
        finder.close();
        maps.close();
    }
}
