package io.weir.control.lab;

import io.weir.dataplane.sys.NetworkNamespace;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A {@code weir run} in a process and a network namespace of its own. Any thread. */
public final class DaemonProcess implements AutoCloseable {
    private static final long READY_SECONDS = 120;
    private static final long END_SECONDS = 5;
    private static final int LINES_KEPT = 200;
    private static final String READY = "control socket";

    private final NetworkNamespace namespace;
    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private final CompletableFuture<String> ready = new CompletableFuture<>();

    private DaemonProcess(NetworkNamespace namespace, Process process) {
        this.namespace = namespace;
        this.process = process;
    }

    /**
     * Starts a daemon and waits until it is ready.
     *
     * @param arguments of {@code weir run}
     * @throws LabException if it does not get ready; with what it said
     */
    public static DaemonProcess start(NetworkNamespace namespace, List<String> arguments)
            throws LabException {
        List<String> command = Program.daemon();
        command.addAll(List.of("-Xmx512m", "io.weir.control.Main", "run"));
        // A lab shows what weir does, not how fast; its machine may be busy with several of them.
        command.add("--no-warm-up");
        command.addAll(arguments);
        DaemonProcess daemon;
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(Namespaces.inside(namespace, command))
                            .redirectErrorStream(true);
            daemon = new DaemonProcess(namespace, builder.start());
        } catch (IOException e) {
            throw new LabException("cannot start a daemon: " + e.getMessage(), e);
        }
        Thread.ofPlatform().daemon().name("daemon-output").start(daemon::readOutput);
        daemon.awaitReady();
        return daemon;
    }

    private void readOutput() {
        try (BufferedReader output =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                keep(line);
                if (line.contains(READY)) {
                    ready.complete(line);
                }
            }
        } catch (IOException e) {
            keep("(no more output: " + e.getMessage() + ")");
        }
        keep("(ended with exit code " + process.onExit().join().exitValue() + ")");
        ready.completeExceptionally(new IOException("it ended"));
    }

    private synchronized void keep(String line) {
        if (lines.size() < LINES_KEPT) {
            lines.add(line);
        }
    }

    private void awaitReady() throws LabException {
        try {
            ready.get(READY_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            close();
            throw new LabException(
                    "weir run did not get ready in "
                            + namespace
                            + ": "
                            + String.join(" ", output()),
                    e);
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while weir run started", e);
        }
    }

    /** The line it printed when it was ready. */
    public String readyLine() {
        return ready.join();
    }

    /** What it has printed so far, its first {@value #LINES_KEPT} lines. */
    public synchronized List<String> output() {
        return List.copyOf(lines);
    }

    /**
     * Runs the thin client ipvsadm beside the daemon.
     *
     * @param input the command's standard input
     * @return what it printed
     * @throws LabException if it failed
     */
    public String ipvsadm(List<String> arguments, String input) throws LabException {
        List<String> command = Program.command();
        command.addAll(List.of("io.weir.control.client.IpvsadmClient", "ipvsadm"));
        command.addAll(arguments);
        return Namespaces.run(Namespaces.inside(namespace, command), input);
    }

    /**
     * Runs another command of weir beside the daemon, such as counters; returns what it printed.
     */
    public String weir(String... arguments) throws LabException {
        List<String> command = Program.command();
        command.add("io.weir.control.Main");
        command.addAll(List.of(arguments));
        return Namespaces.run(Namespaces.inside(namespace, command), "");
    }

    /** The process, to be signalled. */
    public Process process() {
        return process;
    }

    /** Ends it as an operator would, and with force if that does not help. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(END_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
