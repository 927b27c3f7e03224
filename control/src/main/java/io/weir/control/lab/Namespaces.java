package io.weir.control.lab;

import io.weir.dataplane.sys.NetworkNamespace;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Network namespaces of this process, made with ip(8) and removed with everything in them by {@link
 * #close}, which runs at the end of the process if nobody called it.
 *
 * <p>Their names are KIND-PID-NUMBER-ROLE, so that those of a process that was killed are known.
 * Any thread.
 */
public final class Namespaces implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Path NAMED = Path.of("/run/netns");
    private static final long COMMAND_SECONDS = 20;
    private static final long END_MILLIS = 1500;

    private final String prefix;
    private final List<String> names = new ArrayList<>();
    private final Thread hook = new Thread(this::remove, "namespace-removal");
    private boolean closed;

    private Namespaces(String prefix) {
        this.prefix = prefix;
    }

    /**
     * Removes what killed processes have left behind, and gets ready.
     *
     * @param kind the beginning of all names
     * @throws LabException if there is no ip command; one line that says what to do
     */
    public static Namespaces open(String kind) throws LabException {
        removeLeftovers(kind);
        String prefix =
                kind + "-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet() + "-";
        Namespaces opened = new Namespaces(prefix);
        Runtime.getRuntime().addShutdownHook(opened.hook);
        return opened;
    }

    private static void removeLeftovers(String kind) throws LabException {
        Pattern ours = Pattern.compile(Pattern.quote(kind) + "-(\\d+)-\\d+-.*");
        List<String> left = new ArrayList<>();
        if (!Files.isDirectory(NAMED)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(NAMED)) {
            for (Path file : files) {
                Matcher name = ours.matcher(file.getFileName().toString());
                if (name.matches() && !isRunning(Long.parseLong(name.group(1)))) {
                    left.add(name.group());
                }
            }
        } catch (IOException e) {
            throw new LabException("cannot read " + NAMED + ": " + e.getMessage(), e);
        }
        for (String name : left) {
            remove(name);
        }
    }

    // A number given to another process meanwhile: only a Java process can be one of ours.
    private static boolean isRunning(long pid) {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .map(process -> process.info().command().orElse("").endsWith("java"))
                .orElse(false);
    }

    /** Makes a namespace whose loopback is up. */
    public synchronized NetworkNamespace add(String role) throws LabException {
        if (closed) {
            throw new LabException("the lab is being removed");
        }
        String name = prefix + role;
        names.add(name);
        run(List.of("ip", "netns", "add", name), "");
        NetworkNamespace added = NetworkNamespace.named(name);
        configure(added, "link set lo up");
        // A new namespace may inherit the host's choice; replies by another way are no spoofing
        // here.
        sysctl(added, "ipv4/conf/all/rp_filter", 0);
        sysctl(added, "ipv4/conf/default/rp_filter", 0);
        return added;
    }

    /** Joins two namespaces by a veth pair; both ends are still down. */
    public void veth(NetworkNamespace one, String link, NetworkNamespace other, String otherLink)
            throws LabException {
        veth(one, link, other, otherLink, 1);
    }

    /**
     * Joins two namespaces as {@link #veth(NetworkNamespace, String, NetworkNamespace, String)}.
     *
     * @param queues how many receive and transmit queues each end has
     */
    public void veth(
            NetworkNamespace one, String link, NetworkNamespace other, String otherLink, int queues)
            throws LabException {
        String number = String.valueOf(queues);
        List<String> both = List.of("numtxqueues", number, "numrxqueues", number);
        List<String> command = new ArrayList<>(List.of("ip", "link", "add", link));
        command.addAll(both);
        command.addAll(List.of("netns", one.toString(), "type", "veth"));
        command.addAll(List.of("peer", "name", otherLink));
        command.addAll(both);
        command.addAll(List.of("netns", other.toString()));
        run(command, "");
    }

    /** Carries out commands of ip(8) in a namespace, each without the word ip. */
    public void configure(NetworkNamespace namespace, String... commands) throws LabException {
        String input = String.join("\n", commands) + "\n";
        run(List.of("ip", "-n", namespace.toString(), "-batch", "-"), input);
    }

    /** Sets a variable of a namespace's /proc/sys/net. */
    public void sysctl(NetworkNamespace namespace, String path, int value) throws LabException {
        Path file = Path.of("/proc/sys/net", path);
        try {
            namespace.call(() -> Files.writeString(file, value + "\n"));
        } catch (IOException e) {
            throw new LabException("cannot write " + file + " in " + namespace + ": " + e, e);
        }
    }

    /** A command that will run inside a namespace. */
    public static List<String> inside(NetworkNamespace namespace, List<String> command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", namespace.toString()));
        whole.addAll(command);
        return whole;
    }

    /**
     * Runs a command to its end.
     *
     * @return what it printed
     * @throws LabException if it cannot be run, fails, or does not end
     */
    public static String run(List<String> command, String input) throws LabException {
        String line = String.join(" ", command);
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            try {
                process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
                process.getOutputStream().close();
                byte[] output = process.getInputStream().readAllBytes();
                if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
                    throw new LabException(line + " does not end");
                }
                String text = new String(output, StandardCharsets.UTF_8);
                if (process.exitValue() != 0) {
                    throw new LabException(line + " failed: " + text.strip().replace('\n', ' '));
                }
                return text;
            } finally {
                process.destroyForcibly();
            }
        } catch (LabException e) {
            throw e;
        } catch (IOException e) {
            throw new LabException(
                    "cannot run " + command.getFirst() + "; install it (iproute2)", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted during " + line, e);
        }
    }

    private synchronized void remove() {
        closed = true;
        for (String name : names) {
            try {
                if (Files.exists(NAMED.resolve(name))) {
                    remove(name);
                }
            } catch (LabException e) {
                System.err.println("weir: left behind: " + e.getMessage());
            }
        }
        names.clear();
    }

    // Processes keep a namespace alive that has no name any more.
    private static void remove(String name) throws LabException {
        List<ProcessHandle> inside =
                run(List.of("ip", "netns", "pids", name), "")
                        .lines()
                        .map(pid -> Long.parseLong(pid.strip()))
                        .filter(pid -> pid != ProcessHandle.current().pid())
                        .flatMap(pid -> ProcessHandle.of(pid).stream())
                        .toList();
        inside.forEach(ProcessHandle::destroy);
        for (ProcessHandle process : inside) {
            endOf(process);
        }
        run(List.of("ip", "netns", "del", name), "");
    }

    private static void endOf(ProcessHandle process) {
        try {
            process.onExit().get(END_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending, and the hook finds nothing left to do.
        }
    }
}
