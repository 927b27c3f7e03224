package io.weir.control.daemon;

import io.weir.control.api.ApiBackend;
import io.weir.control.api.ApiServer;
import io.weir.control.api.BalancerView;
import io.weir.control.api.CommandInterpreter;
import io.weir.control.check.ServerHealth;
import io.weir.control.client.ControlConnection;
import io.weir.control.client.ControlSocket;
import io.weir.control.handover.SavedState;
import io.weir.control.handover.StateFile;
import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.ipvsadm.Names;
import io.weir.control.ipvsadm.RuleScript;
import io.weir.control.ipvsadm.RuleScriptException;
import io.weir.control.ipvsadm.SystemNames;
import io.weir.control.mark.MarkEditor;
import io.weir.control.mark.MarkScript;
import io.weir.control.masquerade.MasqueradeEditor;
import io.weir.control.masquerade.MasqueradeScript;
import io.weir.control.sysctl.SysctlFile;
import io.weir.control.sysctl.SysctlScript;
import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.masquerade.MasqueradeTable;
import io.weir.dataplane.sys.NetworkNamespace;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * The one daemon of a network namespace: a live balancer and its control socket.
 *
 * <p>Started and closed by the main thread, or closed by the thread that ends the process.
 */
public final class Daemon implements AutoCloseable {
    private static final Logger LOG = System.getLogger("weir");

    private static final int EXIT_REFUSED = 255;
    private static final long RULES_LIMIT_BYTES = 64 << 20;
    private static final Path SERVICES = Path.of("/etc/services");
    private static final Duration RESOLVER_LIMIT = Duration.ofSeconds(2);

    private final NamespaceLock lock;
    private final SystemNames names;
    private final LiveBalancer balancer;
    private final @Nullable ConfiguredDaemon router;
    private final ApiServer api;
    private final Path socket;
    private final @Nullable StateFile state;

    private Daemon(
            NamespaceLock lock,
            SystemNames names,
            LiveBalancer balancer,
            @Nullable ConfiguredDaemon router,
            ApiServer api,
            Path socket,
            @Nullable StateFile state) {
        this.lock = lock;
        this.names = names;
        this.balancer = balancer;
        this.router = router;
        this.api = api;
        this.socket = socket;
        this.state = state;
    }

    /**
     * Starts balancing. When this returns, traffic is taken and the control socket answers.
     *
     * @param version weir's version, for clients to see
     * @throws IOException if something that is needed is missing; the message is one line for the
     *     operator, and nothing is left behind
     */
    public static Daemon start(DaemonOptions options, String version) throws IOException {
        SystemNames names = new SystemNames(SERVICES, RESOLVER_LIMIT, System::nanoTime);
        RuleScript rules = rules(options, names);
        SysctlScript settings = settings(options);
        MarkTable marks =
                RuleFile.read(
                        options.marks(),
                        "marks file",
                        MarkTable.EMPTY,
                        (source, text) -> new MarkTable(MarkScript.read(source, text, names)));
        MasqueradeTable masquerade =
                RuleFile.read(
                        options.masquerade(),
                        "masquerading file",
                        MasqueradeTable.EMPTY,
                        (source, text) -> MasqueradeScript.read(source, text, names));
        ConfiguredDaemon.Source configuration = ConfiguredDaemon.read(options.config(), names);
        Path directory = RuntimeDirectory.choose();
        NamespaceLock lock = NamespaceLock.acquire(directory);
        LiveBalancer balancer = null;
        ConfiguredDaemon router = null;
        // Half of the time until the daemon is ready goes into loading the server's classes.
        CompletableFuture<ApiServer> server = CompletableFuture.supplyAsync(ApiServer::create);
        try {
            balancer = LiveBalancer.open(options);
            settings.applyTo(balancer::setSysctl);
            apply(rules, marks, masquerade, balancer);
            StateFile file = stateFile(directory);
            SavedState left = options.keepsState() ? file.read() : SavedState.NONE;
            PacketPathWarmUp.before(balancer, options, configuration, left);
            balancer.start(left.connections());
            router = ConfiguredDaemon.start(configuration, balancer, left.health());
            // Whoever keeps the host from packets meanwhile waits for this.
            balancer.bindConnections(left.connections(), file::delete);
            Path socket = options.socket();
            if (socket == null) {
                socket = directory.resolve(ControlSocket.fileName());
            }
            server.join().serve(socket, backend(balancer, router, names, version));
            warmUp(socket);
            return new Daemon(
                    lock,
                    names,
                    balancer,
                    router,
                    server.join(),
                    socket,
                    options.keepsState() ? file : null);
        } catch (IOException | RuntimeException e) {
            server.join().close();
            if (router != null) {
                router.close();
            }
            if (balancer != null) {
                balancer.close();
            }
            lock.close();
            throw e;
        }
    }

    private static StateFile stateFile(Path directory) throws IOException {
        return new StateFile(directory, ControlSocket.namespaceInode(), NetworkNamespace.cookie());
    }

