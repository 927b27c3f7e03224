package io.weir.control.ipvsadm;

import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.Timeouts;
import io.weir.dataplane.sync.SyncDaemonResult;

import java.io.IOException;
import java.util.List;

/** One run of a command with its input and outputs. */
final class CommandRun {
    private final Administration administration;
    private final Names names;
    private final String input;
    private final Appendable out;
    private final Appendable errors;

    CommandRun(
            Administration administration,
            Names names,
            String input,
            Appendable out,
            Appendable errors) {
        this.administration = administration;
        this.names = names;
        this.input = input;
        this.out = out;
        this.errors = errors;
    }

    /** Runs ipvsadm with these arguments; its exit code. */
    int run(List<String> arguments) throws IOException {
        try {
            return execute(arguments.isEmpty() ? List.of("-L") : arguments, false);
        } catch (UsageException e) {
            complain(e.text());
            return e.exitCode();
        }
    }

    private int execute(List<String> arguments, boolean insideRestore)
            throws IOException, UsageException {
        Invocation invocation;
        try {
            invocation = InvocationParser.parse(arguments, names);
        } catch (UsageException e) {
            if (e.endsRestore()) {
                throw e;
            }
            complain(e.text());
            return e.exitCode();
        }
        return switch (invocation.command()) {
            case HELP -> print(HelpText.TEXT);
            case VERSION -> print(HelpText.VERSION);
            case LIST -> list(invocation);
            case SAVE -> {
                new SaveFormat(names, invocation.has(Option.NUMERIC))
                        .write(administration.services(), out);
                yield 0;
            }
            case RESTORE -> restore(invocation, insideRestore);
            case START_DAEMON, STOP_DAEMON -> {
                SyncDaemonResult result = DaemonControl.apply(invocation, administration);
                yield result == SyncDaemonResult.DONE ? 0 : refuse(DaemonControl.refusal(result));
            }
            default -> change(invocation);
        };
    }

    private int print(String text) throws IOException {
        out.append(text);
        return 0;
    }

    private int refuse(String reason) throws IOException {
        complain(reason);
        return UsageException.FAILURE;
    }

    private void complain(String message) throws IOException {
        errors.append(message).append('\n');
    }

    private int change(Invocation invocation) throws IOException {
        RuleResult result = RuleChange.apply(invocation, administration);
        return result == RuleResult.DONE
                ? 0
                : refuse(RuleChange.refusal(invocation.command(), result));
    }

    private int list(Invocation invocation) throws IOException, UsageException {
        if (invocation.has(Option.CONNECTION)) {
            new ConnectionPrinter(invocation.options(), names, out).print(administration);
        } else if (invocation.service() != null) {
            ServiceListing service = administration.service(invocation.service());
            if (service == null) {
                throw UsageException.notFound("No such service");
            }
            new ServicePrinter(invocation.options(), names).printOne(service, out);
        } else if (invocation.has(Option.TIMEOUT)) {
            Timeouts timeouts = administration.timeouts();
            out.append("Timeout (tcp tcpfin udp): " + timeouts.tcp());
            out.append(" " + timeouts.tcpFin() + " " + timeouts.udp() + "\n");
        } else if (invocation.has(Option.DAEMON)) {
            DaemonControl.list(administration, out);
        } else {
            new ServicePrinter(invocation.options(), names)
                    .printAll(administration.services(), administration.connectionCapacity(), out);
        }
        return 0;
    }

    private int restore(Invocation invocation, boolean insideRestore)
            throws IOException, UsageException {
        if (insideRestore) {
            throw UsageException.hint();
        }
        if (invocation.has(Option.ATOMIC)) {
            return restoreAtOnce(false);
        }
        int exitCode = 0;
        for (String line : (Iterable<String>) input.lines()::iterator) {
            List<String> words = RestoreInput.words(line);
            if (!words.isEmpty()) {
                // A refused line does not stop ipvsadm, and the last one decides the exit code.
                exitCode = execute(words, true);
            }
        }
        return exitCode;
    }

    /**
     * Restores all lines or none.
     *
     * @param clearing whether the rules there are go
     */
    int restoreAtOnce(boolean clearing) throws IOException {
        try {
            RuleScript script = RuleScript.read("standard input", input, names);
            (clearing ? script.clearingFirst() : script).applyTo(administration);
            return 0;
        } catch (RuleScriptException e) {
            complain(e.text() + "; nothing was changed");
            return e.exitCode();
        }
    }
}
