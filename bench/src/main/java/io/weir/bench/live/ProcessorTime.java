package io.weir.bench.live;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the scheduler's statistics say about the time that threads had a processor, in nanoseconds.
 * Interrupts and softirqs that were done meanwhile are in it; time that the hypervisor took is too,
 * so that only values of one run compare.
 */
final class ProcessorTime {
    private static final Path PROC = Path.of("/proc");
    private static final long TICK_NANOS = 10_000_000;

    // user nice system idle iowait irq softirq steal (proc_stat(5))
    private static final int IDLE = 4;
    private static final int IOWAIT = 5;
    private static final int STEAL = 8;

    private ProcessorTime() {}

    /** Of processes and all of their children, since each of them began. */
    static long ofProcesses(List<Long> pids) throws IOException {
        long nanos = 0;
        for (long pid : pids) {
            for (long each : withChildren(pid)) {
                nanos += ofThreads(each, "");
            }
        }
        return nanos;
    }

    /** A process and all of its children. */
    static List<Long> withChildren(long pid) {
        return ProcessHandle.of(pid).stream()
                .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
                .map(ProcessHandle::pid)
                .toList();
    }

    /** Of the threads of one process whose name begins in a way. */
    static long ofThreads(long pid, String namePrefix) throws IOException {
        long nanos = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(PROC.resolve(pid + "/task"))) {
            for (Path task : tasks) {
                try {
                    if (Files.readString(task.resolve("comm")).startsWith(namePrefix)) {
                        String statistics = Files.readString(task.resolve("schedstat"));
                        nanos += Long.parseLong(statistics.substring(0, statistics.indexOf(' ')));
                    }
                } catch (NoSuchFileException e) {
                    // It has ended since the directory was read.
                }
            }
        } catch (NoSuchFileException e) {
            // So has the whole process.
        }
        return nanos;
    }

    /** The kernel's threads whose name begins in a way, such as napi/front. */
    static List<Long> kernelThreads(String namePrefix) throws IOException {
        List<Long> found = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                try {
                    if (Files.readString(process.resolve("comm")).startsWith(namePrefix)
                            && Files.readString(process.resolve("cmdline")).isEmpty()) {
                        found.add(Long.parseLong(process.getFileName().toString()));
                    }
                } catch (IOException e) {
                    // A process that has ended cannot be asked; the kernel says so in several ways.
                }
            }
        }
        return found;
    }

    /**
     * Of the whole machine: all time since a fixed moment but idling, waiting for disks and what
     * the hypervisor took, in steps of 10 ms. The kernel's own sums of busy time would leave out
     * soft interrupts on processors that are idle otherwise, whose tick is off.
     */
    static long ofMachine() throws IOException {
        return System.nanoTime() * Runtime.getRuntime().availableProcessors() - unused("cpu");
    }

    /** Of one processor, counted from 0, as of the machine. */
    static long ofProcessor(String number) throws IOException {
        return System.nanoTime() - unused("cpu" + number);
    }

    /** What the hypervisor took of all processors since a fixed moment, in steps of 10 ms. */
    static long stolen() throws IOException {
        return ticks("cpu", STEAL) * TICK_NANOS;
    }

    private static long unused(String processor) throws IOException {
        return ticks(processor, IDLE, IOWAIT, STEAL) * TICK_NANOS;
    }

    private static long ticks(String processor, int... of) throws IOException {
        for (String line : Files.readAllLines(PROC.resolve("stat"))) {
            String[] fields = line.split(" +", -1);
            if (fields[0].equals(processor)) {
                long ticks = 0;
                for (int field : of) {
                    ticks += Long.parseLong(fields[field]);
                }
                return ticks;
            }
        }
        throw new IOException("/proc/stat has no line " + processor);
    }
}