    // The first command would else wait for the classes that answer it.
    private static void warmUp(Path socket) {
        Runnable listing =
                () -> {
                    try (ControlConnection connection = ControlConnection.open(socket.toString())) {
                        connection.send("POST", "/v1/ipvsadm?arg=-L&arg=-n", "text/plain", null);
                        connection.response().transferTo(OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        LOG.log(Level.WARNING, "the control socket does not answer: " + e);
                    }
                };
        Thread.ofPlatform().daemon().name("weir-warm-up").start(listing);
    }

    private static SysctlScript settings(DaemonOptions options) throws IOException {
        Path file = options.sysctl();
        if (file == null) {
            return SysctlScript.empty();
        }
        SysctlScript settings = SysctlFile.read(file);
        if (settings.foreign() > 0) {
            LOG.log(Level.INFO, SysctlFile.foreignNote(file.toString(), settings));
        }
        return settings;
    }

    private static RuleScript rules(DaemonOptions options, Names names) throws IOException {
        Path file = options.rules();
        if (file == null) {
            return parse("no rules", "", names);
        }
        try {
            if (Files.size(file) > RULES_LIMIT_BYTES) {
                throw new IOException(
                        "rules file " + file + " is longer than " + RULES_LIMIT_BYTES + " bytes");
            }
            return parse(file.toString(), Files.readString(file), names);
        } catch (FileSystemException e) {
            String reason = e instanceof NoSuchFileException ? "does not exist" : e.getReason();
            throw new IOException("rules file " + file + " cannot be read: " + reason, e);
        } catch (CharacterCodingException e) {
            throw new IOException("rules file " + file + " is not text in UTF-8", e);
        }
    }

    private static RuleScript parse(String source, String text, Names names) throws IOException {
        try {
            return RuleScript.read(source, text, names);
        } catch (RuleScriptException e) {
            throw new IOException(e.text(), e);
        }
    }

    private static void apply(
            RuleScript rules, MarkTable marks, MasqueradeTable masquerade, LiveBalancer balancer)
            throws IOException {
        HostSteering steering = balancer.steering();
        try {
            balancer.setMarks(marks);
            balancer.setMasquerading(masquerade);
            steering.batch(
                    () -> {
                        rules.applyTo(balancer.administration());
                        return rules.size();
                    });
            steering.settle();
        } catch (RuleScriptException e) {
            throw new IOException(e.text(), e);
        } catch (SteeringException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static ApiBackend backend(
            LiveBalancer balancer, @Nullable ConfiguredDaemon router, Names names, String version)
            throws IOException {
        Ipvsadm ipvsadm = new Ipvsadm(balancer.administration(), names);
        return new ApiBackend(
                balancer.administration(),
                steered(ipvsadm::run, balancer.steering()),
                new MarkEditor(balancer, names),
                new MasqueradeEditor(balancer, names),
                balancer,
                router == null ? null : router.router(),
                version,
                ControlSocket.namespace(),
                Instant.now());
    }

    // The answer to a command means that its rules are in force, the host's part included.
    private static CommandInterpreter steered(
            CommandInterpreter interpreter, HostSteering steering) {
        return (program, arguments, input, output, errors) -> {
            int exitCode =
                    steering.batch(
                            () -> interpreter.run(program, arguments, input, output, errors));
            try {
                steering.settle();
                return exitCode;
            } catch (SteeringException e) {
                report(e, errors);
                return exitCode == 0 ? EXIT_REFUSED : exitCode;
            }
        };
    }

    private static void report(SteeringException refusal, OutputStream errors) throws IOException {
        errors.write(("weir: " + refusal.getMessage() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** What is balanced, where, and how to reach the daemon, on one line. */
    public String summary() {
        List<BalancerView.Port> ports = balancer.ports();
        int services = balancer.administration().services().size();
        return services
                + (services == 1 ? " service on " : " services on ")
                + (ports.isEmpty() ? "no interface yet" : interfaces(ports))
                + balancer.plan().summary()
                + ", control socket "
                + socket;
    }

    private static String interfaces(List<BalancerView.Port> ports) {
        Map<String, List<String>> byIo = new LinkedHashMap<>();
        for (BalancerView.Port port : ports) {
            byIo.computeIfAbsent(port.io(), io -> new ArrayList<>()).add(port.name());
        }
        return byIo.entrySet().stream()
                .map(of -> String.join(", ", of.getValue()) + " (" + of.getKey() + ")")
                .collect(Collectors.joining(", "));
    }

    /** Gives the traffic back to the host, or leaves it to the next process, and ends. */
    @Override
    public void close() {
        api.close();
        List<ServerHealth> health = List.of();
        if (router != null) {
            health = router.router().router().health();
            router.close();
        }
        if (state == null) {
            balancer.close();
        } else {
            balancer.handOver(state, health);
        }
        names.close();
        lock.close();
    }
}
