package io.weir.control.check.probe;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.weir.control.check.probe.ProbeRunner.Attempt;
import io.weir.dataplane.net.IpAddress;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs programs, each on a thread of its own; how many at once, others decide. */
final class ProgramPool implements AutoCloseable {
    // More than are ever asked for: one that is ended early needs its thread a moment longer.
    private static final int THREAD_LIMIT = 512;
    private static final long IDLE_SECONDS = 30;
    private static final long STOP_LIMIT_SECONDS = 2;

    private final ThreadPoolExecutor threads =
            new ThreadPoolExecutor(
                    0,
                    THREAD_LIMIT,
                    IDLE_SECONDS,
                    TimeUnit.SECONDS,
                    new SynchronousQueue<>(),
                    new DefaultThreadFactory("weir-program", true));

    /** How a program ended. */
    sealed interface End {
        /**
         * By itself, or by a signal.
         *
         * @param code its exit code; 128 and the signal's number for a signal
         * @param output what it printed, one byte a character, without the newline at the end
         */
        record Exit(int code, String output) implements End {}

        /** Not at all, since it could not be run. */
        record Refusal(IOException reason) implements End {}
    }

    /**
     * Runs a program.
     *
     * @param command the program and its arguments; {@code %h} and {@code %p} as whole arguments
     *     stand for address and port
     * @param ended hears on the loop how it ended
     * @return what kills it
     */
    Attempt run(
            List<String> command,
            IpAddress address,
            int port,
            EventLoop loop,
            Consumer<End> ended) {
        if (command.isEmpty()) {
            throw new IllegalArgumentException("no program");
        }
        List<String> arguments = command.stream().map(word -> word(word, address, port)).toList();
        Future<?> running =
                threads.submit(
                        () -> {
                            try {
                                End end = runToEnd(arguments);
                                loop.execute(() -> ended.accept(end));
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        return () -> running.cancel(true);
    }

    private static String word(String word, IpAddress address, int port) {
        return switch (word) {
            case "%h" -> address.toString();
            case "%p" -> Integer.toString(port);
            default -> word;
        };
    }

    private static End runToEnd(List<String> command) throws InterruptedException {
        try (ProgramProcess process = ProgramProcess.start(command)) {
            int code = process.await();
            return new End.Exit(code, process.output());
        } catch (IOException e) {
            return new End.Refusal(e);
        }
    }

    /** Kills what runs. */
    @Override
    public void close() {
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(STOP_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
