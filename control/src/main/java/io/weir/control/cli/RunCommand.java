package io.weir.control.cli;

import io.weir.control.daemon.Daemon;
import io.weir.control.daemon.DaemonOptions;
import io.weir.control.daemon.IoChoice;
import io.weir.control.daemon.OneLineFormatter;
import io.weir.control.daemon.WorkerPlan;
import io.weir.control.daemon.WorkerPriority;
import io.weir.dataplane.fragment.Reassembly;
import io.weir.dataplane.worker.WorkerOptions;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/** weir run: the daemon. */
@Command(
        name = "run",
        description = {
            "Balances the traffic of this network namespace until it is ended by SIGTERM or"
                    + " SIGINT.",
            "Prints one line when it is ready. ipvsadm changes and shows its rules."
        },
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "The configuration to run by, an lvs.cf; SIGHUP and weir reload read it again.")
    private @Nullable Path config;

    @Option(
            names = "--rules",
            paramLabel = "FILE",
            description = "Rules to start with, as ipvsadm-save prints them.")
    private @Nullable Path rules;

    @Option(
            names = "--sysctl",
            paramLabel = "FILE",
            description =
                    "Settings of net.ipv4.vs to start with, in the form of sysctl.conf; others in"
                            + " it are left to the kernel.")
    private @Nullable Path sysctl;

    @Option(
            names = "--marks",
            paramLabel = "FILE",
            description =
                    "Rules that give packets firewall marks: weir's own, as weir mark shows them,"
                            + " or what iptables-save prints.")
    private @Nullable Path marks;

    @Option(
            names = "--masquerade",
            paramLabel = "FILE",
            description =
                    "Rules that hide connections which real servers open behind an address: weir's"
                            + " own, as weir masquerade shows them, or what iptables-save prints.")
    private @Nullable Path masquerade;

    @Option(
            names = "--interface",
            paramLabel = "IF",
            description =
                    "An interface to capture; may be given several times. Without it, every"
                            + " Ethernet interface is captured.")
    private List<String> interfaces = new ArrayList<>();

    @Option(
            names = "--workers",
            paramLabel = "N",
            converter = WorkerCount.class,
            description =
                    "How many workers share the clients, each on a CPU of its own, or auto for one"
                            + " on each CPU. Default: ${DEFAULT-VALUE}.")
    private int workers = 1;

    @Option(
            names = "--cpus",
            paramLabel = "CPU",
            split = ",",
            description =
                    "The CPUs that the workers run on, as 2,3. Without it several workers have all"
                            + " CPUs that the process may use, and one runs anywhere.")
    private List<Integer> cpus = new ArrayList<>();

    @Option(
            names = "--worker-priority",
            paramLabel = "PRIORITY",
            description =
                    "What workers are to other threads: ${COMPLETION-CANDIDATES}. realtime lets"
                            + " packets wait for nobody on the worker's CPU, which costs others"
                            + " theirs; it needs CAP_SYS_NICE. Default: ${DEFAULT-VALUE}.")
    private WorkerPriority priority = WorkerPriority.NORMAL;

    @Option(
            names = "--io",
            paramLabel = "HOW",
            description =
                    "How frames are moved: ${COMPLETION-CANDIDATES}. What an interface cannot is"
                            + " done by afpacket; weir status says why. Default: ${DEFAULT-VALUE},"
                            + " which is afxdp for network cards and afpacket for virtual devices.")
    private IoChoice io = IoChoice.AUTO;

    @Option(
            names = "--connections",
            paramLabel = "N",
            description =
                    "The most connections and persistence templates; 107 to 213 bytes of memory"
                            + " each. Default: ${DEFAULT-VALUE}.")
    private int connections = WorkerOptions.DEFAULT_CONNECTIONS;

    @Option(
            names = "--fragmented-datagrams",
            paramLabel = "N",
            description =
                    "The most datagrams that wait for the rest of their fragments; 66 KiB of memory"
                            + " each. Default: ${DEFAULT-VALUE}.")
    private int fragmentedDatagrams = Reassembly.DEFAULT_DATAGRAMS;

    @Option(
            names = "--no-offload",
            description =
                    "Lets no established flow be forwarded inside the kernel; every packet comes to"
                            + " the worker.")
    private boolean noOffload;

    @Option(
            names = "--no-state",
            description =
                    "Begins without the connections and checks of the process before, and leaves"
                            + " none for the next.")
    private boolean noState;

    @Option(
            names = "--no-warm-up",
            description =
                    "Is ready up to 1.5 s sooner, but handles its first packets 10 to 100 times"
                            + " more slowly.")
    private boolean noWarmUp;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "Where to put the control socket, if not in its usual place.")
    private @Nullable Path socket;

    @Override
    public Integer call() throws CommandFailure, InterruptedException {
        if (connections < 1 || connections > 1 << 29) {
            throw new ParameterException(
                    spec.commandLine(), "--connections must be between 1 and " + (1 << 29));
        }
        if (fragmentedDatagrams < 1 || fragmentedDatagrams > Reassembly.MOST_DATAGRAMS) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--fragmented-datagrams must be between 1 and " + Reassembly.MOST_DATAGRAMS);
        }
        if (config != null && rules != null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--config and --rules cannot be combined; ipvsadm adds services to those of the"
                            + " configuration");
        }
        OneLineFormatter.install();
        DaemonOptions options =
                new DaemonOptions(
                        config,
                        rules,
                        marks,
                        masquerade,
                        sysctl,
                        Set.copyOf(interfaces),
                        plan(),
                        io,
                        !noOffload,
                        connections,
                        fragmentedDatagrams,
                        !noState,
                        !noWarmUp,
                        socket);
        Daemon daemon;
        try {
            daemon = Daemon.start(options, WeirCommand.version());
        } catch (IOException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(daemon), "weir-end"));
        spec.commandLine()
                .getOut()
                .println("weir " + WeirCommand.version() + ": " + daemon.summary());
        new CountDownLatch(1).await();
        return 0;
    }

    private WorkerPlan plan() throws CommandFailure {
        try {
            return WorkerPlan.of(workers, cpus, priority);
        } catch (IOException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** A number of workers; 0 stands for auto. */
    private static final class WorkerCount implements CommandLine.ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            if (text.equals("auto")) {
                return 0;
            }
            try {
                int number = Integer.parseInt(text);
                if (number > 0) {
                    return number;
                }
            } catch (NumberFormatException notANumber) {
                // said below
            }
            throw new CommandLine.TypeConversionException(
                    "'" + text + "' is neither a number of workers nor auto");
        }
    }

    // A signal makes the JVM run this and then end with 128 and the signal's number. Being asked to
    // end is no failure, so it ends here, with 0.
    private static void end(Daemon daemon) {
        daemon.close();
        Runtime.getRuntime().halt(0);
    }
}
