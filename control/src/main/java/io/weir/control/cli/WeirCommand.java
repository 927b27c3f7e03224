package io.weir.control.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;

/**
 * The root command. Alone it has nothing to do: called without a subcommand it says so and shows
 * the usage.
 *
 * <p>Exit codes: 0 success, 1 the command failed, 2 the command line is wrong.
 */
@Command(
        name = "weir",
        description = "A layer-4 load balancer that replaces the Linux Virtual Server.",
        mixinStandardHelpOptions = true,
        versionProvider = WeirCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            RunCommand.class,
            CheckCommand.class,
            LabCommand.class,
            ReplayCommand.class,
            StatusCommand.class,
            DoctorCommand.class,
            EventsCommand.class,
            ReloadCommand.class,
            PushCommand.class,
            DrainCommand.class,
            CheckNowCommand.class,
            FailoverCommand.class,
            MaintenanceCommand.class,
            CountersCommand.class,
            MarkCommand.class,
            MasqueradeCommand.class,
            ProcCommand.class,
            SysctlCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:success", "1:the command failed", "2:the command line is wrong"})
public final class WeirCommand implements Runnable {
    @Spec private CommandSpec spec = CommandSpec.create();

    private WeirCommand() {}

    /**
     * The command line with all subcommands, ready to {@link CommandLine#execute}.
     *
     * @param out receives what the user asked for
     * @param err receives one-line errors, or the stack trace of a defect
     */
    public static CommandLine commandLine(PrintWriter out, PrintWriter err) {
        return new CommandLine(new WeirCommand())
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler(WeirCommand::usageError)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(WeirCommand::commandError);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    /** The version of the jar that holds this class. */
    static String version() {
        String version = WeirCommand.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }

    private static int usageError(ParameterException error, String[] args) {
        CommandLine command = error.getCommandLine();
        command.getErr()
                .println(
                        "weir: "
                                + firstLine(error.getMessage())
                                + "; see "
                                + command.getCommandSpec().qualifiedName()
                                + " --help");
        return ExitCode.USAGE;
    }

    private static int commandError(Exception error, CommandLine command, ParseResult parsed) {
        if (error instanceof CommandFailure) {
            command.getErr().println("weir: " + error.getMessage());
        } else {
            error.printStackTrace(command.getErr());
        }
        return ExitCode.SOFTWARE;
    }

    private static String firstLine(@Nullable String message) {
        return String.valueOf(message).lines().findFirst().orElse("");
    }

    /** Version of the jar that holds this class, and of the Java that runs it. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"weir " + version() + ", Java " + Runtime.version()};
        }
    }
}
