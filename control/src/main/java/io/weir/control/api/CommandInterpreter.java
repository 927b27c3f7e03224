package io.weir.control.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/** Runs commands of the ipvsadm family. May be called by several threads at once. */
@FunctionalInterface
public interface CommandInterpreter {
    /**
     * Runs one command.
     *
     * @param program ipvsadm, ipvsadm-save or ipvsadm-restore
     * @param arguments what follows the program's name
     * @param input its standard input
     * @param output its standard output
     * @param errors its standard error
     * @return its exit code
     * @throws IOException if the output's reader has gone
     */
    int run(
            String program,
            List<String> arguments,
            InputStream input,
            OutputStream output,
            OutputStream errors)
            throws IOException;
}
