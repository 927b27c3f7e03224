package io.weir.bench.live;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

final class ProcessorTimeTest {
    private static final long WORK_NANOS = 200_000_000;

    /** What a thread that runs has done since its processor's tick may be charged later. */
    private static final long TICK_NANOS = 10_000_000;

    @Test
    void workOfThisProcessCounts() throws Exception {
        List<Long> here = List.of(ProcessHandle.current().pid());
        long process = ProcessorTime.ofProcesses(here);
        long machine = ProcessorTime.ofMachine();
        long cpu = System.nanoTime();
        var threads = java.lang.management.ManagementFactory.getThreadMXBean();
        long own = threads.getCurrentThreadCpuTime();
        while (threads.getCurrentThreadCpuTime() - own < WORK_NANOS) {
            Thread.onSpinWait();
        }
        assertThat(ProcessorTime.ofProcesses(here) - process)
                .isBetween(
                        WORK_NANOS * 9 / 10,
                        (System.nanoTime() - cpu + TICK_NANOS)
                                * Runtime.getRuntime().availableProcessors());
        // Counted by ticks, in which other work may have been caught.
        assertThat(ProcessorTime.ofMachine() - machine).isGreaterThan(WORK_NANOS / 2);
    }

    @Test
    void aProcessThatIsNotThereUsedNothing() throws Exception {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();
        assertThat(ProcessorTime.ofProcesses(List.of(process.pid()))).isZero();
        assertThat(ProcessorTime.ofThreads(process.pid(), "")).isZero();
    }

    @Test
    void threadsAreToldByTheirNames() throws Exception {
        long pid = ProcessHandle.current().pid();
        assertThat(ProcessorTime.ofThreads(pid, "no such thread")).isZero();
        assertThat(ProcessorTime.ofThreads(pid, "")).isPositive();
    }
}
