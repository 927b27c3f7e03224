package io.weir.control.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/** weir doctor. */
@Command(
        name = "doctor",
        description = {
            "Looks for the usual mistakes: real servers that do not answer through this router or"
                    + " answer ARP for a virtual address, forwarding that is off, rp_filter, MTU,"
                    + " offloads, a partner that is not heard, the clock. Says how to mend each.",
            "Asks by ARP who has the virtual addresses, and changes nothing.",
            "Fails if there is a problem; warnings and notes are none."
        },
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    private static final String PROBLEM = "problem ";

    @Spec private CommandSpec spec = CommandSpec.create();

    @Mixin private SocketOption socket = new SocketOption();

    @Override
    public Integer call() throws CommandFailure {
        String findings = DaemonQuery.text(socket.path(), "GET", "/v1/doctor", null);
        spec.commandLine().getOut().print(findings);
        spec.commandLine().getOut().flush();
        return findings.lines().anyMatch(line -> line.startsWith(PROBLEM)) ? 1 : 0;
    }
}
