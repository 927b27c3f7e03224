package io.weir.control.lab.failover;

import io.weir.control.lab.DaemonProcess;
import io.weir.control.lab.LabException;
import io.weir.dataplane.sys.NetworkNamespace;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One of the two routers: a namespace, a configuration file, and a weir that runs or not. */
final class LabRouter implements AutoCloseable {
    private static final long END_SECONDS = 10;

    private final String name;
    private final NetworkNamespace namespace;
    private final Path configuration;
    private @Nullable DaemonProcess daemon;

    LabRouter(String name, NetworkNamespace namespace, Path configuration) {
        this.name = name;
        this.namespace = namespace;
        this.configuration = configuration;
    }

    String name() {
        return name;
    }

    boolean running() {
        DaemonProcess started = daemon;
        return started != null && started.process().isAlive();
    }

    /** Starts weir and waits until it is ready. */
    void start() throws LabException {
        daemon = DaemonProcess.start(namespace, List.of("--config", configuration.toString()));
    }

    /** Ends weir by signal 9. */
    void kill() throws LabException {
        DaemonProcess running = started();
        running.process().destroyForcibly();
        awaitEnd(running);
    }

    /** Ends weir as an operator does. */
    void stop() throws LabException {
        DaemonProcess running = started();
        running.process().destroy();
        awaitEnd(running);
    }

    private static void awaitEnd(DaemonProcess running) throws LabException {
        try {
            if (!running.process().waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                throw new LabException("weir does not end: " + String.join(" ", running.output()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while weir was to end", e);
        }
    }

    /** Runs a command of weir beside the daemon; returns what it printed. */
    String weir(String... arguments) throws LabException {
        return started().weir(arguments);
    }

    /** How many real servers are in service, of all services together. */
    long servers() throws LabException {
        return started()
                .ipvsadm(List.of("-L", "-n"), "")
                .lines()
                .filter(line -> line.matches(" +-> .* Masq +1 .*"))
                .count();
    }

    /** What it has printed. */
    List<String> output() throws LabException {
        return started().output();
    }

    private DaemonProcess started() throws LabException {
        DaemonProcess running = daemon;
        if (running == null) {
            throw new LabException(name + " has not been started");
        }
        return running;
    }

    @Override
    public void close() {
        DaemonProcess running = daemon;
        if (running != null) {
            running.close();
        }
    }
}
