package io.weir.control;

import io.weir.control.cli.WeirCommand;

import java.io.PrintWriter;

/** Entry point of the program {@code weir}. */
public final class Main {
    private Main() {}

    /**
     * Runs one command and ends the process with its exit code.
     *
     * @param args the command line after {@code weir}
     */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, System.out.charset());
        PrintWriter err = new PrintWriter(System.err, true, System.err.charset());
        System.exit(WeirCommand.commandLine(out, err).execute(args));
    }
}
