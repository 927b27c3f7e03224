package io.weir.control.ipvsadm;

import io.weir.dataplane.service.Administration;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Runs the commands ipvsadm, ipvsadm-save and ipvsadm-restore against an Administration, with the
 * output, the messages and the exit codes of ipvsadm 1.31.
 *
 * <p>Departures are additions: {@code -R --atomic} and {@code ipvsadm-restore --atomic} carry out
 * all lines or none, -S also writes thresholds.
 */
public final class Ipvsadm {
    private static final int SAVE_USAGE = 1;

    private final Administration administration;
    private final Names names;

    /**
     * An interpreter.
     *
     * @param names resolves names of hosts and ports; {@link Names#NONE} if only numbers are known
     */
    public Ipvsadm(Administration administration, Names names) {
        this.administration = administration;
        this.names = names;
    }

    /**
     * What a command printed and returned.
     *
     * @param exitCode 0 to 255
     */
    public record Outcome(int exitCode, String output, String errors) {}

    /** Runs ipvsadm with nothing on its standard input. */
    public Outcome run(List<String> arguments) {
        return run(arguments, "");
    }

    /** Runs ipvsadm and keeps what it prints. */
    public Outcome run(List<String> arguments, String input) {
        StringBuilder out = new StringBuilder();
        StringBuilder errors = new StringBuilder();
        try {
            int exitCode = run("ipvsadm", arguments, input, out, errors);
            return new Outcome(exitCode, out.toString(), errors.toString());
        } catch (IOException e) {
            throw new IllegalStateException("a StringBuilder does no I/O", e);
        }
    }

    /**
     * Runs a command.
     *
     * @param program ipvsadm, ipvsadm-save or ipvsadm-restore
     * @param arguments what follows the program's name
     * @param input its standard input
     * @param out takes its standard output piece by piece, a listing line by line
     * @param errors takes its standard error
     * @return its exit code
     * @throws IOException if one of the outputs throws it
     */
    public int run(
            String program, List<String> arguments, String input, Appendable out, Appendable errors)
            throws IOException {
        CommandRun run = new CommandRun(administration, names, input, out, errors);
        return switch (program) {
            case "ipvsadm" -> run.run(arguments);
            case "ipvsadm-save" -> save(run, arguments, errors);
            case "ipvsadm-restore" -> restore(arguments, input, out, errors);
            default -> throw new IllegalArgumentException("no command is called " + program);
        };
    }

    /** Runs a command with streams of UTF-8; see the other forms. */
    public int run(
            String program,
            List<String> arguments,
            InputStream input,
            OutputStream output,
            OutputStream errors)
            throws IOException {
        String text = new String(input.readAllBytes(), StandardCharsets.UTF_8);
        Writer out = new OutputStreamWriter(output, StandardCharsets.UTF_8);
        Writer err = new OutputStreamWriter(errors, StandardCharsets.UTF_8);
        int exitCode = run(program, arguments, text, out, err);
        out.flush();
        err.flush();
        return exitCode;
    }

    // The script looks only at words with a dash.
    private static int save(CommandRun run, List<String> arguments, Appendable errors)
            throws IOException {
        boolean numeric = false;
        for (String argument : arguments) {
            if (argument.equals("-n")) {
                numeric = true;
            } else if (argument.startsWith("-")) {
                errors.append(HelpText.SAVE_USAGE);
                return SAVE_USAGE;
            }
        }
        return run.run(numeric ? List.of("-S", "-n") : List.of("-S"));
    }

    private int restore(List<String> arguments, String input, Appendable out, Appendable errors)
            throws IOException {
        if (arguments.contains("--atomic")) {
            return new CommandRun(administration, names, input, out, errors).restoreAtOnce(true);
        }
        String rules = RestoreInput.withoutComments(input);
        CommandRun run = new CommandRun(administration, names, rules, out, errors);
        run.run(List.of("-C"));
        return run.run(List.of("-R"));
    }
}
