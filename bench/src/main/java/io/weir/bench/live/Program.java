package io.weir.bench.live;

import io.weir.control.lab.LabException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program that runs beside this one; {@link #close} ends it. */
final class Program implements AutoCloseable {
    private static final long START_MILLIS = 30_000;
    private static final long END_MILLIS = 3_000;
    private static final int TOLD_CHARACTERS = 300;

    private final String name;
    private final Process process;
    private final Path output;

    private Program(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
    }

    static Program start(List<String> command, Path output) throws IOException {
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        return new Program(output.getFileName().toString(), process, output);
    }

    /** Its process id; ip, sh -c exec and taskset become the program that they start. */
    long pid() {
        return process.pid();
    }

    /** What it has printed so far. */
    String output() throws IOException {
        return Files.readString(output);
    }

    /** Something that is true when a program is ready. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws IOException;
    }

    /**
     * Waits until it is ready.
     *
     * @throws LabException if it ends or does not get ready; with what it said
     */
    void await(Condition ready) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS);
        boolean alive = true;
        while (!ready.holds()) {
            if (!alive || System.nanoTime() > end) {
                throw failure("does not start");
            }
            Thread.sleep(10);
            // Before the next look: what it says last is seen even if it ends right after it.
            alive = process.isAlive();
        }
    }

    /**
     * Waits for its end and returns what it printed.
     *
     * @throws LabException if it fails or does not end; with what it said
     */
    String finish(long seconds) throws IOException, InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            throw failure("does not end");
        }
        if (process.exitValue() != 0) {
            throw failure("failed");
        }
        return output();
    }

    private LabException failure(String what) throws IOException {
        String said = output().strip().replace('\n', ' ');
        return new LabException(
                name
                        + " "
                        + what
                        + ": "
                        + said.substring(0, Math.min(said.length(), TOLD_CHARACTERS)));
    }

    @Override
    public void close() {
        List<ProcessHandle> all =
                Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
        all.forEach(ProcessHandle::destroy);
        try {
            if (!process.waitFor(END_MILLIS, TimeUnit.MILLISECONDS)) {
                all.forEach(ProcessHandle::destroyForcibly);
            }
        } catch (InterruptedException e) {
            all.forEach(ProcessHandle::destroyForcibly);
            Thread.currentThread().interrupt();
        }
    }
}
