package io.weir.control.event;

import java.io.File;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Runs programs one after the other, in the order in which they were given, on a thread of its own.
 * Any thread.
 *
 * <p>At most {@value #WAITING} wait for their turn; what comes beyond that is logged, but not run.
 * A program that takes longer than its limit is killed with all that it has started; what one that
 * ends in time has started goes on.
 */
public final class ProgramQueue implements AutoCloseable {
    /** The most runs that wait. */
    public static final int WAITING = 256;

    private static final Logger LOG = System.getLogger("weir");
    private static final File NULL = new File("/dev/null");

    private record Run(List<String> command, String what) {}

    private final BlockingQueue<Run> waiting = new ArrayBlockingQueue<>(WAITING);
    private final Duration limit;
    private final Thread thread;
    private volatile boolean closed;
    private boolean full;
    private String missing = "";

    /**
     * Starts the thread.
     *
     * @param limit how long a program may take
     */
    public ProgramQueue(Duration limit) {
        this.limit = limit;
        this.thread = Thread.ofPlatform().daemon().name("weir-programs").start(this::work);
    }

    /**
     * Has a program run.
     *
     * @param command the program and its arguments
     * @param what what it is run for, for the log
     */
    public void run(List<String> command, String what) {
        enqueue(new Run(command, what));
    }

    private synchronized void enqueue(Run run) {
        if (waiting.offer(run)) {
            full = false;
        } else if (!full) {
            full = true;
            LOG.log(
                    Level.ERROR,
                    WAITING
                            + " programs wait already; "
                            + run.command.getFirst()
                            + " is not run for "
                            + run.what
                            + " and what follows until there is room");
        }
    }

    private void work() {
        while (!closed || !waiting.isEmpty()) {
            try {
                Run run = waiting.poll(100, TimeUnit.MILLISECONDS);
                if (run != null) {
                    run(run);
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void run(Run run) throws InterruptedException {
        String name = run.command.getFirst();
        Process process;
        try {
            process =
                    new ProcessBuilder(run.command)
                            .redirectInput(ProcessBuilder.Redirect.from(NULL))
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
        } catch (IOException e) {
            String trouble = "program " + name + " cannot be run: " + e.getMessage();
            if (!trouble.equals(missing)) {
                missing = trouble;
                LOG.log(Level.ERROR, trouble);
            }
            return;
        }
        missing = "";
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.log(
                        Level.ERROR,
                        "program "
                                + name
                                + " for "
                                + run.what
                                + " took longer than "
                                + limit.toMillis()
                                + " ms and is killed");
                process.descendants().forEach(ProcessHandle::destroyForcibly);
            } else if (process.exitValue() != 0) {
                LOG.log(
                        Level.WARNING,
                        "program "
                                + name
                                + " for "
                                + run.what
                                + " ended with exit code "
                                + process.exitValue());
            }
        } finally {
            process.destroyForcibly();
        }
    }

    /** Runs what waits, at most for as long as one program may take, and ends. */
    @Override
    public void close() {
        closed = true;
        try {
            thread.join(limit.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}
